// Islands: finds the nucleus of one near a place, refines it, and describes it.
import { kernel, type Orbit } from '../src/kernel/binding.ts'
import { bitLength, fromFixed, magnitude, toDouble } from '../src/plane/decimal.ts'

// as for reference orbits: it escapes later than any sample beside it
export const RADIUS = 1024
// bits beyond the view, and beyond the island's size, to which its place is given: 2^-40 is 1e-12
export const VIEW_BITS = 48
const SIZE_BITS = 48
// this fraction of its size is far more than Newton's residue in an imaginary part
const AXIS_BITS = 10

/** (re + i im) / 2^bits */
export interface Point {
  re: bigint
  im: bigint
  bits: number
}

/** a - b, exactly */
export function between(a: Point, b: Point): Point {
  const [mine, its] = [BigInt(a.bits), BigInt(b.bits)]
  return { re: (a.re << its) - (b.re << mine), im: (a.im << its) - (b.im << mine), bits: a.bits + b.bits }
}

/** A nucleus with all the digits that its island's size requires, exact to 2^-exact. */
export type Island = Point & { period: number; shape: ReturnType<Orbit['shape']>; exact: number }

/** A radius: a number from 1 to below 2, and a power of two. */
export interface Disc {
  mantissa: number
  exponent: number
}

/** The radius half / 2^bits. */
export function discOf(half: bigint, bits: number): Disc {
  const length = bitLength(half)
  return { mantissa: toDouble(half, length - 1), exponent: length - 1 - bits }
}

/**
 * Runs an orbit until it has moved to a nucleus at most twice the disc's radius from where it
 * began, the one of the lowest period that the ball method shows and Newton's method reaches; or
 * until it escapes, is `maxPeriod` long, or its derivative by c is beyond 2^steepest.
 */
export function search(
  orbit: Orbit,
  { mantissa, exponent }: Disc,
  tolerance: number,
  maxPeriod: number,
  cancel: Int32Array,
  steepest = Number.POSITIVE_INFINITY,
): 'found' | 'none' | 'cancelled' {
  for (;;) {
    const run = orbit.run(mantissa, exponent, maxPeriod, undefined, cancel)
    if (run !== 'candidate') return run === 'done' ? 'none' : run
    if (orbit.log2Derivative > steepest) return 'none'
    const newton = orbit.nucleus(mantissa, exponent, tolerance, undefined, cancel)
    if (newton === 'cancelled') return newton
    if (newton === 'nucleus') return 'found'
  }
}

/**
 * The island of a periodic orbit, exact to 2^found, with all the digits that its size requires;
 * null when cancelled.
 */
export function refine(orbit: Orbit, found: number, cancel: Int32Array): Island | null {
  const { period } = orbit
  const { exponent } = orbit.shape()
  // a quarter of the island, in which no other nucleus lies; or as far as the nucleus may be off
  const radius = Math.max(exponent - 2, found + 1)
  const tolerance = exponent - SIZE_BITS
  const start = orbit.centre()
  const finer = new kernel.Orbit(start.re, start.im, start.bits, kernel.orbitBits(tolerance, period), RADIUS)
  try {
    const result = search(finer, { mantissa: 1, exponent: radius }, tolerance, period, cancel)
    if (result === 'cancelled') return null
    if (result === 'none' || finer.period !== period) throw new Error(`the nucleus of period ${period} was lost`)
    return { ...nucleusOf(finer), period, shape: finer.shape(), exact: -tolerance }
  } finally {
    finer.restart()
  }
}

/**
 * The nucleus that an orbit has moved to. If it is nearer to the real axis than its island is
 * large, it lies on the axis, because its mirror image is a nucleus too and would lie in the same
 * island.
 */
export function nucleusOf(orbit: Orbit): Point {
  const { re, im, bits } = orbit.centre()
  const { exponent } = orbit.shape()
  const real = bitLength(magnitude(im)) - bits < exponent - AXIS_BITS
  return { re, im: real ? 0n : im, bits }
}

const LOG10_2 = Math.log10(2)

/** log2 of an island's size, where the whole set has 1. */
export function log2Size({ re, im, exponent }: ReturnType<Orbit['shape']>): number {
  return exponent + Math.log2(Math.hypot(re, im))
}

/** An island as in the JSON documents. */
export function describe({ re, im, bits, period, shape, exact }: Island) {
  const places = Math.ceil(exact * LOG10_2)
  const log2 = log2Size(shape)
  return {
    period,
    re: fromFixed(re, bits, places),
    im: fromFixed(im, bits, places),
    size: power(log2),
    // the zoom of a tile that shows the island as tile 0/0/0 shows the whole set
    zoom: Math.round(-log2 * 1e6) / 1e6,
    // the island's counter-clockwise rotation
    angle: Math.round((Math.atan2(shape.im, shape.re) * 180e6) / Math.PI) / 1e6 + 0,
    kind: shape.cardioid ? 'cardioid' : 'disc',
  }
}

/** 2^log2 as text with eight digits, even beyond the range of a double. */
export function power(log2: number): string {
  const log10 = log2 * LOG10_2
  const exponent = Math.floor(log10)
  return `${(10 ** (log10 - exponent)).toPrecision(8)}e${exponent}`
}
