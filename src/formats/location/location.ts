// What the location files of other deep zoomers have in common.
//
// Both programs measure a picture by its height: it shows 4/Zoom of the plane from top to bottom,
// however many pixels it has. The map's zoom is the size of a pixel, 3/(256 · 2^zoom). So a file's
// zoom depends on the height of the picture here: 4/Zoom = height · 3/(256 · 2^zoom) gives
//
//   zoom = log2(Zoom) + log2(3 · height / 1024)
//
// Orientation: a picture may be rotated, and may be a mirror image, with the imaginary axis
// pointing down. `mirror` flips the plane top to bottom first; then `rotation` turns it
// counter-clockwise.
import { Failure, mustBe } from '../../core/errors.ts'
import { log2Number, parseWhole } from '../../core/parse.ts'
import type { Decimal } from '../../plane/decimal.ts'

/** A location from a file. */
export interface LocationFile {
  /** the centre, exactly */
  re: Decimal
  im: Decimal
  /** the map's zoom, which may have a fraction and may be below 0 */
  zoom: number
  maxIter?: number
  /** degrees counter-clockwise, above 0 and below 360 */
  rotation?: number
  mirror?: boolean
}

export interface LocationFileOptions {
  /** height of the picture in pixels; by default that of /image.png */
  height?: number
  /** longest coordinate, in characters */
  maxDigits?: number
}

export const DEFAULT_HEIGHT = 768
export const DEFAULT_MAX_DIGITS = 20_000

// log2 of the largest accepted magnification: far beyond all zooms that are served
const LARGEST_LOG2 = 2 ** 22

/** The map's zoom from a file's magnification. @throws Failure `invalid` */
export function zoomOf(name: string, magnification: string, height: number): number {
  const power = log2Number(magnification)
  if (Math.abs(power) <= LARGEST_LOG2) return power + Math.log2((3 * height) / 1024)
  throw new Failure('invalid', mustBe(name, 'a number above 0 such as 250 or 1.2E345', magnification))
}

/** A file's iteration limit, with any number of digits: people write huge ones for "many". */
export function limitOf(name: string, text: string): number {
  if (/^\d{16,}$/.test(text)) return Number.MAX_SAFE_INTEGER
  return parseWhole(name, text, 1, Number.POSITIVE_INFINITY)
}

/**
 * The magnification of a zoom, such as 1.2345678901E345, to as many digits as the zoom determines.
 */
export function magnificationOf(zoom: number, height: number): string {
  const power = (zoom - Math.log2((3 * height) / 1024)) * Math.log10(2)
  const exponent = Math.floor(power)
  return `${Number((10 ** (power - exponent)).toPrecision(12))}E${exponent}`
}

/** Orientation as the optional parts of a location; defaults are left out. */
export function orientation(degrees: number = 0, mirror: boolean = false): Pick<LocationFile, 'rotation' | 'mirror'> {
  // in millionths of a degree, like the rotation of an image
  const rotation = (((Math.round(degrees * 1e6) % 360e6) + 360e6) % 360e6) / 1e6
  return { ...(rotation !== 0 && { rotation }), ...(mirror && { mirror }) }
}
