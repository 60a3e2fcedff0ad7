// The tiles on the map. tileplan.ts says which are wanted, tileloader.ts loads them, tileset.ts
// lays them out. Loaded tiles stay as long as they may be seen, so that coarser or finer pictures
// replace missing ones. A jump to a place without any picture leaves the old one standing,
// darkened, until the new one is there.
import { isIndexed, paletteKey } from '../../colour/appearance.ts'
import type { Connection } from '../net/connection.ts'
import type { ServerInfo } from '../net/server.ts'
import type { TileRequest } from '../net/tilequeue.ts'
import type { MapAppearance } from '../state/appearance.ts'
import { imageQuery } from '../state/imagequery.ts'
import { levelOf, type Place } from '../state/place.ts'
import type { Plane } from '../state/plane.ts'
import { sidesAround } from '../state/rotation.ts'
import styles from '../styles/layer.css?inline'
import type { OriginMap } from './origin.ts'
import { type Preview, previewElement } from './preview.ts'
import { Recolouring } from './recolouring.ts'
import { StillPicture } from './stillpicture.ts'
import { Tile, type TileSource } from './tile.ts'
import { SHARP_AA, TileLoader } from './tileloader.ts'
import { planTiles, rangeOf, type TileSpot, type View, within } from './tileplan.ts'
import { type Screen, TileSet } from './tileset.ts'

// a sheet that a script adopts needs no permission from a page's policy
const sheet = new CSSStyleSheet()
sheet.replaceSync(styles)
document.adoptedStyleSheets.push(sheet)

export interface TileLayerOptions {
  plane: Plane
  appearance: MapAppearance
  server: Pick<ServerInfo, 'base' | 'version' | 'maxImageSide'>
  /** how deep the server goes in this plane */
  maxZoom: number
  connection: Connection
  /** where the movement of the map leads */
  destination: () => Place
  /** gets how many tiles the screen needs and how many were refused, and whether all is at rest */
  onLoading: (pending: number, failed: number, settled: boolean) => void
}

// Tiles that are kept for the way back, at one sample a pixel: a decoded one takes 256 KB.
const SPARE_TILES = 120

// while the map moves the plan is made anew at most this often, milliseconds
const REPLAN = 80

// as long as a tile fades in (map.css), the tiles under it stay visible, milliseconds
const FADE = 160

// a style that cannot be recoloured is requested when the colours have rested this long,
// milliseconds
const COLOURS_REST = 250

// antialiased tiles are requested when map and colours have rested this long, milliseconds
const SHARP_AFTER = 400

// from here on the screen counts as covered
const COVERED = 0.985

export class TileLayer {
  readonly #map: OriginMap
  readonly #options: TileLayerOptions
  readonly #loader: TileLoader
  readonly #recolouring: Recolouring
  #set = new TileSet()
  readonly #still: StillPicture
  #curtain: HTMLElement | undefined
  #appearance: MapAppearance
  /** the appearance whose tiles are loaded */
  #content: MapAppearance
  #restyled = 0
  #due = Number.POSITIVE_INFINITY
  #timer: number | undefined
  #ratio: MediaQueryList | undefined
  #plans = 0
  #planned = 0
  #changed = 0
  #shown = 0
  #moving = false
  #missing = { pending: 0, failed: 0 }
  #ended = false

  constructor(map: OriginMap, options: TileLayerOptions, curtain?: HTMLElement) {
    this.#map = map
    this.#options = options
    this.#appearance = options.appearance
    this.#content = options.appearance
    const { plane, server, connection } = options
    this.#loader = new TileLoader(plane, server, connection, {
      show: (spot, source, contentKey) => this.#show(spot, source, contentKey),
      sharpen: async (spot, file) => this.#set.tileAt(spot)?.sharpen(file),
      refused: () => this.#schedule(0),
    })
    this.#recolouring = new Recolouring(
      () => ({ appearance: this.#appearance, key: paletteKey(this.#appearance) }),
      () => this.#bySight(),
      () => this.#schedule(0),
    )
    this.#curtain = curtain
    this.#still = new StillPicture(this.#pane)
    this.#pane.append(...(curtain ? [curtain] : []), this.#set.element)
    map.leaflet.on('movestart', this.#onStart)
    map.leaflet.on('zoom move viewreset', this.#onMove)
    map.leaflet.on('moveend resize', this.#onRest)
    this.#watchPixelRatio()
    this.#onRest()
  }

  /**
   * Removes the layer and cancels what it has requested. Its picture stays as a curtain for the
   * next one.
   */
  remove(): HTMLElement {
    this.#ended = true
    this.#map.leaflet.off('movestart', this.#onStart)
    this.#map.leaflet.off('zoom move viewreset', this.#onMove)
    this.#map.leaflet.off('moveend resize', this.#onRest)
    this.#ratio?.removeEventListener('change', this.#onRatio)
    clearTimeout(this.#timer)
    this.#loader.end()
    this.#curtain?.remove()
    this.#still.clear()
    return this.#asCurtain()
  }

  /**
   * The map is about to jump: where nothing is loaded for the new place, the picture stays as a
   * curtain, under a preview of the place if there is one.
   */
  beforeJump(place: Place, preview?: Preview): void {
    if (this.coverage(place) >= COVERED) return
    this.#curtain?.remove()
    const curtain = document.createElement('div')
    curtain.append(this.#asCurtain())
    this.#curtain = curtain
    this.#set = new TileSet()
    this.#pane.append(curtain, this.#set.element)
    if (!preview) return
    // a preview that cannot be loaded is omitted
    previewElement(preview, this.#map.leaflet.getSize()).then(
      (picture) => curtain.append(picture),
      () => {},
    )
  }

  /** Shows another appearance. Each tile keeps its old picture until the new one is there. */
  restyle(appearance: MapAppearance): void {
    this.#still.clear()
    this.#appearance = appearance
    this.#changed = performance.now()
    this.#report(false)
    this.#recolouring.start()
    this.#restyled = this.#changed
    this.#schedule(0)
  }

  /** Requests the tiles again that were refused. */
  retry(): void {
    this.#loader.retry()
    this.#schedule(0)
  }

  /**
   * Sends requests when the connection allows it again; `restart` resends those in flight.
   */
  resume(restart: boolean): void {
    this.#loader.resume(restart)
    this.#schedule(0)
  }

  /** The part of the screen, 0 to 1, that loaded pictures cover when the map shows a place. */
  coverage(place: Place): number {
    return this.#set.coverage({ ...this.#screen, place })
  }

  #onStart = () => {
    this.#moving = true
    this.#set.element.classList.add('mandel-moving')
    this.#report(false)
  }

  #onMove = () => {
    this.#still.clear()
    this.#changed = performance.now()
    this.#arrange()
    this.#schedule(REPLAN - (performance.now() - this.#planned))
  }

  #onRest = () => {
    this.#moving = false
    this.#set.element.classList.remove('mandel-moving')
    this.#changed = performance.now()
    this.#arrange()
    this.#schedule(0)
  }

  #onRatio = () => {
    this.#watchPixelRatio()
    this.#onRest()
  }

  // the browser's zoom, or another screen: tiles of the other size are needed
  #watchPixelRatio(): void {
    this.#ratio?.removeEventListener('change', this.#onRatio)
    this.#ratio = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
    this.#ratio.addEventListener('change', this.#onRatio)
  }

  // an earlier timer stays, because every plan sets the next one that it needs
  #schedule(delay: number): void {
    const due = performance.now() + Math.max(0, delay)
    if (this.#ended || due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    this.#timer = window.setTimeout(() => this.#plan(), Math.max(0, delay))
  }

  #plan(): void {
    this.#due = Number.POSITIVE_INFINITY
    const now = performance.now()
    // a style that cannot be recoloured is requested once, at the end of a change of its colours
    const wait = this.#restyled + COLOURS_REST - now
    if (wait <= 0 || !sameStyle(this.#content, this.#appearance)) this.#content = this.#appearance
    else this.#schedule(wait)
    this.#planned = now
    this.#plans++
    const view = this.#view
    const moving = this.#moving
    const plan = planTiles(view, { ...view, place: this.#options.destination() }, !moving)
    this.#missing = this.#loader.load(
      plan,
      this.#content,
      (spot) => this.#set.tileAt(spot),
      !moving && now - this.#changed >= SHARP_AFTER && now - this.#shown >= FADE,
      () => this.#sharperPicture(),
    )
    this.#prune(
      plan.map(({ spot }) => spot),
      view,
    )
    this.#arrange()
    const complete = !moving && this.#missing.pending === 0
    this.#report(complete && now - this.#shown >= FADE && !this.#recolouring.running)
    if (complete) this.#schedulePolish(now)
  }

  /**
   * The requests for a picture sharper than the tiles of a rotated screen; undefined if the tiles
   * are as sharp.
   */
  #sharperPicture(): TileRequest[] | undefined {
    const { plane, server, maxZoom } = this.#options
    const { place, size, rotation } = this.#screen
    const { x: width, y: height } = size
    if (rotation === 0 || plane.julia || Math.max(width, height) > server.maxImageSide) return undefined
    const query = imageQuery({
      place,
      rotation,
      appearance: this.#content,
      width,
      height,
      zooms: 0,
      maxZoom,
      aa: SHARP_AA,
    })
    return this.#still.requests(
      `${server.base}image.png?${query}&v=${server.version}`,
      this.#map.leaflet.containerPointToLayerPoint([0, 0]),
    )
  }

  #report(settled: boolean): void {
    this.#options.onLoading(this.#missing.pending, this.#missing.failed, settled)
  }

  // what follows when the screen is complete: hidden levels, then antialiased tiles
  #schedulePolish(now: number): void {
    const due = [this.#shown + FADE, this.#changed + SHARP_AFTER].filter((time) => time > now)
    if (due.length > 0) this.#schedule(Math.min(...due) - now + 1)
  }

  #arrange(): void {
    const { place } = this.#map
    const middle = this.#map.leaflet.containerPointToLayerPoint(this.#map.leaflet.getSize().divideBy(2))
    this.#set.arrange(this.#screen, middle, performance.now() - this.#shown >= FADE, !this.#moving)
    if (this.#curtain && this.coverage(place) >= COVERED) {
      this.#curtain.remove()
      this.#curtain = undefined
    }
  }

  async #show(spot: TileSpot, source: TileSource, contentKey: string): Promise<void> {
    const set = this.#set
    const appearance = this.#appearance
    const tile = set.tileAt(spot) ?? new Tile(spot)
    const exchange = await tile.prepare(source, contentKey, appearance, paletteKey(appearance))
    if (this.#ended || set !== this.#set) return
    exchange()
    const other = set.tileAt(spot)
    if (other !== tile) {
      if (other) set.remove(other)
      tile.wanted = this.#plans
      set.add(tile)
      this.#shown = performance.now()
    }
    if (appearance !== this.#appearance) this.#recolouring.start()
    this.#arrange()
    this.#schedule(0)
  }

  /** Removes tiles that are neither planned nor visible, except those that were wanted last. */
  #prune(planned: TileSpot[], view: View): void {
    for (const spot of planned) {
      const tile = this.#set.tileAt(spot)
      if (tile) tile.wanted = this.#plans
    }
    const spare = [...this.#set.all()].filter(({ wanted }) => wanted !== this.#plans)
    const unseen = spare.filter(({ spot }) => !within(spot, rangeOf(view, spot.z)))
    unseen.sort((a, b) => b.wanted - a.wanted)
    for (const tile of unseen.slice(SPARE_TILES)) this.#set.remove(tile)
  }

  #bySight(): { visible: Tile[]; hidden: Tile[] } {
    const view = this.#view
    const level = levelOf(view.place.zoom)
    const tiles = [...this.#set.all()]
    const seen = ({ spot }: Tile) => Math.abs(spot.z - level) <= 2 && within(spot, rangeOf(view, spot.z))
    return { visible: tiles.filter(seen), hidden: tiles.filter((tile) => !seen(tile)) }
  }

  get #screen(): Screen {
    const { place, rotation } = this.#map
    return { place, size: this.#map.leaflet.getSize(), rotation }
  }

  get #view(): View {
    const { place, size, rotation } = this.#screen
    const { x: width, y: height } = sidesAround(size, rotation)
    return { place, width, height }
  }

  get #pane(): HTMLElement {
    return this.#map.leaflet.getPane('tilePane')!
  }

  // a jump moves the map's pane back to its start, so what stays must be moved as much
  #asCurtain(): HTMLElement {
    const { element } = this.#set
    const { x, y } = this.#map.leaflet.layerPointToContainerPoint([0, 0])
    element.style.transform = `translate(${x}px, ${y}px) ${element.style.transform}`
    element.className = 'mandel-curtain'
    return element
  }
}

function sameStyle(a: MapAppearance, b: MapAppearance): boolean {
  return a.style === b.style && a.limit === b.limit && !isIndexed(b)
}
