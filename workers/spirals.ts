// The Misiurewicz points of low order in a tile, as GeoJSON. The order is preperiod plus period.
//
// All points up to the highest order are found once, as roots of Z_(k+p-1) + Z_(k-1). This
// polynomial in c has simple roots: the points of preperiod k whose period divides p, and nuclei.
// The method of Ehrlich and Aberth finds all of them at once. Those near the tile are then refined
// to full precision. A tile lists points up to an order that grows with its zoom. So adjacent tiles
// agree, and a point that is listed stays listed at all deeper zooms.
import type { FeatureTask, TaskResult } from '../src/kernel/task.ts'
import { bitLength, fromFixed, toDouble } from '../src/plane/decimal.ts'
import { document } from './document.ts'
import { newton } from './misiurewicz.ts'

// the highest order: 2,937 points in all, found in 0.2 s
const HIGHEST = 10
// tile 0/0/0 lists points up to this order, and each zoom one more
const FIRST = 4
const ROUNDS = 200
// Two iterates in doubles are equal below this. Those of points of these orders are 1e-3 apart and
// more, or equal.
const EQUAL = 1e-6
// an upper bound of the error of roots in doubles
const OFF = -36
// digits, in bits, beyond those of the tile; those of them in the answer; and the last ones, which
// Newton's method may get wrong
const VIEW_BITS = 96
const GIVEN = 64
const LOST = 16n
const DOUBLE_BITS = 52

interface Root {
  preperiod: number
  period: number
  re: number
  im: number
}

let roots: Root[] | undefined

export default function spirals({ centre, half, cancel }: FeatureTask): TaskResult | null {
  const started = performance.now()
  roots ??= allRoots()
  const bits = centre.bits + VIEW_BITS
  const lift = (value: bigint) => value << BigInt(VIEW_BITS)
  const [re, im, side] = [lift(centre.re), lift(centre.im), lift(half)]
  const [x, y, reach] = [toDouble(re, bits), toDouble(im, bits), toDouble(side, bits) + 2 ** OFF]
  // half a side is 3 · 2^-(z + 1)
  const zoom = centre.bits + 1 - bitLength(half)
  const places = Math.ceil((centre.bits + GIVEN) * Math.log10(2))
  const features: object[] = []
  for (const { preperiod, period, ...root } of roots) {
    if (preperiod + period > FIRST + zoom) continue
    if (Math.abs(root.re - x) > reach || Math.abs(root.im - y) > reach) continue
    const near = (part: number) => BigInt(Math.round(part * 2 ** DOUBLE_BITS)) << BigInt(bits - DOUBLE_BITS)
    const exact = newton(near(root.re), near(root.im), 1n << BigInt(bits + OFF), preperiod, period, bits, cancel)
    if (exact === null) return null
    if (!exact) throw new Error(`the Misiurewicz point beside ${root.re} ${root.im} was lost`)
    const point = { re: rounded(exact.re), im: rounded(exact.im) }
    // the left and the lower border belong to the tile
    const [right, up] = [point.re - re, point.im - im]
    if (right < -side || right >= side || up < -side || up >= side) continue
    const place = { re: fromFixed(point.re, bits, places), im: fromFixed(point.im, bits, places) }
    features.push({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [Number(place.re), Number(place.im)] },
      properties: { preperiod, period, ...place, kind: 'misiurewicz' },
    })
  }
  return document({ type: 'FeatureCollection', features }, started)
}

/** Without the last bits, so that points of the axis and of borders lie on them. */
function rounded(value: bigint): bigint {
  return ((value + (1n << (LOST - 1n))) >> LOST) << LOST
}

/** All points, those of low order first. */
function allRoots(): Root[] {
  const all: Root[] = []
  for (let order = 3; order <= HIGHEST; order++) {
    for (let period = 1; period <= order - 2; period++) {
      const preperiod = order - period
      for (const [re, im] of rootsOfSum(preperiod, period)) {
        if (isOfOrder(re, im, preperiod, period)) all.push({ preperiod, period, re, im })
      }
    }
  }
  return all
}

/** The roots of Z_(k+p-1) + Z_(k-1), of degree 2^(k+p-2). */
function rootsOfSum(k: number, p: number): [number, number][] {
  const count = 2 ** (k + p - 2)
  const x = Float64Array.from({ length: count }, (_, n) => 1.6 * Math.cos((2 * Math.PI * (n + 0.37)) / count) - 0.5)
  const y = Float64Array.from({ length: count }, (_, n) => 1.3 * Math.sin((2 * Math.PI * (n + 0.37)) / count))
  for (let round = 0; round < ROUNDS; round++) {
    let moved = 0
    for (let n = 0; n < count; n++) {
      const step = newtonStep(x[n]!, y[n]!, k, p)
      // 1 - step · sum of 1/(this root - another)
      let [u, v] = [0, 0]
      for (let m = 0; m < count; m++) {
        if (m === n) continue
        const dx = x[n]! - x[m]!
        const dy = y[n]! - y[m]!
        const norm = dx * dx + dy * dy
        u += dx / norm
        v -= dy / norm
      }
      const by = quotient(step, { re: 1 - step.re * u + step.im * v, im: -step.re * v - step.im * u })
      x[n]! -= by.re
      y[n]! -= by.im
      moved = Math.max(moved, Math.abs(by.re), Math.abs(by.im))
    }
    if (moved < 1e-15) break
  }
  return Array.from(x, (re, n) => [re, y[n]!])
}

/** (Z_(k+p-1) + Z_(k-1)) over its derivative by c. */
function newtonStep(re: number, im: number, k: number, p: number) {
  let [x, y, u, v] = [0, 0, 0, 0]
  let [f, g] = [ZERO, ZERO]
  for (let n = 1; n < k + p; n++) {
    ;[u, v] = [2 * (x * u - y * v) + 1, 2 * (x * v + y * u)]
    ;[x, y] = [x * x - y * y + re, 2 * x * y + im]
    if (n === k - 1 || n === k + p - 1) {
      f = { re: f.re + x, im: f.im + y }
      g = { re: g.re + u, im: g.im + v }
    }
  }
  return quotient(f, g)
}

const ZERO = { re: 0, im: 0 }

function quotient(a: { re: number; im: number }, b: { re: number; im: number }) {
  const norm = b.re * b.re + b.im * b.im
  return { re: (a.re * b.re + a.im * b.im) / norm, im: (a.im * b.re - a.re * b.im) / norm }
}

/** Is this root not a nucleus, and its period not a shorter one? */
function isOfOrder(re: number, im: number, k: number, p: number): boolean {
  const orbit: [number, number][] = [[0, 0]]
  for (let n = 1; n <= k + p; n++) {
    const [x, y] = orbit[n - 1]!
    orbit.push([x * x - y * y + re, 2 * x * y + im])
  }
  const apart = (a: number, b: number) => Math.hypot(orbit[a]![0] - orbit[b]![0], orbit[a]![1] - orbit[b]![1])
  if (apart(k - 1, k - 1 + p) < EQUAL) return false
  for (let shorter = 1; shorter < p; shorter++) if (p % shorter === 0 && apart(k, k + shorter) < EQUAL) return false
  return true
}
