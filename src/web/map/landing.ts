// Which external rays land at a Misiurewicz point or at the root of an island, by their angles.
//
// Points that are near enough to the place lie between its rays, so their angles begin with the
// binary digits of a ray's. Those of a Misiurewicz point repeat after its preperiod, those of a
// root from the beginning. A ray with these digits counts once it has been followed to the place.
import { parseDecimal, toDouble, toFixed } from '../../plane/decimal.ts'
import type { Island, MisiurewiczPoint } from '../net/features.ts'
import type { Coordinates } from '../state/plane.ts'
import { type Angle, type Complex, digitsOf, type Landing, over, rayInwards, size } from './externalray.ts'

/** A ray: its angle, and its points as differences from where it lands, the farthest first. */
export interface Ray {
  angle: Angle
  points: Complex[]
}

// points about a Misiurewicz point that are looked at without finding another ray
const AROUND = 24
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))
// digits that must repeat beyond a period; chance repeats one in 2^16
const REPEATED = 16
// iterations that a search follows
const MOST = 1200
// rays that meet at a Misiurewicz point, at most
const MOST_RAYS = 24
// Where the rays of a root are looked for: at these parts of the island's size from it, in the
// narrow exterior on both sides. At a distance x on a cardioid's axis that is between the cusp, y =
// 2 x^1.5, and a filament, y = 0; at a distance y across a disc's axis, between the disc, x = -y^2,
// and its parent, x = 0. Other discs and filaments lie there too, so several points are tried.
const BESIDE = [0.3, 0.2, 0.1, 0.05, 0.02, 0.01]
const BETWEEN = { cardioid: [1, 0.6, 1.6], disc: [-0.5, -0.25, -0.75, 0] }
// Parts of the size too: how near a ray is followed, and how near one comes that lands. Beside a
// root orbits slow down, so a ray never gets there.
const NEAR_ROOT = { cardioid: 0.04, disc: 0.12 }
const AT_ROOT = { cardioid: 0.1, disc: 0.25 }

/**
 * The rays that land at a Misiurewicz point, by angle, followed to a distance of `nearest` of the
 * plane.
 */
export function raysOfMisiurewicz(point: MisiurewiczPoint, nearest: number): Ray[] {
  const { preperiod, period } = point
  const landing = { ...orbitOf(point, preperiod + period), loop: preperiod }
  const rays = new Map<string, Ray>()
  // the angle doubles as its critical value does, whose orbit begins at Z_1
  const before = preperiod - 1
  const wanted = before + Math.max(64, 12 * period)
  let [log2, arms, since] = [-8, 0, 0]
  for (let k = 0; since < AROUND && (arms < 2 || rays.size < arms); k++) {
    since++
    const turn = k * GOLDEN_ANGLE
    let digits: number[] | undefined
    // nearer and nearer, until there are enough digits
    for (; log2 > -900; log2 *= 2) {
      const at = { re: 2 ** log2 * Math.cos(turn), im: 2 ** log2 * Math.sin(turn) }
      digits = digitsOf(landing, at, MOST)
      if (!digits || digits.length >= wanted) break
    }
    if (!digits) continue
    for (let arm = 1; arm <= MOST_RAYS; arm++) {
      const angle = repeating(digits, before, arm * period)
      if (!angle) continue
      const key = fractionOf(angle)
      if (rays.has(key)) break
      const points = rayInwards(landing, angle, (d) => size(d) < nearest, MOST)
      if (!points || size(points.at(-1)!) >= nearest) continue
      rays.set(key, { angle, points: [...points, { re: 0, im: 0 }] })
      // arms that take turns are as many as there are rays; one alone may have a second beside it
      ;[arms, since] = [arm, 0]
      break
    }
  }
  return sorted([...rays.values()])
}

/** The two rays that land at an island's root, or the one of the whole set's. */
export function raysOfRoot(island: Island): Ray[] {
  const landing = { ...orbitOf(island, island.period), loop: 0 }
  const { kind, period } = island
  const scale = 2 ** -island.zoom
  const { root, axis } = rootOf(landing)
  const rays = new Map<string, Ray>()
  const apart = (d: Complex) => size(minus(d, root))
  const wanted = period === 1 ? 1 : 2
  for (const [part, between, side] of everyOf(BESIDE, BETWEEN[kind], [-1, 1])) {
    if (rays.size === wanted) break
    const by =
      kind === 'disc' ? { re: between * part ** 2, im: side * part } : { re: part, im: side * between * part ** 1.5 }
    const digits = digitsOf(landing, plus(root, times(times({ re: scale, im: 0 }, axis), by)), MOST)
    const angle = digits && repeating(digits, 0, period)
    if (!angle || rays.has(fractionOf(angle))) continue
    const points = rayInwards(landing, angle, (d) => apart(d) < NEAR_ROOT[kind] * scale, MOST)
    if (!points || apart(points.at(-1)!) > AT_ROOT[kind] * scale) continue
    rays.set(fractionOf(angle), { angle, points: [...points, root] })
  }
  return sorted([...rays.values()])
}

/** An angle as a fraction, in lowest terms. */
export function fractionOf({ numerator, denominator }: Angle): string {
  let [a, b] = [numerator, denominator]
  while (b !== 0n) [a, b] = [b, a % b]
  return `${numerator / a}/${denominator / a}`
}

/**
 * The angle whose binary digits are these: some, and then a period again and again. Undefined if
 * the digits do not repeat.
 */
function repeating(digits: number[], before: number, period: number): Angle | undefined {
  const end = before + period + REPEATED
  if (digits.length < end + period) return undefined
  for (let n = before; n < end; n++) if (digits[n] !== digits[n + period]) return undefined
  const number = (from: number, to: number) =>
    digits.slice(from, to).reduce((all, digit) => 2n * all + BigInt(digit), 0n)
  const cycle = (1n << BigInt(period)) - 1n
  const numerator = number(0, before) * cycle + number(before, before + period)
  const denominator = cycle << BigInt(before)
  return { numerator: numerator % denominator, denominator }
}

/** All triples of three lists, those of the first list's first number first. */
function everyOf(first: number[], second: number[], third: number[]): [number, number, number][] {
  return first.flatMap((a) => second.flatMap((b) => third.map((c): [number, number, number] => [a, b, c])))
}

function sorted(rays: Ray[]): Ray[] {
  const scaled = ({ angle: { numerator, denominator } }: Ray) => Number((numerator << 60n) / denominator)
  return rays.sort((a, b) => scaled(a) - scaled(b))
}

/** The first `count` iterates 0, Z_1, … of a place, each rounded once. */
function orbitOf({ re, im }: Coordinates, count: number): { re: Float64Array; im: Float64Array } {
  const [a, b] = [parseDecimal(re)!, parseDecimal(im)!]
  const bits = Math.ceil(Math.max(a.scale, b.scale) * Math.log2(10)) + 64
  const shift = BigInt(bits)
  const [cx, cy] = [toFixed(a, bits), toFixed(b, bits)]
  let [x, y] = [0n, 0n]
  const orbit = { re: new Float64Array(count), im: new Float64Array(count) }
  for (let n = 0; n < count; n++) {
    ;[orbit.re[n], orbit.im[n]] = [toDouble(x, bits), toDouble(y, bits)]
    ;[x, y] = [((x * x - y * y) >> shift) + cx, ((2n * x * y) >> shift) + cy]
  }
  return orbit
}

// multipliers from which a root, where it would be 1, is extrapolated
const STEP = 1 / 32

/**
 * The root of an island, as a difference from its nucleus, and the direction in which it lies, of
 * length 1. Newton's method for the point z and the
 * parameter whose cycle has a multiplier works up to 1, but not there. The parameter is analytic in
 * the multiplier, so a cubic through four others gives it to 1e-6 of the island's size.
 */
function rootOf(landing: Landing): { root: Complex; axis: Complex } {
  let [z, d]: Complex[] = [
    { re: 0, im: 0 },
    { re: 0, im: 0 },
  ] as [Complex, Complex]
  const found: Complex[] = []
  for (let m = STEP; m < 1; m += STEP) {
    ;[z, d] = withMultiplier(landing, z!, d!, m)
    found.push(d)
  }
  const [p, q, r, s] = found.slice(-4) as [Complex, Complex, Complex, Complex]
  const through = (part: 're' | 'im') => 4 * s[part] - 6 * r[part] + 4 * q[part] - p[part]
  const root = { re: through('re'), im: through('im') }
  const last = minus(root, s)
  return { root, axis: over(last, { re: size(last), im: 0 }) }
}

function withMultiplier({ re, im }: Landing, z0: Complex, d0: Complex, m: number): [Complex, Complex] {
  let [start, d] = [z0, d0]
  for (let step = 0; step < 12; step++) {
    // z, its derivatives by the start and by c, and those of the first by both
    let z = start
    let [byZ, byC, zz, zc] = [{ re: 1, im: 0 }, ZERO, ZERO, ZERO]
    let w = start
    for (let n = 0; n < re.length; n++) {
      const reference = { re: re[n]!, im: im[n]! }
      z = plus(reference, w)
      zz = plus(times(byZ, byZ), times(z, zz))
      zc = plus(times(byC, byZ), times(z, zc))
      ;[zz, zc] = [twice(zz), twice(zc)]
      byC = plus(twice(times(z, byC)), ONE)
      byZ = twice(times(z, byZ))
      w = plus(times(plus(reference, z), w), d)
    }
    // w is now f^p(z), since the reference has come back to 0
    const [f, g] = [minus(w, start), minus(byZ, { re: m, im: 0 })]
    const fz = minus(byZ, ONE)
    // the two equations fz dz + byC dc = f, zz dz + zc dc = g
    const det = minus(times(fz, zc), times(byC, zz))
    const dz = over(minus(times(f, zc), times(byC, g)), det)
    const dc = over(minus(times(fz, g), times(zz, f)), det)
    ;[start, d] = [minus(start, dz), minus(d, dc)]
    if (size(dc) < 1e-12 * size(d)) break
  }
  return [start, d]
}

const ZERO: Complex = { re: 0, im: 0 }
const ONE: Complex = { re: 1, im: 0 }
const plus = (a: Complex, b: Complex) => ({ re: a.re + b.re, im: a.im + b.im })
const minus = (a: Complex, b: Complex) => ({ re: a.re - b.re, im: a.im - b.im })
const times = (a: Complex, b: Complex) => ({ re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re })
const twice = ({ re, im }: Complex) => ({ re: 2 * re, im: 2 * im })
