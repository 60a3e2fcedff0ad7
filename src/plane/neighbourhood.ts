// Which reference a deep view shares with its neighbours: one per neighbourhood, not per tile. A neighbourhood is a tile of a
// zoom that is a multiple of BAND, and serves the views inside it from three to ten zooms deeper; so a visitor who dives needs a new
// orbit every eight zooms, and all tiles on a screen need one, rarely two or four.
import { bitLength, magnitude, toDouble } from './decimal.ts'
import { tileZoom } from './precision.ts'
import { SPAN, type TileAddress } from './tile.ts'
import { tileAround, tileView, type View } from './view.ts'

const BAND = 8
const ABOVE = 3 // zooms between a neighbourhood and the shallowest view it serves

/** The neighbourhood of a view: the tile that holds its centre, at least 2^ABOVE times as wide as the view. */
export function neighbourhood(view: View): TileAddress {
  const z = BAND * Math.floor((tileZoom(view, SPAN) - ABOVE) / BAND)
  return tileAround(view, Math.max(0, z), SPAN)
}

/** What the orbit of a neighbourhood starts from: its centre, (re + i im) / 2^bits, and the sizes that follow from its zoom. */
export interface OrbitPlan {
  re: bigint
  im: bigint
  bits: number
  /** radius of the disc round the centre in which a nucleus is looked for: mantissa · 2^exponent */
  disc: { mantissa: number; exponent: number }
  /** E: every sample of every view lies within 2^E of the reference point */
  exponent: number
  /** floor of log2 of the closest spacing of samples that the reference serves */
  log2Spacing: number
}

/**
 * The plan for a neighbourhood. Beside the real axis the orbit starts on the axis itself: Newton's method then stays on it, and a
 * sample with im = 0, whose every iterate is real, stays real in perturbation too.
 */
export function orbitPlan({ z, x, y }: TileAddress): OrbitPlan {
  // a tile of one sample samples its centre
  const { re, im, bits } = tileView({ z, x, y }, 1)
  const half = 1n << BigInt(Math.max(z - 1, 0))
  const beside = y === half || y === half - 1n
  return {
    re,
    im: beside ? 0n : im,
    bits,
    // of a tile's width: a little less than its corners are away, 0.71
    disc: { mantissa: 0.7 * SPAN, exponent: -z },
    // the nucleus lies within two discs of the start, 1.4 widths; the tile ends within 1.12 of that, and a view whose centre lies in it 0.09
    // further: 2.61 · 3 < 2^3
    exponent: 3 - z,
    // the deepest view is 2^-(ABOVE + BAND) widths wide and at most 2^14 samples across: 3 · 2^-(z + 11 + 14)
    log2Spacing: -(z + ABOVE + BAND + 14) + 1,
  }
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

/** The difference is exact. Each of the six numbers is rounded once, to a double of at most 1 in size. */
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
