// The periods of islands, written beside them on the map: a quiet layer that can be switched on.
//
// The zoom and the islands around it alone decide whether a label is shown: it must touch no label
// of a larger island, shown or not. Distances only grow when the map zooms in, and a tile that
// lists an island lists all larger ones too. So a label that has appeared stays at all deeper
// zooms. It is shown only once the tiles around it have been listed, so that no label disappears
// when its neighbour arrives.
import type { TileAddress } from '../../plane/tile.ts'
import { t } from '../language/t.ts'
import type { Features, Island } from '../net/features.ts'
import { FetchFailure } from '../net/fetching.ts'
import { placeOf, sizeAt } from '../net/islandfinder.ts'
import { atZoom, levelOf, movedBy, type Place, pixelsBetween, tileAt } from '../state/place.ts'
import { sidesAround, toScreen } from '../state/rotation.ts'
import { oncePerFrame } from '../ui/drawing.ts'
import type { MapController } from './controller.ts'

// the smallest island with a label, in zooms beyond the view's: 256/2^4.4 pixels. Tiles list
// islands down to 5 zooms beyond their own, which is at most half a zoom from the map's
const LEAST = 4.4

// The room that a label needs, in CSS pixels: its own width and height, the gap between two, and
// the possible change of its offset from the nucleus from zoom to zoom
const WIDTH = 58
const HEIGHT = 40

// lists that are kept, of about a kilobyte each
const KEPT = 400
// requests at a time, fewer than a browser has connections: pictures go first
const PARALLEL = 2

interface Label extends Island {
  at: Place
  /** where and how deep it was listed */
  level: number
}

export class IslandLabels {
  readonly #controller: MapController
  readonly #features: Features
  readonly #onClick: (island: Island) => void
  readonly #root = document.createElement('div')
  readonly #lists = new Map<string, Label[]>()
  readonly #shown = new Map<string, HTMLButtonElement>()
  readonly #schedule = oncePerFrame(() => this.#draw())
  #on = false
  #loading: AbortController | undefined
  /** the tiles that are being listed, or have been */
  #screen = ''

  constructor(controller: MapController, features: Features, onClick: (island: Island) => void) {
    this.#controller = controller
    this.#features = features
    this.#onClick = onClick
    this.#root.className = 'labels'
    this.#root.setAttribute('role', 'group')
    this.#root.ariaLabel = t('Islands and their periods')
    controller.map.leaflet.getContainer().append(this.#root)
    const follow = () => this.#on && this.#schedule()
    controller.map.leaflet.on('move zoom moveend', follow)
    controller.store.watch(['settled', 'plane'], follow)
  }

  toggle(on: boolean): void {
    this.#on = on
    this.#schedule()
  }

  #draw(): void {
    const { settled, plane } = this.#controller.store.state
    const on = this.#on && !plane.julia
    this.#place(on ? this.#visible() : [])
    if (on && settled) void this.#load()
    else this.#loading?.abort()
  }

  /** The tiles of a level that the screen meets, with room for a label around it. */
  #tiles(level: number): TileAddress[] {
    const { map } = this.#controller
    const { place, rotation } = map
    const sides = sidesAround(map.leaflet.getSize(), rotation)
    const corner = (side: number) =>
      tileAt(atZoom(movedBy(place, side * (sides.x / 2 + WIDTH), side * (sides.y / 2 + WIDTH)), level))
    return tilesBetween(corner(-1), corner(1))
  }

  async #load(): Promise<void> {
    const all = this.#tiles(levelOf(this.#controller.map.place.zoom))
    const screen = all.map(keyOf).join()
    if (screen === this.#screen && !this.#loading?.signal.aborted) return
    this.#loading?.abort()
    this.#screen = screen
    const wanted = all.filter((tile) => !this.#lists.has(keyOf(tile)))
    this.#loading = new AbortController()
    const { signal } = this.#loading
    const next = async (): Promise<void> => {
      for (let tile = wanted.shift(); tile; tile = wanted.shift()) {
        const { z } = tile
        const islands = await this.#features.islands(tile, signal)
        this.#lists.set(
          keyOf(tile),
          islands.map((island) => ({ ...island, at: placeOf(island, z), level: z })),
        )
        if (this.#lists.size > KEPT) this.#lists.delete(this.#lists.keys().next().value!)
        this.#schedule()
      }
    }
    try {
      await Promise.all(Array.from({ length: PARALLEL }, next))
    } catch (error) {
      // missing labels need no message: the next movement asks for them again
      if (!signal.aborted && !(error instanceof FetchFailure)) throw error
    }
  }

  /** The labels of the screen and where they are, in CSS pixels from the middle. */
  #visible(): { label: Label; x: number; y: number }[] {
    const { map } = this.#controller
    const { place, rotation } = map
    const sides = map.leaflet.getSize()
    const islands = new Map<string, Label>()
    for (let level = levelOf(place.zoom); level >= 0 && level > place.zoom - 8; level--) {
      for (const tile of this.#tiles(level)) {
        for (const label of this.#lists.get(keyOf(tile)) ?? []) {
          const key = idOf(label)
          if (!islands.has(key)) islands.set(key, label)
        }
      }
    }
    const placed = [...islands.values()]
      .filter(({ zoom }) => zoom <= place.zoom + LEAST)
      .map((label) => ({ label, ...toScreen(pixelsBetween(place, label.at), rotation) }))
      .sort((a, b) => a.label.zoom - b.label.zoom || (idOf(a.label) < idOf(b.label) ? -1 : 1))
    return placed.filter(({ label, x, y }, rank) => {
      if (Math.abs(x) > sides.x / 2 || Math.abs(y) > sides.y / 2) return false
      for (const larger of placed.slice(0, rank))
        if (Math.abs(larger.x - x) < WIDTH && Math.abs(larger.y - y) < HEIGHT) return false
      return this.#isComplete(label)
    })
  }

  /** Have all tiles been listed in which a larger island could take this label's room? */
  #isComplete({ at, zoom, level }: Label): boolean {
    const shown = this.#controller.map.place.zoom
    // a larger island is listed wherever this one is
    for (let z = level; z <= levelOf(shown); z++) {
      if (z + 5 < zoom) continue
      const around = atZoom(at, shown)
      const corner = (side: number) => tileAt(atZoom(movedBy(around, side * WIDTH, side * WIDTH), z))
      if (tilesBetween(corner(-1), corner(1)).every((tile) => this.#lists.has(keyOf(tile)))) return true
    }
    return false
  }

  #place(visible: { label: Label; x: number; y: number }[]): void {
    const { map } = this.#controller
    const size = map.leaflet.getSize()
    const gone = new Set(this.#shown.keys())
    for (const { label, x, y } of visible) {
      const key = idOf(label)
      gone.delete(key)
      const button = this.#shown.get(key) ?? this.#make(label, key)
      // beneath a small island, and in the middle of a large one
      const below = Math.max(0, 14 - sizeAt(label, map.place.zoom) / 4)
      button.style.translate = `calc(${(size.x / 2 + x).toFixed(1)}px - 50%) calc(${(size.y / 2 + y + below).toFixed(1)}px - 50%)`
    }
    for (const key of gone) {
      this.#shown.get(key)!.remove()
      this.#shown.delete(key)
    }
  }

  #make(island: Label, key: string): HTMLButtonElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = island.period.toLocaleString('en')
    button.dataset.island = key
    button.ariaLabel = nameOf(island)
    button.title = t('{island}: go there', { island: nameOf(island) })
    button.addEventListener('click', (event) => {
      event.stopPropagation()
      this.#onClick(island)
    })
    this.#root.append(button)
    this.#shown.set(key, button)
    return button
  }
}

/** An island's name. */
export function nameOf({ kind, period }: Pick<Island, 'kind' | 'period'>): string {
  const values = { period: period.toLocaleString('en') }
  return kind === 'cardioid' ? t('Island of period {period}', values) : t('Disc of period {period}', values)
}

function tilesBetween(from: TileAddress, to: TileAddress): TileAddress[] {
  const tiles: TileAddress[] = []
  const last = (1n << BigInt(from.z)) - 1n
  for (let x = clamp(from.x, last); x <= clamp(to.x, last); x++) {
    for (let y = clamp(from.y, last); y <= clamp(to.y, last); y++) tiles.push({ z: from.z, x, y })
  }
  return tiles
}

function clamp(value: bigint, most: bigint): bigint {
  return value < 0n ? 0n : value > most ? most : value
}

function keyOf({ z, x, y }: TileAddress): string {
  return `${z}/${x}/${y}`
}

// all tiles give an island the same digits but for the last ones
function idOf({ period, re, im, zoom }: Island): string {
  const digits = Math.ceil(zoom * Math.log10(2)) + 6
  return `${period} ${re.slice(0, digits)} ${im.slice(0, digits)}`
}
