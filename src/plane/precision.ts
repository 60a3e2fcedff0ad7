// How close a view's samples are, and which arithmetic they need for that: doubles, or perturbation
// of a reference orbit. Every other file asks `isDeep`.
import { bitLength, magnitude, toDouble } from './decimal.ts'
import type { JuliaPoint } from './tile.ts'
import { isUpright, type Step, type View } from './view.ts'

/** A perturbed iteration's weight in a request's cost: it takes as long as 5 to 7 in doubles. */
export const DEEP_WEIGHT = 6

/**
 * The radius past which a sample has escaped. 2^8 keeps the error of smooth counts, about |c|/R^2,
 * below a step of colour.
 */
export const ESCAPE_RADIUS = 256

// log2 of the closest spacing at which samples are computed in doubles. An orbit in doubles is that
// of a point about 2^-50 away, after thousands of roundings of 2^-53 each. At a spacing of 2^-36
// this is a ten-thousandth of a pixel. At 2^-46, zoom 38, it is already a tenth, and one count in
// three was wrong at a dense place. Perturbation has no such error, and takes 5 to 7 times as long
// there.
const LOG2_DOUBLE_SPACING = -36

/**
 * Is a view deep: are its samples too close for double precision, so that they need a reference
 * orbit? Julia sets never are, because their pyramid ends before that.
 */
export function isDeep(view: View, julia?: JuliaPoint): boolean {
  return !julia && log2Spacing(view) < LOG2_DOUBLE_SPACING && !isFar(view)
}

// Beyond |c| = 3 all samples escape at once. Their counts are smooth, so doubles are right at any
// spacing.
function isFar({ re, im, bits }: View): boolean {
  const out = 3n << BigInt(bits)
  return magnitude(re) > out || magnitude(im) > out
}

/** log2 of the closer distance between neighbouring samples; a step of 0 does not count. */
export function log2Spacing(view: View): number {
  const { columnStep, rowStep, bits } = view
  // a rotated picture's samples are as far apart one way as the other
  if (!isUpright(view)) return log2(square(columnStep), 2 * bits) / 2
  const steps = [columnStep.re, rowStep.im].map(magnitude).filter((step) => step !== 0n)
  return Math.min(...steps.map((step) => log2(step, bits)))
}

function square({ re, im }: Step): bigint {
  return re * re + im * im
}

/** The distance between neighbouring columns, as a double. */
export function columnSpacing({ columnStep, bits }: View): number {
  const across = toDouble(columnStep.re, bits)
  if (columnStep.im === 0n) return across
  const up = toDouble(columnStep.im, bits)
  return Math.sqrt(across * across + up * up)
}

/** log2 of the wider side of the view, from the first sample to behind the last. */
export function log2Width({ columnStep, rowStep, bits, width, height }: View): number {
  const [columns, rows] = [BigInt(width), BigInt(height)]
  const sides = [
    magnitude(columnStep.re) * columns + magnitude(rowStep.re) * rows,
    magnitude(rowStep.im) * rows + magnitude(columnStep.im) * columns,
  ]
  return Math.max(...sides.filter((side) => side !== 0n).map((side) => log2(side, bits)))
}

/**
 * The zoom whose tiles are as wide as a view, in a pyramid `span` wide: exact for tiles, apart from
 * the logarithm's last digits.
 */
export function tileZoom(view: View, span: number): number {
  return Math.log2(span) - log2Width(view) + 1e-6
}

function log2(value: bigint, bits: number): number {
  const length = bitLength(value)
  return Math.log2(toDouble(value, length)) + length - bits
}
