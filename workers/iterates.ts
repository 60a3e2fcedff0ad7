// The first iterates of a point, as a JSON document, and the cycle that attracts them if there is
// one.
//
// In fixed point: an iterate in |z| <= 2 carries its error on at most fourfold, so with two more
// bits for each iteration all printed digits are right.
import type { IteratesTask, TaskResult } from '../src/kernel/task.ts'
import { fromFixed, toDouble, toFixed } from '../src/plane/decimal.ts'
import { document } from './document.ts'

// digits of an iterate behind the point: enough to place it on any screen that shows the whole
// orbit
const PLACES = 20
const PLACES_BITS = 67
const RADIUS = 256n

export default function iterates({ re, im, count, cancel }: IteratesTask): TaskResult | null {
  const started = performance.now()
  const bits = 2 * count + PLACES_BITS
  const [cr, ci] = [toFixed(re, bits), toFixed(im, bits)]
  const [shift, beyond] = [BigInt(bits), (RADIUS * RADIUS) << BigInt(2 * bits)]
  const points: [string, string][] = []
  let [x, y] = [0n, 0n]
  let escaped: number | undefined
  for (let n = 1; n <= count; n++) {
    if (cancel[0] !== 0) return null
    const [xx, yy] = [x * x, y * y]
    if (xx + yy > beyond) break
    y = ((2n * x * y) >> shift) + ci
    x = ((xx - yy) >> shift) + cr
    points.push([fromFixed(x, bits, PLACES), fromFixed(y, bits, PLACES)])
    if (escaped === undefined && x * x + y * y > 4n << (2n * shift)) escaped = n
  }
  const cycle = escaped === undefined ? attractor(toDouble(cr, bits), toDouble(ci, bits)) : undefined
  return document({ points, ...(escaped !== undefined && { escaped }), ...cycle }, started)
}

// iterations before a cycle is looked for, and its longest period
const SETTLE = 2 ** 16
const LONGEST = 2 ** 12
// Newton's method for z_p = z has converged
const CLOSED = 2 ** -40

/**
 * The attracting cycle of z^2 + c: its period and its multiplier, the derivative once round the
 * cycle, below 1 in size. None is given where doubles do not show one.
 */
function attractor(cr: number, ci: number): { period: number; multiplier: { re: number; im: number } } | undefined {
  let [x, y] = [0, 0]
  const step = () => {
    const next = x * x - y * y + cr
    y = 2 * x * y + ci
    x = next
  }
  for (let n = 0; n < SETTLE; n++) step()
  const [sx, sy] = [x, y]
  for (let period = 1; period <= LONGEST; period++) {
    step()
    if (!(Math.hypot(x - sx, y - sy) < 2 ** -20)) continue
    const found = newton(sx, sy, cr, ci, period)
    if (found && Math.hypot(found.re, found.im) < 1) return { period, multiplier: found }
  }
  return undefined
}

/** The multiplier of the cycle of this period at z, found by Newton's method from there. */
function newton(zx: number, zy: number, cr: number, ci: number, period: number) {
  for (let round = 0; round < 20; round++) {
    let [x, y, dx, dy] = [zx, zy, 1, 0]
    for (let n = 0; n < period; n++) {
      ;[dx, dy] = [2 * (x * dx - y * dy), 2 * (x * dy + y * dx)]
      ;[x, y] = [x * x - y * y + cr, 2 * x * y + ci]
    }
    // z - (f(z) - z) / (f'(z) - 1)
    const [fx, fy, gx, gy] = [x - zx, y - zy, dx - 1, dy]
    const norm = gx * gx + gy * gy
    const [stepX, stepY] = [(fx * gx + fy * gy) / norm, (fy * gx - fx * gy) / norm]
    if (!(Math.hypot(stepX, stepY) < 1)) return undefined
    zx -= stepX
    zy -= stepY
    if (Math.hypot(stepX, stepY) < CLOSED) return { re: dx, im: dy }
  }
  return undefined
}
