import { inPyramid, TILE_SIZE, type TileAddress } from '../../plane/tile.ts'
import type { LoadTracker } from '../net/loadtracker.ts'
import { appearanceQuery, type MapAppearance } from '../state/appearance.ts'
import { type Plane, tilePath } from '../state/plane.ts'
import { drawExterior } from './exterior.ts'
import { OriginLayer } from './origin.ts'
import { TileImage } from './tileimage.ts'

interface Tile {
  address: TileAddress
  /** undefined for a tile outside the pyramid, which the page draws itself */
  image?: TileImage
  /**
   * tells Leaflet that the first picture is shown; called once, because Leaflet fades the tile in
   */
  done: (() => void) | undefined
}

// Deeper than this an exterior tile is left blank: its differences leave the range of doubles.
const MAX_EXTERIOR_ZOOM = 1000

/** The tiles of a plane. When the appearance changes, they are replaced in place. */
export class TileLayer extends OriginLayer {
  readonly #loads: LoadTracker
  readonly #plane: Plane
  readonly #version: string
  readonly #byElement = new WeakMap<HTMLElement, Tile>()
  #appearance: MapAppearance

  constructor(loads: LoadTracker, plane: Plane, appearance: MapAppearance, maxZoom: number, version: string) {
    super({ maxZoom, minZoom: 0, tileSize: TILE_SIZE, keepBuffer: 1, updateWhenIdle: false })
    this.#loads = loads
    this.#plane = plane
    this.#version = version
    this.#appearance = appearance
    this.on('tileunload', ({ tile }) => this.#byElement.get(tile)?.image?.cancel())
  }

  /** Shows another appearance. Each tile keeps its old picture until the new one is loaded. */
  restyle(appearance: MapAppearance): void {
    this.#appearance = appearance
    for (const { element, current, drop } of this.tiles()) {
      if (current) this.#draw(element)
      else drop()
    }
  }

  /** Requests the tiles again that failed. */
  retry(): void {
    for (const { element } of this.tiles()) {
      if (this.#byElement.get(element)?.image?.failed) this.#draw(element)
    }
  }

  createAt(address: TileAddress, done: () => void): HTMLElement {
    const served = inPyramid(address.x, address.z) && inPyramid(address.y, address.z)
    const image = served ? new TileImage(this.#loads) : undefined
    const element = image?.element ?? document.createElement('canvas')
    element.dataset.tile = `${address.z}/${address.x}/${address.y}`
    this.#byElement.set(element, { address, done, ...(image && { image }) })
    this.#draw(element)
    return element
  }

  #draw(element: HTMLElement): void {
    const { address, image } = this.#byElement.get(element)!
    if (image) {
      void image.load(this.#url(address)).then((shown) => shown && this.#onShown(element))
      return
    }
    // a dozen of these in one task would delay the next frame, so each has a task of its own
    setTimeout(() => {
      if (!element.isConnected) return
      if (address.z <= MAX_EXTERIOR_ZOOM) {
        drawExterior(element as HTMLCanvasElement, address, TILE_SIZE * pixelRatio(), this.#appearance, this.#plane)
      }
      this.#onShown(element)
    })
  }

  #onShown(element: HTMLElement): void {
    const tile = this.#byElement.get(element)!
    tile.done?.()
    tile.done = undefined
  }

  // relative, so that the page works under any path and host name
  #url({ z, x, y }: TileAddress): string {
    const query = new URLSearchParams({ ...appearanceQuery(this.#appearance), v: this.#version })
    return `${tilePath(this.#plane)}/${z}/${x}/${y}${pixelRatio() === 2 ? '@2x' : ''}.png?${query}`
  }
}

function pixelRatio(): 1 | 2 {
  return devicePixelRatio > 1 ? 2 : 1
}
