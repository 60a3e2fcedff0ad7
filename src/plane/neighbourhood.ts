// Neighbourhoods: which deep views share a reference orbit.
//
// A neighbourhood is a tile of a zoom that is a multiple of BAND. Its orbit serves the views inside
// it from three to ten zooms deeper. So a visitor who zooms in needs a new orbit every eight zooms,
// and the tiles on a screen share one, rarely two or four.
import { bitLength, magnitude, toDouble } from './decimal.ts'
import { tileZoom } from './precision.ts'
import { SPAN, type TileAddress } from './tile.ts'
import { tileAround, tileView, type View } from './view.ts'

const BAND = 8
const ABOVE = 3 // zooms between a neighbourhood and the shallowest view it serves

/**
 * The neighbourhood of a view: the tile that holds its centre, at least 2^ABOVE times as wide as
 * the view.
 */
export function neighbourhood(view: View): TileAddress {
  const z = BAND * Math.floor((tileZoom(view, SPAN) - ABOVE) / BAND)
  return tileAround(view, Math.max(0, z), SPAN)
}

/**
 * Where a neighbourhood's orbit starts, (re + i im) / 2^bits, and the sizes that follow from its
 * zoom.
 */
export interface OrbitPlan {
  re: bigint
  im: bigint
  bits: number
  /** radius of the disc around the centre that is searched for a nucleus: mantissa · 2^exponent */
  disc: { mantissa: number; exponent: number }
  /** E: every sample of every view lies within 2^E of the reference point */
  exponent: number
  /** floor of log2 of the closest spacing of samples that the reference serves */
  log2Spacing: number
}

/**
 * The plan for a neighbourhood. Beside the real axis the orbit starts on the axis itself, and
 * Newton's method stays on it. So the iterates of a sample with im = 0 stay real in perturbation
 * too.
 */
export function orbitPlan({ z, x, y }: TileAddress): OrbitPlan {
  // a tile of one sample has it at its centre
  const { re, im, bits } = tileView({ z, x, y }, 1)
  const half = 1n << BigInt(Math.max(z - 1, 0))
  const beside = y === half || y === half - 1n
  return {
    re,
    im: beside ? 0n : im,
    bits,
    // a little less than the distance of a tile's corners from its centre, 0.71 widths
    disc: { mantissa: 0.7 * SPAN, exponent: -z },
    // the nucleus lies within two discs of the start, 1.4 widths; the tile ends within 1.12 of
    // that, and a view whose centre lies in the tile 0.09 further: 2.61 · 3 < 2^3
    exponent: 3 - z,
    // the deepest view is 2^-(ABOVE + BAND) widths wide and at most 2^14 samples across: 3 · 2^-(z
    // + 11 + 14)
    log2Spacing: -(z + ABOVE + BAND + 14) + 1,
  }
}

/**
 * Can an orbit of this point, (re + i im) / 2^bits, belong to the plan? A nucleus lies within two
 * discs of the start.
 */
export function isNear({ re, im, bits, disc }: OrbitPlan, point: { re: bigint; im: bigint; bits: number }): boolean {
  const finest = Math.max(bits, point.bits)
  const [mine, its] = [BigInt(finest - bits), BigInt(finest - point.bits)]
  // 2 · 0.7 · SPAN is 4.2
  const most = 5n << BigInt(Math.max(0, finest + disc.exponent))
  return [(re << mine) - (point.re << its), (im << mine) - (point.im << its)].every((part) => magnitude(part) <= most)
}

/**
 * Where a view lies from a reference point: sample (i, j) is away from it by
 * (re + i columnStep.re + j rowStep.re, im + i columnStep.im + j rowStep.im) · 2^exponent.
 */
export interface Offset {
  re: number
  im: number
  columnStep: { re: number; im: number }
  rowStep: { re: number; im: number }
  exponent: number
}

/**
 * The difference is exact. Each of the six numbers is rounded once, to a double of at most 1 in
 * size.
 */
export function offsetFrom(point: { re: bigint; im: bigint; bits: number }, view: View): Offset {
  const { columnStep, rowStep } = view
  const bits = Math.max(view.bits, point.bits)
  const [mine, its] = [BigInt(bits - view.bits), BigInt(bits - point.bits)]
  const re = (view.re << mine) - (point.re << its)
  const im = (view.im << mine) - (point.im << its)
  const steps = [columnStep.re, columnStep.im, rowStep.re, rowStep.im].map((step) => step << mine)
  const size = Math.max(...[re, im, ...steps].map((part) => bitLength(magnitude(part))))
  const [columnRe, columnIm, rowRe, rowIm] = steps.map((step) => toDouble(step, size)) as Four
  return {
    re: toDouble(re, size),
    im: toDouble(im, size),
    columnStep: { re: columnRe, im: columnIm },
    rowStep: { re: rowRe, im: rowIm },
    exponent: size - bits,
  }
}

type Four = [number, number, number, number]
