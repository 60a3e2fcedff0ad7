import { type Decimal, toDouble, toFixed } from './decimal.ts'
import { SPAN, type TileAddress } from './tile.ts'

/**
 * What is to be computed, exactly: sample (i, j), column i from the left and row j from the top, lies at
 * re = (re + i step) / 2^bits, im = (im - j step) / 2^bits.
 */
export interface View {
  re: bigint
  im: bigint
  step: bigint
  bits: number
  width: number
  height: number
}

/** A tile of size x size pixel centres; size is a power of two. Exact: nothing is rounded. */
export function tileView(tile: TileAddress, size: number): View {
  // with N = size: re = -2 + 3 (x + (i + 1/2)/N) / 2^z = -2 + 3 (2 x N + 2 i + 1) / 2^bits
  const bits = tile.z + 1 + Math.log2(size)
  const unit = 1n << BigInt(bits)
  const span = BigInt(SPAN)
  const across = BigInt(2 * size)
  return {
    re: -2n * unit + span * (tile.x * across + 1n),
    im: (3n * unit) / 2n - span * (tile.y * across + 1n),
    step: 2n * span,
    bits,
    width: size,
    height: size,
  }
}

/**
 * A picture around a centre: a pixel is 3 / (256 · 2^zoom) wide, zoom >= 0 and maybe a fraction. The centre keeps
 * 2^-GUARD of a pixel, the spacing 53 bits, so that over 2^14 pixels the last one is off by less than 2^-38 of a pixel.
 */
export function imageView(re: Decimal, im: Decimal, zoom: number, width: number, height: number): View {
  const whole = Math.floor(zoom)
  const bits = whole + 8 + GUARD
  // 3 · 2^-(zoom + 8) · 2^bits, its fraction rounded to a double's 53 bits first
  const mantissa = BigInt(Math.round(SPAN * 2 ** (whole - zoom) * 2 ** 51))
  const step = mantissa << BigInt(GUARD - 51)
  return {
    re: toFixed(re, bits) - (step * BigInt(width - 1)) / 2n,
    im: toFixed(im, bits) + (step * BigInt(height - 1)) / 2n,
    step,
    bits,
    width,
    height,
  }
}

const GUARD = 80

/** log2 of the distance between neighbouring samples. */
export function spacing(view: View): number {
  return Math.log2(Number(view.step)) - view.bits
}

/** Does double precision tell neighbouring samples apart, with room for the orbit's rounding? See DOUBLE_SPACING. */
export function resolved(view: View): boolean {
  return spacing(view) >= DOUBLE_SPACING
}

// coordinates of size 1 to 2 have an ulp of 2^-52; a spacing of 2^-50 still puts 4 ulps between samples
export const DOUBLE_SPACING = -50

/** The samples' coordinates as the nearest doubles: width real parts, height imaginary parts. */
export function samples(view: View): { re: Float64Array; im: Float64Array } {
  return {
    re: Float64Array.from({ length: view.width }, (_, i) => toDouble(view.re + BigInt(i) * view.step, view.bits)),
    im: Float64Array.from({ length: view.height }, (_, j) => toDouble(view.im - BigInt(j) * view.step, view.bits)),
  }
}

// about a tile's samples: short enough to be stopped and to show progress, long enough to be worth a message
const STRIP = 2 ** 16

/** A view cut into strips of whole rows, from the top, each with the row it starts at. */
export function strips(view: View): { top: number; strip: View }[] {
  const height = Math.max(1, Math.floor(STRIP / view.width))
  return Array.from({ length: Math.ceil(view.height / height) }, (_, k) => {
    const top = k * height
    const im = view.im - BigInt(top) * view.step
    return { top, strip: { ...view, im, height: Math.min(height, view.height - top) } }
  })
}
