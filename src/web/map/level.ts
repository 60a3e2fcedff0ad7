import { TILE_SIZE } from '../../plane/tile.ts'
import { FRACTION, levelOf, type Place, pixelsBetween, scaled } from '../state/place.ts'
import type { Point } from '../state/rotation.ts'
import type { Tile } from './tile.ts'
import type { TileSpot } from './tileplan.ts'

// The loaded tiles of one level. Tiles are counted from the level's first one, so that their
// numbers stay small.
//
// While the map moves, the level's element is moved and scaled as a whole. If tiles then end
// between two device pixels (at a fraction of a zoom, or of the browser's own zoom), the background
// shines through as hairlines. So at rest the tiles are laid out at their true size, and each
// picture is fitted to the nearest device pixels, which moves its edges by half of one at most.

/**
 * How tiles are laid out at rest, in device pixels: the level's corner on the screen, and a tile's
 * side.
 */
interface Grid {
  corner: Point
  side: number
}

/**
 * Browsers lay out in 64ths of a pixel (Gecko: 60ths of a CSS pixel). Lengths that layout need not
 * round add up exactly, so a picture has the same pixels whichever tile is the level's first.
 */
const LAYOUT_UNITS = 64

export class Level {
  readonly z: number
  readonly element = document.createElement('div')
  readonly #x: bigint
  readonly #y: bigint
  readonly #tiles = new Map<number, Tile>()
  #grid: Grid | undefined

  /** `first` is a tile in the middle of the screen. */
  constructor(first: TileSpot) {
    this.z = first.z
    this.#x = first.x
    this.#y = first.y
    this.element.className = 'mandel-level'
  }

  get tiles(): Iterable<Tile> {
    return this.#tiles.values()
  }

  get size(): number {
    return this.#tiles.size
  }

  tileAt({ x, y }: TileSpot): Tile | undefined {
    return this.#tiles.get(key(Number(x - this.#x), Number(y - this.#y)))
  }

  add(tile: Tile): void {
    this.#tiles.set(key(Number(tile.spot.x - this.#x), Number(tile.spot.y - this.#y)), tile)
    this.#layOut(tile)
    this.element.append(tile.element)
  }

  remove(tile: Tile): void {
    this.#tiles.delete(key(Number(tile.spot.x - this.#x), Number(tile.spot.y - this.#y)))
    tile.element.remove()
  }

  /**
   * Puts the level where it belongs when `place` is at the pixel `middle` of the map's pane. At
   * rest `screenMiddle` is that pixel on the screen.
   */
  moveTo(place: Place, middle: Point, screenMiddle?: Point): void {
    const first = { zoom: this.z, x: this.#x << BigInt(FRACTION), y: this.#y << BigInt(FRACTION) }
    const { x, y } = pixelsBetween(place, first)
    const scale = 2 ** (place.zoom - this.z)
    const corner = screenMiddle && devicePixels({ x: screenMiddle.x + x, y: screenMiddle.y + y })
    const grid = corner && { corner, side: TILE_SIZE * scale * devicePixelRatio }
    const fitted = grid !== undefined && !isWhole(grid)
    const [right, down] = fitted ? [toNearest(corner!.x), toNearest(corner!.y)] : [0, 0]
    const moved = `translate(${middle.x + x + right}px, ${middle.y + y + down}px)`
    const transform = fitted || scale === 1 ? moved : `${moved} scale(${scale})`
    if (this.element.style.transform !== transform) this.element.style.transform = transform
    this.#setGrid(fitted ? grid : undefined)
  }

  #setGrid(grid: Grid | undefined): void {
    const before = this.#grid
    this.#grid = grid
    if (grid?.side === before?.side && grid?.corner.x === before?.corner.x && grid?.corner.y === before?.corner.y)
      return
    for (const tile of this.#tiles.values()) this.#layOut(tile)
  }

  #layOut({ spot, element: { style } }: Tile): void {
    for (const [axis, side, index] of [
      ['left', 'width', Number(spot.x - this.#x)],
      ['top', 'height', Number(spot.y - this.#y)],
    ] as const) {
      if (this.#grid) {
        const { side: pixels, corner } = this.#grid
        const origin = axis === 'left' ? corner.x : corner.y
        const from = Math.round((origin + index * pixels) * LAYOUT_UNITS) / LAYOUT_UNITS
        const [start, end] = [Math.round(from), Math.round(origin + (index + 1) * pixels)]
        style[axis] = css(from - Math.round(origin))
        style[side] = css(pixels)
        style.setProperty(`--${axis}`, css(start - from))
        style.setProperty(`--${side}`, css(end - start))
      } else {
        style[axis] = `${index * TILE_SIZE}px`
        style[side] = ''
        style.removeProperty(`--${axis}`)
        style.removeProperty(`--${side}`)
      }
    }
  }

  /** Tells whether a tile is loaded at a point, given in CSS pixels from the place. */
  covers(place: Place): (right: number, down: number) => boolean {
    const levels = this.z - levelOf(place.zoom)
    const from = (fixed: bigint, first: bigint) =>
      Number(scaled(fixed, levels) - (first << BigInt(FRACTION))) / 2 ** FRACTION
    const [x, y] = [from(place.x, this.#x), from(place.y, this.#y)]
    const unit = 2 ** (this.z - place.zoom) / TILE_SIZE
    return (right, down) => this.#tiles.has(key(Math.floor(x + right * unit), Math.floor(y + down * unit)))
  }
}

function devicePixels({ x, y }: Point): Point {
  return { x: x * devicePixelRatio, y: y * devicePixelRatio }
}

/** The distance to the nearest device pixel, in CSS pixels. */
function toNearest(pixels: number): number {
  return (Math.round(pixels) - pixels) / devicePixelRatio
}

function css(pixels: number): string {
  return `${pixels / devicePixelRatio}px`
}

/** Do all tiles end where device pixels do? */
function isWhole({ corner, side }: Grid): boolean {
  return [corner.x, corner.y, side].every((pixels) => Math.abs(pixels - Math.round(pixels)) < 1e-6)
}

// columns and rows within 2^24 of the first tile
function key(column: number, row: number): number {
  return column * 2 ** 26 + row
}
