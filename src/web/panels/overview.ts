// Where the map is, as a path of small pictures in a corner: the whole set, and then the islands
// that were passed on the way down, the last ones. Each is a button that goes there, and a ring
// marks where the view lies in it.
//
// The path follows from the place alone. The islands are those that dominate tiles around the view
// at parts of its zoom, so any visitor of a link sees the same ones, and their documents and
// pictures are shared by all views inside these tiles.
import type { TileAddress } from '../../plane/tile.ts'
import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { framed } from '../map/framing.ts'
import { nameOf } from '../map/labels.ts'
import type { Features, Island } from '../net/features.ts'
import { FetchFailure } from '../net/fetching.ts'
import { atZoom, coordinates, FRACTION, formatZoom, pixelsBetween, tileAt } from '../state/place.ts'
import { toScreen } from '../state/rotation.ts'
import { panelRoot } from '../ui/dom.ts'

// parts of the view's zoom at which islands are looked for: three of them fit a corner
const PARTS = [0.3, 0.5, 0.75]
// below this zoom the screen shows the whole set
const LEAST_ZOOM = 2.5
// the pictures, in CSS pixels, and the least zoom of one that the server renders
const SMALLEST = -8
const WIDTH = 72
const HEIGHT = 54

const WHOLE: Island = { re: '0', im: '0', period: 1, zoom: 0, angle: 0, kind: 'cardioid' }

export class Overview {
  readonly #controller: MapController
  readonly #features: Features
  readonly #root = panelRoot('overview')
  #on = false
  #asked = new AbortController()
  /** those that islands were asked of, and what came */
  #tiles = ''
  #islands = [WHOLE]
  /** what the pictures show */
  #shown = ''

  constructor(controller: MapController, features: Features) {
    this.#controller = controller
    this.#features = features
    controller.store.watch(['settled', 'plane', 'appearance'], () => void this.#update())
  }

  toggle(on: boolean): void {
    this.#on = on
    void this.#update()
  }

  async #update(): Promise<void> {
    const { settled, plane } = this.#controller.store.state
    const { place } = this.#controller.map
    const wanted = this.#on && !plane.julia && place.zoom >= LEAST_ZOOM
    this.#root.hidden = !wanted
    if (!wanted || !settled) return
    const tiles = PARTS.map((part) => tileAt(atZoom(place, Math.floor(place.zoom * part))))
    const asked = tiles.map(({ z, x, y }) => `${z}/${x}/${y}`).join()
    if (asked !== this.#tiles) {
      this.#tiles = asked
      this.#asked.abort()
      this.#asked = new AbortController()
      const { signal } = this.#asked
      try {
        this.#islands = [WHOLE, ...(await this.#passed(tiles, place.zoom, signal))]
      } catch (error) {
        if (signal.aborted) return
        // without an answer the corner keeps what it shows
        if (!(error instanceof FetchFailure)) throw error
      }
    }
    this.#show()
  }

  /** The islands on the way to a zoom in some tiles, the largest first. */
  async #passed(tiles: TileAddress[], zoom: number, signal: AbortSignal): Promise<Island[]> {
    const islands = await Promise.all(
      tiles.map(({ z, x, y }) => {
        const half = 1n << BigInt(FRACTION - 1)
        const middle = { zoom: z, x: (x << BigInt(FRACTION)) + half, y: (y << BigInt(FRACTION)) + half }
        return this.#features.island(coordinates(middle), z, signal)
      }),
    )
    const passed = islands.filter((island) => island && island.period > 1 && island.zoom < zoom) as Island[]
    return [...new Map(passed.map((island) => [island.period, island])).values()].sort((a, b) => a.zoom - b.zoom)
  }

  #show(): void {
    const { store, map, maxZoom } = this.#controller
    const islands = this.#islands
    const { place } = map
    const { palette, gradient } = store.state.appearance
    const shown = JSON.stringify([islands, palette, gradient])
    if (shown !== this.#shown) this.#root.replaceChildren(...islands.map((island) => this.#button(island)))
    this.#shown = shown
    islands.forEach((island, index) => {
      const ring = this.#root.children[index]!.querySelector<HTMLElement>('.here')!
      const frame = framed(island, { x: WIDTH, y: HEIGHT }, maxZoom, SMALLEST)
      const { x, y } = toScreen(pixelsBetween(frame.place, place), frame.rotation)
      ring.hidden = Math.abs(x) > WIDTH / 2 || Math.abs(y) > HEIGHT / 2
      ring.style.translate = `${x}px ${y}px`
    })
  }

  #button(island: Island): HTMLButtonElement {
    const { store, maxZoom, map } = this.#controller
    const { palette, gradient } = store.state.appearance
    const frame = framed(island, { x: WIDTH, y: HEIGHT }, maxZoom, SMALLEST)
    const query = new URLSearchParams({
      ...coordinates(frame.place),
      zoom: formatZoom(frame.place.zoom),
      rotation: String(frame.rotation),
      width: String(WIDTH),
      height: String(HEIGHT),
      aa: '2',
      ...(gradient ? { gradient } : { palette }),
    })
    const button = document.createElement('button')
    button.type = 'button'
    button.ariaLabel =
      island === WHOLE ? t('The whole set: go there') : t('{island}: go there', { island: nameOf(island) })
    button.title = button.ariaLabel
    const picture = new Image(WIDTH, HEIGHT)
    picture.alt = ''
    picture.src = `image.webp?${query}`
    const ring = document.createElement('span')
    ring.className = 'here'
    button.append(picture, ring)
    button.addEventListener('click', () => {
      if (island === WHOLE) return this.#controller.home()
      const { place, rotation } = framed(island, map.leaflet.getSize(), maxZoom)
      this.#controller.jump(place, undefined, rotation)
    })
    return button
  }
}
