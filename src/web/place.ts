import { type Decimal, fromFixed, toFixed } from '../plane/decimal.ts'
import { SPAN, TILE_SIZE } from '../plane/tile.ts'
import { MANDELBROT, type Point } from './plane.ts'

/**
 * An exact centre and its zoom. x and y are counted in tiles of that zoom, from the top left corner of the pyramid, as
 * fixed point with FRACTION bits behind the point, so that a place costs as many bits as its zoom needs.
 */
export interface Place {
  zoom: number
  x: bigint
  y: bigint
}

// a pixel is 8 bits of a tile; 40 more keep a thousand careless roundings below a billionth of a pixel
export const FRACTION = 48

/** One CSS pixel in a place's units. */
export const PIXEL = 2 ** FRACTION / TILE_SIZE

/** The place at a point of the plane, rounded to the last bit of its fraction. */
export function placeAt(re: Decimal, im: Decimal, zoom: number, plane = MANDELBROT): Place {
  const bits = zoom + FRACTION
  const { left2, top2, span } = plane
  // re = left + span x, im = top - span y, with x and y in sides of the pyramid
  return {
    zoom,
    x: (2n * toFixed(re, bits) - (left2 << BigInt(bits))) / (2n * span),
    y: ((top2 << BigInt(bits)) - 2n * toFixed(im, bits)) / (2n * span),
  }
}

/** Re and im as decimals that end below an eighth of a pixel: enough to come back to the same picture. */
export function coordinates({ zoom, x, y }: Place, plane = MANDELBROT): Point {
  const bits = zoom + FRACTION
  const { left2, top2, span } = plane
  const places = digitsAt(zoom)
  return {
    re: fromFixed(2n * span * x + (left2 << BigInt(bits)), bits + 1, places),
    im: fromFixed((top2 << BigInt(bits)) - 2n * span * y, bits + 1, places),
  }
}

/**
 * Digits behind the point whose last one is worth less than an eighth of a pixel: 10^-n < 3 / (256 · 8 · 2^zoom). A Julia set's pixel is
 * a third wider.
 */
export function digitsAt(zoom: number): number {
  return Math.ceil(zoom * Math.log10(2) + Math.log10((8 * TILE_SIZE) / SPAN))
}

/** The nearest centre inside the pyramid, so that nobody is lost in the plain outside. */
export function inside(place: Place): Place {
  const side = 1n << BigInt(place.zoom + FRACTION)
  const clamp = (value: bigint) => (value < 0n ? 0n : value > side ? side : value)
  return { zoom: place.zoom, x: clamp(place.x), y: clamp(place.y) }
}

/** How much larger than at zoom 0 a thing appears, as `mantissa · 10^exponent`: 2^zoom without its many digits. */
export function magnification(zoom: number): { mantissa: string; exponent: number } {
  const log = zoom * Math.log10(2)
  const exponent = Math.floor(log)
  return { mantissa: (10 ** (log - exponent)).toFixed(1), exponent }
}
