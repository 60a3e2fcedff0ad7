import { TILE_SIZE } from '../../plane/tile.ts'
import { FRACTION, levelOf, type Place, pixelsBetween, scaled } from '../state/place.ts'
import type { Tile } from './tile.ts'
import type { TileSpot } from './tileplan.ts'

/**
 * The loaded tiles of one level, in an element that is moved and scaled as a whole. Tiles are
 * counted from the level's first one, so that their numbers stay small.
 */
export class Level {
  readonly z: number
  readonly element = document.createElement('div')
  readonly #x: bigint
  readonly #y: bigint
  readonly #tiles = new Map<number, Tile>()

  /** `first` is a tile in the middle of the screen. */
  constructor(first: TileSpot) {
    this.z = first.z
    this.#x = first.x
    this.#y = first.y
    this.element.className = 'level'
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
    const [column, row] = [Number(tile.spot.x - this.#x), Number(tile.spot.y - this.#y)]
    tile.element.style.left = `${column * TILE_SIZE}px`
    tile.element.style.top = `${row * TILE_SIZE}px`
    this.#tiles.set(key(column, row), tile)
    this.element.append(tile.element)
  }

  remove(tile: Tile): void {
    this.#tiles.delete(key(Number(tile.spot.x - this.#x), Number(tile.spot.y - this.#y)))
    tile.element.remove()
  }

  /** Puts the level where it belongs when `place` is at the pixel `middle` of the map's pane. */
  moveTo(place: Place, middle: { x: number; y: number }): void {
    const corner = { zoom: this.z, x: this.#x << BigInt(FRACTION), y: this.#y << BigInt(FRACTION) }
    const { x, y } = pixelsBetween(place, corner)
    const scale = 2 ** (place.zoom - this.z)
    const transform = `translate(${middle.x + x}px, ${middle.y + y}px)${scale === 1 ? '' : ` scale(${scale})`}`
    if (this.element.style.transform !== transform) this.element.style.transform = transform
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

// columns and rows within 2^24 of the first tile
function key(column: number, row: number): number {
  return column * 2 ** 26 + row
}
