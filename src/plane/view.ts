import { bitLength, type Decimal, toDouble, toFixed } from './decimal.ts'
import { DIRECTION_BITS, direction } from './rotation.ts'
import { JULIA_SPAN, LEFT, SPAN, type TileAddress, TOP } from './tile.ts'

/**
 * What is to be computed, exactly: sample (i, j), column i and row j, lies at
 * (re + i stepRe) / 2^bits, (im + j stepIm) / 2^bits. Pictures go down from the top: their stepIm is negative. Where a picture is rotated,
 * each row adds tilt.re to re, and each column tilt.im to im.
 */
export interface View {
  re: bigint
  im: bigint
  stepRe: bigint
  stepIm: bigint
  bits: number
  width: number
  height: number
  tilt?: { re: bigint; im: bigint }
}

/** The tilt of a view that is not rotated. */
export const UPRIGHT = { re: 0n, im: 0n }

/** A tile of size x size pixel centres; size is a power of two. Exact: nothing is rounded. */
export function tileView(tile: TileAddress, size: number): View {
  return squareView(tile, size, BigInt(2 * LEFT), BigInt(2 * TOP), BigInt(SPAN))
}

/** A tile of a Julia set, likewise: re = -2 + 4 (x + (i + 1/2)/N) / 2^z, im = 2 - 4 (y + (j + 1/2)/N) / 2^z. */
export function juliaView(tile: TileAddress, size: number): View {
  const span = BigInt(JULIA_SPAN)
  return squareView(tile, size, -span, span, span)
}

// a tile of a pyramid whose square has its left and top, in halves, at left2 and top2
function squareView({ z, x, y }: TileAddress, size: number, left2: bigint, top2: bigint, span: bigint): View {
  // with N = size: re = left + span (x + (i + 1/2)/N) / 2^z = left + span (2 x N + 2 i + 1) / 2^bits
  const bits = z + 1 + Math.log2(size)
  const half = 1n << BigInt(bits - 1)
  const across = BigInt(2 * size)
  return {
    re: left2 * half + span * (x * across + 1n),
    im: top2 * half - span * (y * across + 1n),
    stepRe: 2n * span,
    stepIm: -2n * span,
    bits,
    width: size,
    height: size,
  }
}

/**
 * A picture around a centre: a pixel is 3 / (256 · 2^zoom) wide, zoom >= 0 and maybe a fraction. The centre keeps
 * 2^-GUARD of a pixel, the spacing 53 bits, so that over 2^14 pixels the last one is off by less than 2^-38 of a pixel. `rotation` turns
 * the picture counter-clockwise, in degrees.
 */
export function imageView(
  re: Decimal,
  im: Decimal,
  zoom: number,
  width: number,
  height: number,
  rotation: number = 0,
): View {
  const whole = Math.floor(zoom)
  const bits = whole + 8 + GUARD
  // 3 · 2^-(zoom + 8) · 2^bits, its fraction rounded to a double's 53 bits first
  const mantissa = BigInt(Math.round(SPAN * 2 ** (whole - zoom) * 2 ** 51))
  const step = mantissa << BigInt(GUARD - 51)
  const size = { bits, width, height }
  if (rotation === 0) {
    return {
      re: toFixed(re, bits) - (step * BigInt(width - 1)) / 2n,
      im: toFixed(im, bits) + (step * BigInt(height - 1)) / 2n,
      stepRe: step,
      stepIm: -step,
      ...size,
    }
  }
  // the picture turns one way, so its axes turn the other way over the plane
  const { cos, sin } = direction(rotation)
  const [across, up] = [cos, sin].map((part) => (step * part) >> BigInt(DIRECTION_BITS)) as [bigint, bigint]
  const turned = { stepRe: across, stepIm: -across, tilt: { re: -up, im: -up }, ...size }
  const middle = centre({ re: 0n, im: 0n, ...turned })
  return { re: toFixed(re, bits) - middle.re, im: toFixed(im, bits) - middle.im, ...turned }
}

const GUARD = 80

/** The middle of a view's samples, in units of 2^-bits; halves are cut off. */
export function centre({ re, im, stepRe, stepIm, tilt = UPRIGHT, width, height }: View): { re: bigint; im: bigint } {
  const [columns, rows] = [BigInt(width - 1), BigInt(height - 1)]
  return { re: re + (stepRe * columns + tilt.re * rows) / 2n, im: im + (stepIm * rows + tilt.im * columns) / 2n }
}

/**
 * The original's grid as a view: size x size corners from (x0, y0) on, rows towards y1. The first sample keeps 2^-GUARD of the closer
 * spacing, and so does the last one but for the grid's size.
 */
export function gridView(x0: Decimal, y0: Decimal, x1: Decimal, y1: Decimal, size: number): View {
  const coarse = Math.max(...[x0, y0, x1, y1].map(({ scale }) => Math.ceil(scale * Math.log2(10)))) + 1
  const across = toFixed(x1, coarse) - toFixed(x0, coarse)
  const down = toFixed(y1, coarse) - toFixed(y0, coarse)
  const closer = Math.min(...[across, down].filter((side) => side !== 0n).map((side) => bitLength(abs(side))))
  const bits = Math.max(0, coarse - (Number.isFinite(closer) ? closer : coarse)) + bitLength(BigInt(size)) + GUARD
  const step = (from: Decimal, to: Decimal) => divide(toFixed(to, bits) - toFixed(from, bits), BigInt(size))
  return {
    re: toFixed(x0, bits),
    im: toFixed(y0, bits),
    stepRe: step(x0, x1),
    stepIm: step(y0, y1),
    bits,
    width: size,
    height: size,
  }
}

// to the nearest whole number
function divide(a: bigint, b: bigint): bigint {
  return (2n * a + (a < 0n ? -b : b)) / (2n * b)
}

export function abs(a: bigint): bigint {
  return a < 0n ? -a : a
}

/** log2 of the closer distance between neighbouring samples; rows or columns that fall together do not count. */
export function log2Spacing(view: View): number {
  const { stepRe, stepIm, tilt, bits } = view
  // a rotated picture's samples are as far apart one way as the other
  if (tilt) return log2(stepRe * stepRe + tilt.im * tilt.im, 2 * bits) / 2
  const steps = [stepRe, stepIm].map(abs).filter((step) => step !== 0n)
  return Math.min(...steps.map((step) => log2(step, bits)))
}

/** The distance between neighbouring columns, as a double. */
export function sampleWidth({ stepRe, tilt, bits }: View): number {
  const across = toDouble(stepRe, bits)
  if (!tilt) return across
  const up = toDouble(tilt.im, bits)
  return Math.sqrt(across * across + up * up)
}

/** log2 of the wider side of the view, from the first sample to behind the last. */
export function log2Width(view: View): number {
  const [columns, rows] = [BigInt(view.width), BigInt(view.height)]
  const { re, im } = view.tilt ?? UPRIGHT
  const sides = [
    abs(view.stepRe) * columns + abs(re) * rows, //
    abs(view.stepIm) * rows + abs(im) * columns,
  ]
  return Math.max(...sides.filter((side) => side !== 0n).map((side) => log2(side, view.bits)))
}

/** The zoom whose tiles are as wide as a view, in a pyramid `span` wide; exact for tiles, but for the logarithm's last digits. */
export function tileZoom(view: View, span: number): number {
  return Math.log2(span) - log2Width(view) + 1e-6
}

/** The tile of zoom z that holds a view's centre, in the pyramid of the square from (-2, span/2) down to (span - 2, -span/2). */
export function tileAround(view: View, z: number, span: number): TileAddress {
  const { re, im } = centre(view)
  const side = BigInt(span) << BigInt(view.bits)
  const x = re + (2n << BigInt(view.bits))
  const y = side / 2n - im
  return { z, x: floorDivide(x << BigInt(z), side), y: floorDivide(y << BigInt(z), side) }
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient
}

function log2(value: bigint, bits: number): number {
  const length = bitLength(value)
  return Math.log2(toDouble(value, length)) + length - bits
}

/** The samples' coordinates as the nearest doubles: width real parts, height imaginary parts. */
export function samples(view: View): { re: Float64Array; im: Float64Array } {
  const { re, im, stepRe, stepIm, bits, width, height } = view
  return { re: axis(re, stepRe, width, bits), im: axis(im, stepIm, height, bits) }
}

function axis(from: bigint, step: bigint, count: number, bits: number): Float64Array {
  const [first, last] = [Number(from), Number(from + BigInt(count) * step)]
  // a tile's, where doubles resolve it: whole numbers that doubles count, so that only the quotient could round, and it does not
  if (bits <= 64 && Math.abs(first) <= Number.MAX_SAFE_INTEGER && Math.abs(last) <= Number.MAX_SAFE_INTEGER) {
    const [stride, unit] = [Number(step), 2 ** -bits]
    // a loop: Float64Array.from takes ten times as long
    const places = new Float64Array(count)
    for (let i = 0; i < count; i++) places[i] = (first + i * stride) * unit
    return places
  }
  return Float64Array.from({ length: count }, (_, i) => toDouble(from + BigInt(i) * step, bits))
}

/** The samples as doubles: columns and rows, or where the view is rotated one by one, as `points` says. */
export function sampleCoordinates(view: View): { re: Float64Array; im: Float64Array; points: boolean } {
  return view.tilt ? { ...pointsOf(view), points: true } : { ...samples(view), points: false }
}

/**
 * The samples of a rotated view as doubles, row by row. Columns and rows are rounded apart and added: at the spacings that doubles resolve, a
 * last digit of difference is far below their orbits' own.
 */
function pointsOf(view: View): { re: Float64Array; im: Float64Array } {
  const { stepIm, tilt = UPRIGHT, bits, width, height } = view
  const across = samples({ ...view, stepIm: tilt.im, height: width })
  const down = {
    re: Float64Array.from({ length: height }, (_, j) => toDouble(BigInt(j) * tilt.re, bits)),
    im: Float64Array.from({ length: height }, (_, j) => toDouble(BigInt(j) * stepIm, bits)),
  }
  const [re, im] = [new Float64Array(width * height), new Float64Array(width * height)]
  for (let j = 0, at = 0; j < height; j++) {
    for (let i = 0; i < width; i++, at++) {
      re[at] = across.re[i]! + down.re[j]!
      im[at] = across.im[i]! + down.im[j]!
    }
  }
  return { re, im }
}

// about a tile's samples: short enough to be stopped and to show progress, long enough to be worth a message
const STRIP = 2 ** 16

/** The view with aa · aa samples in place of each, spread evenly over its cell: what a pixel's average is made of. */
export function supersampled(view: View, aa: number): View {
  if (aa === 1) return view
  // thirds of a step that is no multiple of 3 are rounded, to 2^-GUARD of the last bit
  const more = aa === 3 ? GUARD : 3
  const finer = (value: bigint) => value << BigInt(more)
  const step = (step: bigint) => finer(step) / BigInt(aa)
  const [stepRe, stepIm] = [step(view.stepRe), step(view.stepIm)]
  const tilt = view.tilt && { re: step(view.tilt.re), im: step(view.tilt.im) }
  const { re, im } = tilt ?? UPRIGHT
  return {
    re: finer(view.re) - ((stepRe + re) * BigInt(aa - 1)) / 2n,
    im: finer(view.im) - ((stepIm + im) * BigInt(aa - 1)) / 2n,
    stepRe,
    stepIm,
    bits: view.bits + more,
    width: view.width * aa,
    height: view.height * aa,
    ...(tilt && { tilt }),
  }
}

/** The rows of a strip, the last of which may have fewer; `aa` · `aa` samples stand for each sample of the view. */
export function stripRows({ width }: Pick<View, 'width'>, aa: number): number {
  return Math.max(1, Math.floor(STRIP / (width * aa * aa)))
}

/** `count` rows of a view from row `top` on. */
export function rows(view: View, top: number, count: number): View {
  const { re, im, stepIm, tilt = UPRIGHT, height } = view
  const down = BigInt(top)
  return { ...view, re: re + down * tilt.re, im: im + down * stepIm, height: Math.min(count, height - top) }
}
