// Samples close to the edges of components, where an escaping orbit long looks like one that does
// not escape. Every sample that is shown as proven interior must be: by the closed forms of the
// cardioid and of the disc of period 2 in whole numbers, by an attracting cycle in 200 bits, or at
// least by an orbit in fixed point that does not escape.
//   npm run bench -- interior
import { INTERIOR, kernel, LIMIT } from '../../src/kernel/binding.ts'
import { ESCAPE_RADIUS } from '../../src/plane/precision.ts'
import { generator, onCardioid } from '../data/random.ts'
import { goal, table } from '../table.ts'

const SEED = 5
const TOTAL = 100_000
const LIMIT_ITERATIONS = 20_000
const TRUTH_ITERATIONS = 30_000
// coordinates are whole numbers of 2^-BITS, so doubles hold them exactly
const BITS = 50
const FINE = 200

// the edge's points: turn of the multiplier, and the period of the component that touches there
const GOLDEN = (Math.sqrt(5) - 1) / 2
const EDGES: [name: string, point: { re: number; im: number }, period: number][] = [
  ['1/4, the cusp', { re: 0.25, im: 0 }, 1],
  ['-0.75, root of the 1/2 disc', { re: -0.75, im: 0 }, 2],
  ['root of the 1/3 disc', onCardioid(1 / 3), 3],
  ['root of the 1/5 disc', onCardioid(1 / 5), 5],
  ['root of the 2/7 disc', onCardioid(2 / 7), 7],
  ['-1.25, root of period 4', { re: -1.25, im: 0 }, 4],
  ['-1.75, the cusp of period 3', { re: -1.75, im: 0 }, 3],
  ['Siegel, golden mean', onCardioid(GOLDEN), 1],
  ['Siegel, square root of 2', onCardioid(Math.SQRT2 - 1), 1],
  ['Feigenbaum', { re: -1.4011551890933147, im: 0 }, 64],
]

const random = generator(SEED)
let wrong = 0
const rows = EDGES.map(([name, point, period]) => {
  const count = TOTAL / EDGES.length
  const [re, im] = [new Float64Array(count), new Float64Array(count)]
  for (let k = 0; k < count; k++) {
    // from a sixteenth to 2^-36 away, as many for each factor
    const [away, angle] = [2 ** -(4 + 32 * random()), 2 * Math.PI * random()]
    re[k] = rounded(point.re + away * Math.cos(angle))
    im[k] = rounded(point.im + away * Math.sin(angle))
  }
  const nu = new Float64Array(count)
  kernel.points(re, im, count, LIMIT_ITERATIONS, ESCAPE_RADIUS, nu)
  const by = { form: 0, cycle: 0, orbit: 0, escapes: 0 }
  for (const [k, given] of nu.entries()) if (given === INTERIOR) by[proof(re[k]!, im[k]!, period)]++
  wrong += by.escapes
  const limited = nu.filter((given) => given === LIMIT).length
  return [name, count, nu.filter((given) => given >= 0).length, limited, by.form, by.cycle, by.orbit, by.escapes]
})
table(['beside', 'samples', 'escape', 'met the limit', 'closed form', 'cycle', 'orbit stays', 'orbit escapes'], rows)
console.log(`false interior: ${goal(wrong, 0, 'at most', 0)}`)
if (wrong > 0) process.exitCode = 1

function rounded(x: number): number {
  return Math.round(x * 2 ** BITS) / 2 ** BITS
}

function whole(x: number): bigint {
  return BigInt(x * 2 ** BITS)
}

/** The evidence that a point belongs to the set, or that it does not. */
function proof(re: number, im: number, period: number): 'form' | 'cycle' | 'orbit' | 'escapes' {
  if (inClosedForm(whole(re), whole(im))) return 'form'
  if (attracts(re, im, period)) return 'cycle'
  const truth = kernel.exact(whole(re), whole(im), BITS, 256, TRUTH_ITERATIONS, ESCAPE_RADIUS, LIMIT, 1, -40, 0, 0, 0)
  return truth!.n === 0 ? 'orbit' : 'escapes'
}

/** Is x + iy, in units of 2^-BITS, in the main cardioid or in the disc of period 2? */
function inClosedForm(x: bigint, y: bigint): boolean {
  const one = 1n << BigInt(BITS)
  const y2 = y * y
  if (16n * ((x + one) * (x + one) + y2) <= one * one) return true
  // q (q + x - 1/4) <= y^2 / 4, where q = (x - 1/4)^2 + y^2, with 4 x - 1 for x - 1/4
  const u = 4n * x - one
  const q = u * u + 16n * y2
  return q * (q + 4n * one * u) <= 64n * y2 * one * one
}

/** Has z^2 + c a cycle of this period whose multiplier is below 1 in size, in FINE bits? */
function attracts(re: number, im: number, period: number): boolean {
  let [x, y] = [0, 0]
  for (let n = 0; n < 20 * 1024 * period && n < LIMIT_ITERATIONS; n++) [x, y] = [x * x - y * y + re, 2 * x * y + im]
  if (!(x * x + y * y < 16)) return false
  const by = BigInt(FINE)
  const fixed = (value: number) => BigInt(Math.round(value * 2 ** 50)) << BigInt(FINE - 50)
  const [cr, ci, one] = [fixed(re), fixed(im), 1n << by]
  let [zx, zy] = [fixed(x), fixed(y)]
  for (let step = 0; step < 40; step++) {
    let [a, b, da, db] = [zx, zy, one, 0n]
    for (let n = 0; n < period; n++) {
      ;[da, db] = [(2n * (a * da - b * db)) >> by, (2n * (a * db + b * da)) >> by]
      ;[a, b] = [((a * a - b * b) >> by) + cr, ((2n * a * b) >> by) + ci]
      // a step of Newton's method that went astray: its digits would double with each iteration
      if (a * a + b * b > 16n * one * one) return false
    }
    // z - (f(z) - z) / (f'(z) - 1)
    const [fx, fy, gx, gy] = [a - zx, b - zy, da - one, db]
    const norm = gx * gx + gy * gy
    if (norm === 0n) return false
    const [sx, sy] = [((fx * gx + fy * gy) << by) / norm, ((fy * gx - fx * gy) << by) / norm]
    zx -= sx
    zy -= sy
    if (sx * sx + sy * sy < 4n ** 70n) return da * da + db * db < one * one
    if (zx * zx + zy * zy > 16n * one * one) return false
  }
  return false
}
