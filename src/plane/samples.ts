// A view's samples as doubles, for the kernels that compute in double precision.
import { toDouble } from './decimal.ts'
import { isUpright, type View } from './view.ts'

/**
 * The samples' coordinates as doubles. With `points`, for rotated views, they are both parts of
 * every sample; otherwise width real parts and height imaginary parts.
 */
export function sampleCoordinates(view: View): { re: Float64Array; im: Float64Array; points: boolean } {
  return isUpright(view) ? { ...sampleAxes(view), points: false } : { ...samplePoints(view), points: true }
}

/** An upright view's columns and rows: width real parts and height imaginary parts. */
export function sampleAxes(view: View): { re: Float64Array; im: Float64Array } {
  const { re, im, columnStep, rowStep, bits, width, height } = view
  return { re: axis(re, columnStep.re, width, bits), im: axis(im, rowStep.im, height, bits) }
}

function axis(from: bigint, step: bigint, count: number, bits: number): Float64Array {
  const [first, last] = [Number(from), Number(from + BigInt(count) * step)]
  // if doubles resolve a tile, these are whole numbers that doubles hold exactly, so nothing is
  // rounded
  if (bits <= 64 && Math.abs(first) <= Number.MAX_SAFE_INTEGER && Math.abs(last) <= Number.MAX_SAFE_INTEGER) {
    const [stride, unit] = [Number(step), 2 ** -bits]
    // a loop: Float64Array.from takes ten times as long
    const places = new Float64Array(count)
    for (let i = 0; i < count; i++) places[i] = (first + i * stride) * unit
    return places
  }
  return Float64Array.from({ length: count }, (_, i) => toDouble(from + BigInt(i) * step, bits))
}

/**
 * The samples of a rotated view, row by row. Columns and rows are rounded apart and then added: at
 * the spacings that doubles resolve, a difference in the last digit is far below the orbits' own
 * error.
 */
function samplePoints(view: View): { re: Float64Array; im: Float64Array } {
  const { re, im, columnStep, rowStep, bits, width, height } = view
  const across = { re: axis(re, columnStep.re, width, bits), im: axis(im, columnStep.im, width, bits) }
  const down = {
    re: Float64Array.from({ length: height }, (_, j) => toDouble(BigInt(j) * rowStep.re, bits)),
    im: Float64Array.from({ length: height }, (_, j) => toDouble(BigInt(j) * rowStep.im, bits)),
  }
  const points = { re: new Float64Array(width * height), im: new Float64Array(width * height) }
  for (let j = 0, at = 0; j < height; j++) {
    for (let i = 0; i < width; i++, at++) {
      points.re[at] = across.re[i]! + down.re[j]!
      points.im[at] = across.im[i]! + down.im[j]!
    }
  }
  return points
}
