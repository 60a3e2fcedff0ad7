// Distance estimates and stripe averages of the kernels, against orbits in integers and plain
// formulas that share no code with them.
import { afterAll, describe, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { offsetFrom } from '../../src/plane/neighbourhood.ts'
import { ESCAPE_RADIUS } from '../../src/plane/precision.ts'
import { sampleAxes } from '../../src/plane/samples.ts'
import { imageView, type View } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { ownTask } from '../task.ts'

const { options } = resolveOptions({ threads: '2' })
const renderer = new Renderer(options)
afterAll(() => renderer.close())

interface SampleAttributes {
  nu: Float64Array
  distance: Float32Array
  stripe: Float32Array
}

/** A view's field in doubles. */
function direct(view: View, limit: number): SampleAttributes {
  const { re, im } = sampleAxes(view)
  const count = re.length * im.length
  const field = { nu: new Float64Array(count), distance: new Float32Array(2 * count), stripe: new Float32Array(count) }
  const pixel = Number(view.columnStep.re) / 2 ** view.bits
  kernel.tile(re, im, limit, ESCAPE_RADIUS, field.nu)
  const samples = { re, im, maxIter: limit, escapeRadius: ESCAPE_RADIUS }
  kernel.distance(samples, pixel, field.nu, field.distance)
  kernel.stripe(samples, field.nu, field.stripe)
  return field
}

/** A view's field by perturbation. */
async function perturbed(view: View, limit: number): Promise<SampleAttributes> {
  const { reference, point } = await renderer.orbits.get(view, limit, ownTask())
  const count = view.width * view.height
  const field = { nu: new Float64Array(count), distance: new Float32Array(2 * count), stripe: new Float32Array(count) }
  const { width, height } = view
  const deep = { reference, ...offsetFrom(point, view), width, height, maxIter: limit, escapeRadius: ESCAPE_RADIUS }
  kernel.deep(deep, field.nu)
  kernel.deepDistance(deep, deep.columnStep.re, field.nu, field.distance)
  kernel.deepStripe(deep, field.nu, field.stripe)
  return field
}

const PLACES = [
  { name: 'the rim of the set', re: '-0.75', im: '0.1', zoom: 0, limit: 3000 },
  { name: 'a seahorse tail', re: '-0.743643887037', im: '0.131825904205', zoom: 13, limit: 3000 },
  { name: 'the tip at -2', re: '-2', im: '0', zoom: 25, limit: 1000 },
  {
    name: 'a seahorse',
    re: '-0.743643887037158704752191506114774',
    im: '0.131825904205311970493132056385139',
    zoom: 60,
    limit: 12000,
  },
  { name: 'the dendrite at i', re: '0', im: '1', zoom: 200, limit: 4000 },
  { name: 'the tip at -2', re: '-2', im: '0', zoom: 460, limit: 4000 },
  { name: 'the dendrite at i', re: '0', im: '1', zoom: 935, limit: 4000 },
  { name: 'the dendrite at i', re: '0', im: '1', zoom: 1000, limit: 5000 },
  { name: 'the tip at -2', re: '-2', im: '0', zoom: 1040, limit: 3000 },
]

describe('the kernels’ sample attributes match integer arithmetic', () => {
  test.each(PLACES)('$name at zoom $zoom', async ({ re, im, zoom, limit }) => {
    const size = 12
    const view = imageView(parseDecimal(re)!, parseDecimal(im)!, zoom + 4.3, size, size)
    const fields = [...(zoom < 30 ? [direct(view, limit)] : []), ...(zoom > 12 ? [await perturbed(view, limit)] : [])]
    for (const { nu, distance, stripe } of fields) {
      const off: number[] = []
      nu.forEach((count, at) => {
        const truth = exact(view, at, limit)
        expect(count < 0, `sample ${at}`).toBe(truth === undefined)
        const [right, up, average] = [distance[2 * at]!, distance[2 * at + 1]!, stripe[at]!]
        if (truth === undefined) {
          expect([right, up, average]).toEqual([0, 0, 0])
          return
        }
        // so near the set a sample's own rounding decides
        if (Math.hypot(...truth.distance) < 1e-6) {
          expect(Math.hypot(right, up)).toBeLessThan(1e-5)
          return
        }
        const far = Math.hypot(right - truth.distance[0], up - truth.distance[1]) / Math.hypot(...truth.distance)
        expect(far, `sample ${at}, distance`).toBeLessThan(1e-3)
        expect(Math.abs(average - truth.stripe), `sample ${at}, stripes`).toBeLessThan(1e-3)
        off.push(far)
      })
      expect(off.length).toBeGreaterThan(size)
      expect(off.sort((a, b) => a - b)[Math.floor(off.length / 2)]).toBeLessThan(1e-6)
    }
  })
})

test('every escaping sample has its attributes, even if the last digit decides its count', async () => {
  const [re, im] = ['-0.743643887037158704752191506114774', '0.131825904205311970493132056385139']
  const { nu, distance, stripe } = await perturbed(
    imageView(parseDecimal(re)!, parseDecimal(im)!, 38, 256, 256),
    65_536,
  )
  expect(nu.filter((count) => count >= 0).length).toBeGreaterThan(65_000)
  expect(stripe.filter((average) => !(average >= 0 && average <= 1)).length).toBe(0)
  expect(distance.filter((value) => !Number.isFinite(value)).length).toBe(0)
})

describe('the cycle that attracts an interior sample', () => {
  test('matches integer arithmetic in a small copy past zoom 40', async () => {
    // beside the seahorse tail; the reference is the nucleus of the small set itself
    const re = parseDecimal('-0.743643887037158704752191506114774')!
    const im = parseDecimal('0.131825904205311970493132056385139')!
    const near = imageView(re, im, 40, 16, 16)
    const { point, period } = await renderer.orbits.get(near, 20_000, ownTask())
    expect(period).toBeGreaterThan(10)
    const centre = (value: bigint) => ({ digits: value * 5n ** BigInt(point.bits), scale: point.bits })
    // the zoom where it fills half of the view
    for (let zoom = 40; ; zoom++) {
      const view = imageView(centre(point.re), centre(point.im), zoom, 24, 24)
      const { reference, point: from } = await renderer.orbits.get(near, 20_000, ownTask())
      const limits = { maxIter: 20_000, escapeRadius: ESCAPE_RADIUS }
      const deep = { reference, ...offsetFrom(from, view), width: 24, height: 24, ...limits }
      const nu = new Float64Array(24 * 24)
      const counts = kernel.deep(deep, nu)!
      if (counts.interior < 100) continue
      const found = new Float32Array(2 * nu.length)
      kernel.deepCycle(deep, nu, found)
      let seen = 0
      for (let at = 0; at < nu.length; at += 7) {
        const [length, attraction] = [found[2 * at]!, found[2 * at + 1]!]
        if (nu[at]! >= 0) expect([length, attraction]).toEqual([0, 0])
        if (length === 0 || attraction > 0.7) continue
        seen++
        expect(length % period).toBe(0)
        expect(around(view, at, length)).toBeCloseTo(attraction, 2)
      }
      expect(seen).toBeGreaterThan(5)
      return
    }
  })
})

/**
 * |F'| of a sample's orbit once around, when it has gone round so often that it no longer moves.
 */
function around(view: View, at: number, period: number): number {
  const bits = BigInt(view.bits + 64)
  const re = (view.re + BigInt(at % view.width) * view.columnStep.re) << 64n
  const im = (view.im + BigInt(Math.floor(at / view.width)) * view.rowStep.im) << 64n
  let [zr, zi] = [0n, 0n]
  const once = () => {
    ;[zr, zi] = [((zr * zr - zi * zi) >> bits) + re, ((zr * zi) >> (bits - 1n)) + im]
  }
  for (let n = 0; n < 40 * period; n++) once()
  const from = [zr, zi] as const
  const shift = bits > 1000n ? bits - 1000n : 0n
  let product = 0
  for (let n = 0; n < period; n++) {
    product += Math.log2(2 * Math.hypot(Number(zr >> shift), Number(zi >> shift))) - Number(bits - shift)
    once()
  }
  // it has come back, to a hundredth of a sample's width
  const moved = (a: bigint, b: bigint) => Math.abs(Number(a - b)) / 2 ** Number(bits)
  expect(moved(zr, from[0]) + moved(zi, from[1])).toBeLessThan(1e-6)
  return 2 ** product
}

const WINDOW = 32

/**
 * D = z ln|z| / z' where |z| > 2^24, and the stripe average, of a sample by whole numbers; none
 * where it does not escape.
 */
function exact(view: View, at: number, limit: number): { distance: [number, number]; stripe: number } | undefined {
  // a pixel's width is 2^extra units of these
  const extra = 160
  const bits = BigInt(view.bits + extra)
  const shift = BigInt(extra)
  const re = (view.re + BigInt(at % view.width) * view.columnStep.re) << shift
  const im = (view.im + BigInt(Math.floor(at / view.width)) * view.rowStep.im) << shift
  const pixel = view.columnStep.re << shift
  let [zr, zi, dr, di] = [re, im, pixel, 0n]
  const double = (a: bigint) => Number(a >> (bits - 60n)) / 2 ** 60
  const path: [number, number][] = []
  let last = 0
  for (let n = 1; n <= limit + 10; n++) {
    const z: [number, number] = [double(zr), double(zi)]
    const size = Math.hypot(...z)
    if (last === 0) path.push(z)
    if (last === 0 && size > ESCAPE_RADIUS) last = n - Math.log2(Math.log2(size)) + Math.log2(Math.log2(ESCAPE_RADIUS))
    if (size > 2 ** 24) {
      // z' may be as large as the pixels are small
      const log = Math.log(size)
      const d2 = dr * dr + di * di
      const part = (a: bigint) => (Number((a << 80n) / d2) / 2 ** 80) * log
      return { distance: [part(zr * dr + zi * di), part(zi * dr - zr * di)], stripe: stripes(path, last) }
    }
    ;[dr, di] = [((zr * dr - zi * di) >> (bits - 1n)) + pixel, (zr * di + zi * dr) >> (bits - 1n)]
    ;[zr, zi] = [((zr * zr - zi * zi) >> bits) + re, ((zr * zi) >> (bits - 1n)) + im]
    if (n >= limit && last === 0) return undefined
  }
  return undefined
}

function stripes(path: [number, number][], last: number): number {
  let [sum, weights] = [0, 0]
  path.forEach(([re, im], k) => {
    const age = last - (k + 1)
    const weight = Math.max(0, Math.min(age + 1, 1 - age / WINDOW))
    sum += (weight * (1 + Math.cos(4 * Math.atan2(im, re)))) / 2
    weights += weight
  })
  return sum / weights
}
