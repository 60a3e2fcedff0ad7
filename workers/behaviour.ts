// The fate of a point's orbit: it escapes, which gives the distance to the set; or a cycle attracts
// it.
//
// The orbit is followed in fixed point. An iteration m at which it comes nearer to 0 than ever
// before is a candidate: the points whose orbits come nearest at m are the atom domain of period m,
// and a component of period m lies around its nucleus in there. So only these periods are tried. If
// the distances between iterates m apart shrink, Newton's method looks for a cycle there. A
// quadratic polynomial has one attracting cycle at most, and it attracts the orbit of 0.
import { kernel, type Orbit } from '../src/kernel/binding.ts'
import { type Decimal, toDouble, toFixed } from '../src/plane/decimal.ts'
import { attractingCycle, type Cycle } from './cycle.ts'
import { difference, fixed, log2, normal, type Scaled } from './scaled.ts'

/** `bits`: the fractional bits of the cycle's point. */
export type Behaviour =
  | { kind: 'escapes'; escaped: number; nu: number; log2Distance: number; atomPeriod: number }
  | { kind: 'attracted'; cycle: Cycle; bits: number }
  | { kind: 'unknown' }

const UNKNOWN: Behaviour = { kind: 'unknown' }

// log2 of the radius of a disc in which every iterate is a candidate for a period
const EVERYWHERE = 2 ** 20
// distance and smooth count are exact to this radius's square, one part in 2^20
const RADIUS = 1024
// fixed-point orbits hold numbers below REACH; points farther out are rounded to DOUBLE bits
const [REACH, DOUBLE] = [4, 64]
// an orbit is followed from one of these lengths to the next, four times as far
const SLICE = 256
// 64-bit words of all iterates: a million of up to 4,096 bits
const MOST_WORDS = 2 ** 26
// The result is certain while the derivative has not grown beyond the point's own digits and 40 of
// the 64 extra bits of an orbit.
const MARGIN = 40
// how often an orbit restarts with twice the digits
const ATTEMPTS = 5

/**
 * Follows the orbit of a point given to 2^-bits, for at most this many iterations; null when
 * cancelled.
 */
export function behaviourOf(
  re: Decimal,
  im: Decimal,
  bits: number,
  longest: number,
  cancel: Int32Array,
): Behaviour | null {
  const [x, y] = [re, im].map((part) => toDouble(toFixed(part, DOUBLE), DOUBLE)) as [number, number]
  if (Math.max(Math.abs(x), Math.abs(y)) >= REACH) return outside(x, y)
  let digits = bits
  for (let attempt = 0; attempt < ATTEMPTS; attempt++, digits *= 2) {
    const most = Math.max(SLICE, Math.min(longest, Math.floor((64 * MOST_WORDS) / digits)))
    const precision = kernel.orbitBits(-digits, most)
    const c = { re: toFixed(re, precision), im: toFixed(im, precision) }
    const followed = follow(c, digits, precision, most, cancel)
    if (followed !== 'imprecise') return followed
  }
  return UNKNOWN
}

/** The same for a point beyond the range of fixed point, where doubles have enough digits. */
function outside(x: number, y: number): Behaviour {
  let [re, im, dre, dim, n] = [x, y, 1, 0, 1]
  while (Math.hypot(re, im) <= RADIUS) {
    ;[dre, dim] = [2 * (re * dre - im * dim) + 1, 2 * (re * dim + im * dre)]
    ;[re, im] = [re * re - im * im + x, 2 * re * im + y]
    n++
  }
  const size = Math.log2(Math.hypot(re, im))
  const log2Distance = size + Math.log2(size * Math.LN2) - Math.log2(Math.hypot(dre, dim))
  return { kind: 'escapes', escaped: 1, nu: Math.max(0, n - Math.log2(size)), log2Distance, atomPeriod: 1 }
}

interface Point {
  re: bigint
  im: bigint
}

function follow(c: Point, digits: number, bits: number, most: number, cancel: Int32Array) {
  const orbit = new kernel.Orbit(c.re, c.im, bits, bits, RADIUS)
  const path = { orbit, nearest: 0, cancel }
  try {
    for (let length = Math.min(SLICE, most); ; length = Math.min(4 * length, most)) {
      if (!run(path, length)) return null
      if (orbit.log2Derivative > digits + MARGIN) return 'imprecise'
      if (orbit.escaped) return escapes(c, bits, path)
      // three more rounds fit within the length
      const period = path.nearest
      const start = period <= length / 4 ? approached(path, period) : undefined
      if (start === null) return null
      if (start) {
        const point = { re: fixed(start.re, start.e, bits), im: fixed(start.im, start.e, bits) }
        const cycle = attractingCycle(c, point, period, bits, cancel)
        if (cycle === null) return null
        if (cycle) return { kind: 'attracted', cycle, bits } satisfies Behaviour
      }
      if (length === most) return UNKNOWN
    }
  } finally {
    orbit.restart()
  }
}

interface Path {
  orbit: Orbit
  /** the iteration that came nearest to 0 */
  nearest: number
  cancel: Int32Array
}

/** Runs an orbit on to a length; false when cancelled. */
function run(path: Path, length: number): boolean {
  const { orbit, cancel } = path
  for (;;) {
    const result = orbit.run(1, EVERYWHERE, length, undefined, cancel)
    if (result === 'cancelled') return false
    if (result === 'done') return true
    path.nearest = orbit.length
  }
}

/**
 * The orbit's position after some more rounds of a period, if each moves it less than the one
 * before; null when cancelled.
 */
function approached(path: Path, period: number): Scaled | undefined | null {
  const { orbit } = path
  const first = Math.ceil(orbit.length / period)
  const places: Scaled[] = []
  for (let round = first; round <= first + 3; round++) {
    if (!run(path, round * period)) return null
    if (orbit.escaped || path.nearest > period * first) return undefined
    const { re, im, exponent } = orbit.last
    places.push({ re, im, e: exponent })
  }
  const moves = [1, 2, 3].map((round) => log2(difference(places[round]!, places[round - 1]!)))
  // an orbit that has converged moves only by rounding errors
  const arrived = (move: number) => move === Number.NEGATIVE_INFINITY || move < log2(places[3]!) - 45
  return moves.every((move, round) => round === 0 || move < moves[round - 1]! || arrived(move)) ? places[3] : undefined
}

/** For an orbit that has escaped: the iteration, the smooth count, and the distance to the set. */
function escapes(c: Point, bits: number, { orbit, nearest, cancel }: Path): Behaviour | null {
  const z = scaledOf(orbit.last)
  const [size, derivative] = [log2(z), log2(scaledOf(orbit.derivative))]
  // |z| ln|z| / |dz/dc|: the set is between half of that and twice as far
  const log2Distance = size + Math.log2(size * Math.LN2) - derivative
  const first = new kernel.Orbit(c.re, c.im, bits, bits, 2)
  try {
    if (!run({ orbit: first, nearest: 0, cancel }, orbit.length)) return null
    const nu = Math.max(0, orbit.length - Math.log2(size))
    return { kind: 'escapes', escaped: first.length, nu, log2Distance, atomPeriod: nearest }
  } finally {
    first.restart()
  }
}

function scaledOf({ re, im, exponent }: { re: number; im: number; exponent: number }): Scaled {
  return normal({ re, im, e: exponent })
}
