import { inPyramid, TILE_SIZE, type TileAddress } from '../plane/tile.ts'
import { type Appearance, lookQuery } from './look.ts'
import { OriginLayer } from './origin.ts'
import { drawOutside } from './outside.ts'
import { Picture } from './picture.ts'
import { type Plane, tilePath } from './plane.ts'
import type { Traffic } from './traffic.ts'

interface Drawn {
  address: TileAddress
  /** undefined for a tile outside the pyramid, which the page draws itself */
  picture?: Picture
  /** tells Leaflet that the first picture is there, once: it would fade in again */
  done: (() => void) | undefined
}

// past here a tile outside is one colour whatever is computed: its differences leave the double's range
const DEEPEST_OUTSIDE = 1000

/** The tiles of a plane in one look; when the look changes they change their colours where they are. */
export class Tiles extends OriginLayer {
  readonly #traffic: Traffic
  readonly #plane: Plane
  readonly #version: string
  readonly #shade = new WeakMap<HTMLElement, Drawn>()
  #appearance: Appearance

  constructor(traffic: Traffic, plane: Plane, appearance: Appearance, maxZoom: number, version: string) {
    super({ maxZoom, minZoom: 0, tileSize: TILE_SIZE, keepBuffer: 1, updateWhenIdle: false })
    this.#traffic = traffic
    this.#plane = plane
    this.#version = version
    this.#appearance = appearance
    this.on('tileunload', ({ tile }) => this.#shade.get(tile)?.picture?.drop())
  }

  /** Shows another look: each tile keeps its old picture until the new one is there. */
  show(appearance: Appearance): void {
    this.#appearance = appearance
    for (const { element, current, drop } of this.tiles()) {
      if (current) this.#draw(element)
      else drop()
    }
  }

  /** Tries the tiles again that were given up. */
  retry(): void {
    for (const { element } of this.tiles()) {
      if (this.#shade.get(element)?.picture?.failed) this.#draw(element)
    }
  }

  createAt(address: TileAddress, done: () => void): HTMLElement {
    const served = inPyramid(address.x, address.z) && inPyramid(address.y, address.z)
    const picture = served ? new Picture(this.#traffic) : undefined
    const element = picture?.element ?? document.createElement('canvas')
    element.dataset.tile = `${address.z}/${address.x}/${address.y}`
    this.#shade.set(element, { address, done, ...(picture && { picture }) })
    this.#draw(element)
    return element
  }

  #draw(element: HTMLElement): void {
    const { address, picture } = this.#shade.get(element)!
    if (picture) {
      void picture.show(this.#url(address)).then((shown) => shown && this.#shown(element))
      return
    }
    // a dozen of these in one go would hold up the frame: each in its own turn
    setTimeout(() => {
      if (!element.isConnected) return
      if (address.z <= DEEPEST_OUTSIDE) {
        drawOutside(element as HTMLCanvasElement, address, TILE_SIZE * density(), this.#appearance, this.#plane)
      }
      this.#shown(element)
    })
  }

  #shown(element: HTMLElement): void {
    const shade = this.#shade.get(element)!
    shade.done?.()
    shade.done = undefined
  }

  // relative, so that the page works under any path and behind any name
  #url({ z, x, y }: TileAddress): string {
    const query = new URLSearchParams({ ...lookQuery(this.#appearance), v: this.#version })
    return `${tilePath(this.#plane)}/${z}/${x}/${y}${density() === 2 ? '@2x' : ''}.png?${query}`
  }
}

function density(): 1 | 2 {
  return devicePixelRatio > 1 ? 2 : 1
}
