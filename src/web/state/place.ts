import { type Decimal, fromFixed, toFixed } from '../../plane/decimal.ts'
import { SPAN, TILE_SIZE, type TileAddress } from '../../plane/tile.ts'
import { type Coordinates, MANDELBROT } from './plane.ts'

/**
 * An exact centre and its zoom. The zoom may have a fraction; the tiles that show it are those of
 * its level, the nearest whole zoom. x and y are counted in tiles of that level from the top left
 * corner of the pyramid. They are fixed-point numbers with FRACTION fractional bits.
 */
export interface Place {
  zoom: number
  x: bigint
  y: bigint
}

// A pixel is 8 bits of a tile. 40 more keep a thousand roundings below a billionth of a pixel.
export const FRACTION = 48

/** One CSS pixel in a place's units, where its zoom is whole. */
export const PIXEL = 2 ** FRACTION / TILE_SIZE

/** The level of tiles that shows a zoom: these are scaled by 0.71 to 1.41. */
export function levelOf(zoom: number): number {
  return Math.round(zoom)
}

/** The same point at another zoom. */
export function atZoom({ zoom, x, y }: Place, to: number): Place {
  const levels = levelOf(to) - levelOf(zoom)
  return { zoom: to, x: scaled(x, levels), y: scaled(y, levels) }
}

/** The place this many CSS pixels to the right and down. */
export function movedBy({ zoom, x, y }: Place, right: number, down: number): Place {
  const pixel = PIXEL * 2 ** (levelOf(zoom) - zoom)
  return { zoom, x: x + BigInt(Math.round(right * pixel)), y: y + BigInt(Math.round(down * pixel)) }
}

/** How far `to` lies to the right of and below `from`, in CSS pixels at the zoom of `from`. */
export function pixelsBetween(from: Place, to: Place): { x: number; y: number } {
  const there = atZoom(to, from.zoom)
  const pixel = PIXEL * 2 ** (levelOf(from.zoom) - from.zoom)
  return { x: Number(there.x - from.x) / pixel, y: Number(there.y - from.y) / pixel }
}

/** A fixed-point number of tiles, in tiles that are this many levels deeper. */
export function scaled(tiles: bigint, levels: number): bigint {
  return levels >= 0 ? tiles << BigInt(levels) : tiles >> BigInt(-levels)
}

/** The place at a point of the plane, rounded to the last fractional bit. */
export function placeAt(re: Decimal, im: Decimal, zoom: number, plane = MANDELBROT): Place {
  const bits = levelOf(zoom) + FRACTION
  const { left2, top2, span } = plane
  // re = left + span x and im = top - span y, with x and y in sides of the pyramid
  return {
    zoom,
    x: (2n * toFixed(re, bits) - (left2 << BigInt(bits))) / (2n * span),
    y: ((top2 << BigInt(bits)) - 2n * toFixed(im, bits)) / (2n * span),
  }
}

/**
 * The centre as decimals that end below an eighth of a pixel: enough to come back to the same
 * picture.
 */
export function coordinates({ zoom, x, y }: Place, plane = MANDELBROT): Coordinates {
  const bits = levelOf(zoom) + FRACTION
  const { left2, top2, span } = plane
  const places = digitsAt(zoom)
  return {
    re: fromFixed(2n * span * x + (left2 << BigInt(bits)), bits + 1, places),
    im: fromFixed((top2 << BigInt(bits)) - 2n * span * y, bits + 1, places),
  }
}

/**
 * The number of fractional digits whose last one is worth less than an eighth of a pixel:
 * 10^-n < 3 / (256 · 8 · 2^zoom). A Julia set's pixel is a third wider.
 */
export function digitsAt(zoom: number): number {
  return Math.ceil(zoom * Math.log10(2) + Math.log10((8 * TILE_SIZE) / SPAN))
}

/** The tile under a place, of the place's level. */
export function tileAt({ zoom, x, y }: Place): TileAddress {
  return { z: levelOf(zoom), x: x >> BigInt(FRACTION), y: y >> BigInt(FRACTION) }
}

/** The pixel of that tile: column and row, 0 to 255. */
export function pixelAt({ x, y }: Place): [column: number, row: number] {
  const pixel = (fixed: bigint) => Number(BigInt.asUintN(FRACTION, fixed) >> BigInt(FRACTION - Math.log2(TILE_SIZE)))
  return [pixel(x), pixel(y)]
}

/**
 * The nearest centre inside the pyramid, so that no visitor gets lost in the empty plane outside.
 */
export function clampToPyramid(place: Place): Place {
  const side = 1n << BigInt(levelOf(place.zoom) + FRACTION)
  const clamp = (value: bigint) => (value < 0n ? 0n : value > side ? side : value)
  return { zoom: place.zoom, x: clamp(place.x), y: clamp(place.y) }
}

/** The magnification relative to zoom 0, 2^zoom, as `mantissa · 10^exponent`. */
export function magnification(zoom: number): { mantissa: string; exponent: number } {
  const log10 = zoom * Math.log10(2)
  const exponent = Math.floor(log10)
  return { mantissa: (10 ** (log10 - exponent)).toFixed(1), exponent }
}

/** The magnification as a plain number, where that is easier to read than a power: below 10^4. */
export function plainMagnification(zoom: number): string | undefined {
  if (magnification(zoom).exponent >= 4) return undefined
  return String(Number((2 ** zoom).toFixed(zoom < 4 ? 1 : 0)))
}

/** A zoom in a link and on the page: at most two fractional digits. */
export function formatZoom(zoom: number): string {
  return String(Number(zoom.toFixed(2)))
}
