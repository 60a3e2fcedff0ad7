// Views: which points of the plane are computed, exactly.
//
// A view is a grid of samples in binary fixed point: a first sample, one step to the next column
// and one to the next row, all whole numbers in units of 2^-bits. Tiles come out exact, because
// their samples are dyadic numbers. Pictures and grids round their steps far below a pixel. The
// columns of an upright view run along re and its rows along im. A rotated view has both parts in
// both steps, and a mirrored one has rows that run upwards.
import { bitLength, type Decimal, difference, floorDivide, log2Floor, toFixed } from './decimal.ts'
import { DIRECTION_BITS, direction } from './rotation.ts'
import { JULIA_SPAN, LEFT, SPAN, type TileAddress, TOP } from './tile.ts'

/** A way over the plane, in units of 2^-bits of its view. */
export interface Step {
  re: bigint
  im: bigint
}

/**
 * The samples to compute. Sample (i, j), column i and row j, lies at
 * (re + i columnStep.re + j rowStep.re) / 2^bits, (im + i columnStep.im + j rowStep.im) / 2^bits.
 */
export interface View {
  re: bigint
  im: bigint
  /** from a sample to its neighbour on the right */
  columnStep: Step
  /** from a sample to its neighbour below */
  rowStep: Step
  bits: number
  width: number
  height: number
}

/** Do the columns run along re and the rows along im? */
export function isUpright({ columnStep, rowStep }: Pick<View, 'columnStep' | 'rowStep'>): boolean {
  return columnStep.im === 0n && rowStep.re === 0n
}

/** A tile of size x size pixel centres. `size` is a power of two, so nothing is rounded. */
export function tileView(tile: TileAddress, size: number): View {
  return squareView(tile, size, BigInt(2 * LEFT), BigInt(2 * TOP), BigInt(SPAN))
}

/**
 * A tile of a Julia set: re = -2 + 4 (x + (i + 1/2)/N) / 2^z, im = 2 - 4 (y + (j + 1/2)/N) / 2^z.
 */
export function juliaView(tile: TileAddress, size: number): View {
  const span = BigInt(JULIA_SPAN)
  return squareView(tile, size, -span, span, span)
}

// a tile of a pyramid whose square has its left and top, in halves, at left2 and top2
function squareView({ z, x, y }: TileAddress, size: number, left2: bigint, top2: bigint, span: bigint): View {
  // with N = size: re = left + span (x + (i + 1/2)/N) / 2^z = left + span (2 x N + 2 i + 1) /
  // 2^bits
  const bits = z + 1 + Math.log2(size)
  const half = 1n << BigInt(bits - 1)
  const across = BigInt(2 * size)
  return {
    re: left2 * half + span * (x * across + 1n),
    im: top2 * half - span * (y * across + 1n),
    columnStep: { re: 2n * span, im: 0n },
    rowStep: { re: 0n, im: -2n * span },
    bits,
    width: size,
    height: size,
  }
}

/**
 * A picture around a centre. A pixel is 3 / (256 · 2^zoom) wide; the zoom may have a fraction.
 * `mirror` shows the plane with its imaginary axis pointing down; then `rotation` turns the picture
 * counter-clockwise, in degrees.
 *
 * The centre is rounded to 2^-GUARD of a pixel and the spacing to 53 bits. Over 2^14 pixels the
 * last one is off by less than 2^-38 of a pixel.
 */
export function imageView(
  re: Decimal,
  im: Decimal,
  zoom: number,
  width: number,
  height: number,
  rotation: number = 0,
  mirror: boolean = false,
): View {
  const { step, bits } = pixelStep(zoom)
  const size = { bits, width, height }
  // rows go down the plane, or up where it is mirrored
  const down = mirror ? step : -step
  if (rotation === 0) {
    return {
      re: toFixed(re, bits) - (step * BigInt(width - 1)) / 2n,
      im: toFixed(im, bits) - (down * BigInt(height - 1)) / 2n,
      columnStep: { re: step, im: 0n },
      rowStep: { re: 0n, im: down },
      ...size,
    }
  }
  // the picture rotates one way, so its axes rotate the other way over the plane
  const { cos, sin } = direction(rotation)
  const [across, up] = [cos, sin].map((part) => (step * part) >> BigInt(DIRECTION_BITS)) as [bigint, bigint]
  const flip = (im: bigint) => (mirror ? -im : im)
  const steps = { columnStep: { re: across, im: flip(-up) }, rowStep: { re: -up, im: flip(-across) } }
  const middle = centre({ re: 0n, im: 0n, ...steps, ...size })
  return { re: toFixed(re, bits) - middle.re, im: toFixed(im, bits) - middle.im, ...steps, ...size }
}

/** The width of a pixel at a zoom, which may have a fraction, as step / 2^bits. */
export function pixelStep(zoom: number): { step: bigint; bits: number } {
  const whole = Math.floor(zoom)
  const bits = whole + 8 + GUARD
  // 3 · 2^-(zoom + 8) · 2^bits, its fraction rounded to a double's 53 bits first
  const mantissa = BigInt(Math.round(SPAN * 2 ** (whole - zoom) * 2 ** 51))
  return { step: mantissa << BigInt(GUARD - 51), bits }
}

const GUARD = 80

/** The middle of a view's samples, in units of 2^-bits; halves are cut off. */
export function centre({ re, im, columnStep, rowStep, width, height }: View): Step {
  const [columns, rows] = [BigInt(width - 1), BigInt(height - 1)]
  return {
    re: re + (columnStep.re * columns + rowStep.re * rows) / 2n,
    im: im + (rowStep.im * rows + columnStep.im * columns) / 2n,
  }
}

/**
 * The original's grid as a view: size x size corners from (x0, y0) on, rows towards y1. The first
 * sample is rounded to 2^-GUARD of the closer spacing, and the last one to `size` times that.
 */
export function gridView(x0: Decimal, y0: Decimal, x1: Decimal, y1: Decimal, size: number): View {
  const sides = [difference(x1, x0), difference(y1, y0)].filter(({ digits }) => digits !== 0n)
  // bits from the point to below the shorter side; 0 if both corners are equal
  const coarse = Math.max(0, ...sides.map((side) => -log2Floor(side)))
  const bits = coarse + bitLength(BigInt(size)) + GUARD
  const step = (from: Decimal, to: Decimal) => divide(toFixed(to, bits) - toFixed(from, bits), BigInt(size))
  return {
    re: toFixed(x0, bits),
    im: toFixed(y0, bits),
    columnStep: { re: step(x0, x1), im: 0n },
    rowStep: { re: 0n, im: step(y0, y1) },
    bits,
    width: size,
    height: size,
  }
}

// to the nearest whole number
function divide(a: bigint, b: bigint): bigint {
  return (2n * a + (a < 0n ? -b : b)) / (2n * b)
}

/** The tile of zoom z that holds a view's centre, in the pyramid whose square is `span` wide. */
export function tileAround(view: View, z: number, span: number): TileAddress {
  const { re, im } = centre(view)
  const side = BigInt(span) << BigInt(view.bits)
  // both pyramids have their left side at re = -2, and the real axis at half their height
  const x = re + (2n << BigInt(view.bits))
  const y = side / 2n - im
  return { z, x: floorDivide(x << BigInt(z), side), y: floorDivide(y << BigInt(z), side) }
}

/** The view with aa · aa samples in place of each, spread evenly over its cell, for averages. */
export function supersampled(view: View, aa: number): View {
  if (aa === 1) return view
  // thirds of a step that is no multiple of 3 are rounded, to 2^-GUARD of the last bit
  const more = aa === 3 ? GUARD : 3
  const finer = (value: bigint) => value << BigInt(more)
  const part = ({ re, im }: Step): Step => ({ re: finer(re) / BigInt(aa), im: finer(im) / BigInt(aa) })
  const [columnStep, rowStep] = [part(view.columnStep), part(view.rowStep)]
  return {
    re: finer(view.re) - ((columnStep.re + rowStep.re) * BigInt(aa - 1)) / 2n,
    im: finer(view.im) - ((rowStep.im + columnStep.im) * BigInt(aa - 1)) / 2n,
    columnStep,
    rowStep,
    bits: view.bits + more,
    width: view.width * aa,
    height: view.height * aa,
  }
}

// about a tile's samples: short enough for cancelling and progress, long enough to make the message
// to a thread negligible
export const STRIP_SAMPLES = 2 ** 16

/**
 * The rows of a strip, the last of which may have fewer; aa · aa samples stand for each sample of
 * the view.
 */
export function stripRows({ width }: Pick<View, 'width'>, aa: number): number {
  const most = Math.floor(STRIP_SAMPLES / (width * aa * aa))
  // dithering compares pairs of rows
  return most < 2 ? 1 : most - (most % 2)
}

/** `count` columns of a view from column `left` on. */
export function columns(view: View, left: number, count: number): View {
  const { re, im, columnStep, width } = view
  const across = BigInt(left)
  const moved = { re: re + across * columnStep.re, im: im + across * columnStep.im }
  return { ...view, ...moved, width: Math.min(count, width - left) }
}

/** `count` rows of a view from row `top` on. */
export function rows(view: View, top: number, count: number): View {
  const { re, im, rowStep, height } = view
  const down = BigInt(top)
  return { ...view, re: re + down * rowStep.re, im: im + down * rowStep.im, height: Math.min(count, height - top) }
}
