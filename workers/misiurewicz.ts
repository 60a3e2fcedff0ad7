// The Misiurewicz point that dominates a view, as a JSON document: the one whose orbit runs into a
// cycle soonest.
//
// The orbit of the centre is followed with its derivative D by c. Where |Z_(k+p) - Z_k| is below
// the radius of the view times |D_(k+p) - D_k|, some point of the view may have Z_(k+p) = Z_k, to
// first order (the ball method); Newton's method goes there. The result counts if it lies in the
// view and no shorter preperiod or period solves the equation, which leaves out nuclei and points
// of lower order.
import type { FeatureTask, TaskResult } from '../src/kernel/task.ts'
import { bitLength, fromFixed, magnitude, toDouble } from '../src/plane/decimal.ts'
import { document } from './document.ts'
import { difference, fixed, log2, normal, quotient, type Scaled, scaled, ZERO } from './scaled.ts'

// the longest period
const LONGEST_PERIOD = 64
// attempts of Newton's method, and its steps
const ATTEMPTS = 100
const STEPS = 2000
// log2 of the radius, large enough for points such as c = -2, whose orbits touch |z| = 2
const LOG2_RADIUS = 4
// below this a difference in doubles has lost too many digits
const CLOSE = 2 ** -30
// digits, in bits, beyond those of the view
const VIEW_BITS = 64

interface Orbit {
  /** Z_0, Z_1, … in fixed point */
  x: bigint[]
  y: bigint[]
  /** the same as doubles, two for each */
  z: number[]
  /** their derivatives by c */
  d: Scaled[]
}

export default function misiurewicz({ centre, half, maxPeriod, cancel }: FeatureTask): TaskResult | null {
  const started = performance.now()
  const bits = centre.bits + VIEW_BITS + 2 * Math.ceil(Math.log2(maxPeriod))
  const lift = (value: bigint) => value << BigInt(bits - centre.bits)
  const [re, im, radius] = [lift(centre.re), lift(centre.im), lift(half)]
  const orbit = iterate(re, im, bits, maxPeriod, cancel)
  if (!orbit) return null
  const log2Radius = bitLength(radius) - bits
  let attempts = 0
  // from a preperiod of 2 on: Z_(1+p) = Z_1 says that Z_p = 0, which is a nucleus, and a double
  // root
  for (let m = 3; m < orbit.x.length; m++) {
    for (let p = 1; p <= Math.min(LONGEST_PERIOD, m - 2); p++) {
      if (attempts >= ATTEMPTS) return document(undefined, started)
      if (!near(orbit, m - p, m, bits, log2Radius)) continue
      attempts++
      const found = newton(re, im, radius, m - p, p, bits, cancel)
      if (found === null) return null
      if (!found) continue
      const places = Math.ceil((centre.bits + VIEW_BITS) * Math.log10(2))
      const [x, y] = [fromFixed(found.re, bits, places), fromFixed(found.im, bits, places)]
      return document({ preperiod: m - p, period: p, re: x, im: y, kind: 'misiurewicz' }, started)
    }
  }
  return document(undefined, started)
}

/** Z and D up to Z_count, or to the escape; undefined when cancelled. */
function iterate(re: bigint, im: bigint, bits: number, count: number, cancel: Int32Array): Orbit | undefined {
  const shift = BigInt(bits)
  const beyond = 1n << BigInt(2 * (bits + LOG2_RADIUS))
  const orbit: Orbit = { x: [0n], y: [0n], z: [0, 0], d: [ZERO] }
  let [x, y, d] = [0n, 0n, orbit.d[0]!]
  for (let n = 1; n <= count; n++) {
    if (cancel[0] !== 0) return undefined
    const [xx, yy] = [x * x, y * y]
    if (xx + yy > beyond) break
    d = derivative(d, scaled(x, y, bits))
    y = ((2n * x * y) >> shift) + im
    x = ((xx - yy) >> shift) + re
    orbit.x.push(x)
    orbit.y.push(y)
    orbit.z.push(toDouble(x, bits), toDouble(y, bits))
    orbit.d.push(d)
  }
  return orbit
}

/** 2 z d + 1 */
function derivative(d: Scaled, z: Scaled): Scaled {
  const e = d.e + z.e + 1
  // compared with 1 the product is negligible, and 2^-e exceeds the double's range
  if (e < -500) return { re: 1, im: 0, e: 0 }
  const one = 2 ** -e
  return normal({ re: d.re * z.re - d.im * z.im + one, im: d.re * z.im + d.im * z.re, e })
}

function near({ x, y, z, d }: Orbit, k: number, m: number, bits: number, log2Radius: number): boolean {
  const [re, im] = [z[2 * m]! - z[2 * k]!, z[2 * m + 1]! - z[2 * k + 1]!]
  const size = Math.max(Math.abs(re), Math.abs(im))
  const apart = size > CLOSE ? Math.log2(size) : log2(scaled(x[m]! - x[k]!, y[m]! - y[k]!, bits))
  return apart < log2Radius + log2(difference(d[m]!, d[k]!))
}

/**
 * The point with Z_(k+p) = Z_k that Newton's method reaches from the centre; undefined if it leaves
 * the view, or the point is of lower order; null when cancelled.
 */
export function newton(cx: bigint, cy: bigint, radius: bigint, k: number, p: number, bits: number, cancel: Int32Array) {
  let [re, im] = [cx, cy]
  for (let step = 0; step < STEPS; step++) {
    const orbit = iterate(re, im, bits, k + p, cancel)
    if (!orbit) return null
    const { x, y, d } = orbit
    if (x.length <= k + p) return undefined
    const f = scaled(x[k + p]! - x[k]!, y[k + p]! - y[k]!, bits)
    const g = difference(d[k + p]!, d[k]!)
    const by = quotient(f, g)
    if (!by) return undefined
    const [dx, dy] = [fixed(by.re, by.e, bits), fixed(by.im, by.e, bits)]
    if (magnitude(dx) <= 1n && magnitude(dy) <= 1n) return ofOrder(orbit, k, p, bits) ? { re, im } : undefined
    re -= dx
    im -= dy
    if (magnitude(re - cx) > radius || magnitude(im - cy) > radius) return undefined
  }
  return undefined
}

/**
 * Does no shorter preperiod and no shorter period solve it? Two iterates count as equal if half of
 * their digits are.
 */
function ofOrder({ x, y }: Orbit, k: number, p: number, bits: number): boolean {
  const limit = 1n << BigInt(Math.floor(bits / 2))
  const equal = (a: number, b: number) => magnitude(x[a]! - x[b]!) < limit && magnitude(y[a]! - y[b]!) < limit
  if (equal(k - 1, k - 1 + p)) return false
  for (let shorter = 1; shorter < p; shorter++) if (p % shorter === 0 && equal(k, k + shorter)) return false
  return true
}
