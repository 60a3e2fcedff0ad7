// The cycle that attracts an orbit, by Newton's method for z_p = z in fixed point.
//
// A step takes p iterations from z on, with their derivative by z in doubles. So it adds some 40
// digits of z at a time at most, and far more often doubles them.
import { magnitude } from '../src/plane/decimal.ts'
import { difference, fixed, log2, ONE, product, quotient, type Scaled, scaled } from './scaled.ts'

/** (re + i im) / 2^bits */
interface Point {
  re: bigint
  im: bigint
}

export interface Cycle extends Point {
  period: number
  /** the derivative once round the cycle, below 1 in size */
  multiplier: { re: number; im: number }
}

const STEPS = 24
// The multiplier has converged when a step changes it by less than 2^SETTLED. A multiplier closer
// to 1 in size cannot be told from that of a parabolic cycle.
const SETTLED = -40
const INDIFFERENT = 1 - 2 ** -30
// after this many steps a multiplier beyond 4 will not return below 1
const PATIENCE = 4

/**
 * The attracting cycle of z^2 + c that Newton's method reaches from z for a period or a divisor of
 * it; undefined if there is none, null when cancelled.
 */
export function attractingCycle(
  c: Point,
  start: Point,
  period: number,
  bits: number,
  cancel: Int32Array,
): Cycle | undefined | null {
  let { re, im } = start
  let before: Scaled | undefined
  for (let step = 0; step < STEPS; step++) {
    const round = once(c, { re, im }, period, bits, cancel)
    if (!round) return round
    const by = quotient(scaled(round.re - re, round.im - im, bits), difference(round.multiplier, ONE))
    if (!by || log2(by) > 0 || (step > PATIENCE && log2(round.multiplier) > 2)) return undefined
    re -= fixed(by.re, by.e, bits)
    im -= fixed(by.im, by.e, bits)
    if (before && log2(difference(round.multiplier, before)) < SETTLED)
      return shortest(c, { re, im }, period, bits, cancel)
    before = round.multiplier
  }
  return undefined
}

/** p iterations from a point, and their derivative by it; undefined if they escape. */
function once(c: Point, from: Point, period: number, bits: number, cancel: Int32Array) {
  const shift = BigInt(bits)
  const beyond = 4n << shift
  let { re, im } = from
  let multiplier = ONE
  for (let n = 0; n < period; n++) {
    if (cancel[0] !== 0) return null
    const z = scaled(re, im, bits)
    multiplier = product(multiplier, { ...z, e: z.e + 1 })
    const twice = (re * im) >> (shift - 1n)
    re = ((re * re - im * im) >> shift) + c.re
    im = twice + c.im
    if (magnitude(re) > beyond || magnitude(im) > beyond) return undefined
  }
  return { re, im, multiplier }
}

/** The cycle of a point that returns after this many iterations; it may return sooner. */
function shortest(c: Point, at: Point, most: number, bits: number, cancel: Int32Array): Cycle | undefined | null {
  // the rounding error is far below half of the digits, and the distance of two points of a cycle
  // far above
  const near = 1n << BigInt(Math.floor(bits / 2))
  for (let period = 1; period <= most; period++) {
    if (most % period !== 0) continue
    const round = once(c, at, period, bits, cancel)
    if (!round) return round
    if (period < most && (magnitude(round.re - at.re) > near || magnitude(round.im - at.im) > near)) continue
    const { re, im, e } = round.multiplier
    const multiplier = { re: re * 2 ** e, im: im * 2 ** e }
    return Math.hypot(multiplier.re, multiplier.im) < INDIFFERENT ? { ...at, period, multiplier } : undefined
  }
  return undefined
}
