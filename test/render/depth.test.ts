// Past double precision, against integer arithmetic that shares no code with the kernels: z <- z^2
// + c in bigint fixed point.
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { kernel, type Orbit } from '../../src/kernel/binding.ts'
import { type Decimal, parseDecimal, toFixed } from '../../src/plane/decimal.ts'
import { neighbourhood, offsetFrom, orbitPlan } from '../../src/plane/neighbourhood.ts'
import { ESCAPE_RADIUS } from '../../src/plane/precision.ts'
import { sampleAxes } from '../../src/plane/samples.ts'
import { imageView, tileAround, tileView, type View } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { ancestor } from '../ancestor.ts'
import { readNpy } from '../npy.ts'
import { ownTask } from '../task.ts'

const { options } = resolveOptions({ threads: '2' })
const renderer = new Renderer(options)
afterAll(() => renderer.close())

// the first n with |z_n| > radius, at most limit; c in units of 2^-bits
function count(re: bigint, im: bigint, bits: number, limit: number, radius = 2): number | undefined {
  const b = BigInt(bits)
  const most = BigInt(radius ** 2) << (2n * b)
  let [zr, zi] = [0n, 0n]
  for (let n = 1; n <= limit; n++) {
    ;[zr, zi] = [((zr * zr - zi * zi) >> b) + re, ((zr * zi) >> (b - 1n)) + im]
    if (zr * zr + zi * zi > most) return n
  }
  return undefined
}

/**
 * A grid of `size` samples a side round a centre, 3/2^zoom wide: corners as exact decimals, and the
 * truth for each sample.
 */
function square(re: string, im: string, zoom: number, size: number) {
  const half = { digits: 15n * 5n ** BigInt(zoom + 1), scale: zoom + 2 } // 3/2 · 2^-zoom
  const shift = (text: string, sign: bigint) => {
    const at = parseDecimal(text)!
    const scale = Math.max(at.scale, half.scale)
    const digits = at.digits * 10n ** BigInt(scale - at.scale) + sign * half.digits * 10n ** BigInt(scale - half.scale)
    return { digits, scale }
  }
  return { x0: shift(re, -1n), y0: shift(im, -1n), x1: shift(re, 1n), y1: shift(im, 1n), size }
}

const text = ({ digits, scale }: Decimal) => `${digits}e-${scale}`

const PLACES = [
  // every sample depends on the last digits: the tips of the antenna and of the dendrite
  { name: 'c = -2 at zoom 918', re: '-2', im: '0', zoom: 918, limit: 3000, least: 0.99 },
  { name: 'c = i at zoom 918', re: '0', im: '1', zoom: 918, limit: 4000, least: 0.99 },
  { name: 'c = -2 at zoom 1026', re: '-2', im: '0', zoom: 1026, limit: 3000, least: 0.99 },
  { name: 'c = i at zoom 1300', re: '0', im: '1', zoom: 1300, limit: 5000, least: 0.99 },
  // numbers of so many digits take long, so there are few samples: at zoom 5000 one of them is -2
  // itself, whose orbit the last digit of its double would change
  { name: 'c = -2 at zoom 5000', re: '-2', im: '0', zoom: 5000, limit: 8000, size: 4, least: 15 / 16 },
  { name: 'c = -2 at zoom 10,000', re: '-2', im: '0', zoom: 10_000, limit: 10_000, size: 3, least: 0.99 },
  {
    name: 'a seahorse at zoom 60',
    re: '-0.743643887037158704752191506114774',
    im: '0.131825904205311970493132056385139',
    zoom: 60,
    limit: 12000,
    least: 0.99,
  },
  {
    name: 'embedded spirals at zoom 46',
    re: '-1.759817130804847813610825010561798238243999999999999999999800',
    im: '-0.012593310799749865383746631843264858450340000000000000000000',
    zoom: 46,
    limit: 4036,
    least: 0.99,
  },
]

describe('counts past double precision match integer arithmetic', () => {
  test.each(PLACES)('$name', async ({ re, im, zoom, limit, size: side = 12, least }) => {
    const { x0, y0, x1, y1, size } = square(re, im, zoom, side)
    const request = {
      x0: text(x0),
      y0: text(y0),
      x1: text(x1),
      y1: text(y1),
      grid: size,
      maxIter: limit,
      precision: 'perturbation',
    } as const
    const values = readNpy((await renderer.grid(request, 'npy').find()).bytes)
    const bits = zoom + 200
    const [left, top] = [toFixed(x0, bits), toFixed(y0, bits)]
    const [dx, dy] = [(toFixed(x1, bits) - left) / BigInt(size), (toFixed(y1, bits) - top) / BigInt(size)]
    let equal = 0
    for (let m = 0; m < size; m++) {
      for (let n = 0; n < size; n++) {
        const truth = (right: bigint, down: bigint) =>
          count(left + BigInt(n) * dx + right, top + BigInt(m) * dy + down, bits, limit)
        const exact = truth(0n, 0n)
        const value = values[size * m + n]!
        const found = value === 0 ? undefined : Math.round((1 - value) * limit) + 1
        if (found === exact) equal++
        // differences occur only where the exact count itself changes within a thousandth of a
        // pixel
        else
          expect(
            around(dx / 1000n, dy / 1000n)
              .map(([x, y]) => truth(x, y))
              .some((near) => near !== exact),
          ).toBe(true)
      }
    }
    expect(equal / size ** 2).toBeGreaterThanOrEqual(least)
  })
})

const around = (x: bigint, y: bigint) => [-1n, 0n, 1n].flatMap((i) => [-1n, 0n, 1n].map((j) => [i * x, j * y] as const))

describe('where doubles hand over to perturbation', () => {
  test.each([27, 28, 29, 30, 31, 38, 40, 42])(
    'at zoom %i both match the exact counts, or the exact count changes nearby',
    async (zoom) => {
      const centre = [
        parseDecimal('-0.743643887037158704752191506114774')!,
        parseDecimal('0.131825904205311970493132056385139')!,
      ] as const
      const [size, limit] = [24, 9000]
      const view = imageView(...centre, zoom, size, size)
      const truth = truthOf(view, limit)
      if (zoom <= 29) {
        const { re, im } = sampleAxes(view)
        const direct = new Float64Array(size * size)
        kernel.tile(re, im, limit, 2, direct)
        expect(differing(direct, truth)).toBeLessThanOrEqual(0.1)
      }
      expect(differing(await perturbed(view, limit, 0, 2), truth)).toBeLessThanOrEqual(0.02)
    },
  )
})

describe('on both sides of every switch between perturbation kernels', () => {
  // references get a second table in neighbourhoods from zoom 408 on, which serve tiles from 411
  // on; deltas start out below 2^-450; iterates below 2^-960 are kept with exponents; from zoom
  // 1032 on the doubles have no unit for c, and c itself is below their range
  const ZOOMS = [410, 411, 448, 452, 940, 950, 957, 960, 963, 1020, 1026, 1030, 1034, 1035, 1043]
  const ENDS = [
    { name: 'c = -2', re: '-2', im: '0' },
    { name: 'c = i', re: '0', im: '1' },
  ]
  test.each(ENDS)('$name: counts are exact, and the same from the reference eight zooms above', async ({ re, im }) => {
    for (const zoom of ZOOMS) {
      const limit = 2 * zoom
      const view = imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, 8, 8)
      // far out, since |c| itself is 2 but for the last digit
      const truth = truthOf(view, limit, ESCAPE_RADIUS)
      for (const up of [0, 8])
        expect(differing(await perturbed(view, limit, up), truth), `zoom ${zoom}, ${up} above`).toBeLessThanOrEqual(
          0.01,
        )
    }
  })
})

interface Truth {
  view: View
  radius: number
  n: (number | undefined)[]
  at(sample: number, right?: bigint, down?: bigint): number | undefined
}

/** The counts of a view's samples, and those of points beside them. */
function truthOf(view: View, limit: number, radius = 2): Truth {
  const at = (sample: number, right = 0n, down = 0n) =>
    count(
      view.re + BigInt(sample % view.width) * view.columnStep.re + right,
      view.im + BigInt(Math.floor(sample / view.width)) * view.rowStep.im + down,
      view.bits,
      limit,
      radius,
    )
  return { view, radius, n: Array.from({ length: view.width * view.height }, (_, sample) => at(sample)), at }
}

/**
 * The share of smooth counts that differ from the exact ones; each must be one where the exact
 * count changes within a thousandth of a pixel.
 */
function differing(nu: Float64Array, { view, radius, n, at }: Truth): number {
  const pixel = view.columnStep.re / 1000n
  const wrong = [...nu.keys()].filter((sample) => !within(nu[sample]!, n[sample], radius))
  for (const sample of wrong) {
    const near = around(pixel, pixel).map(([x, y]) => at(sample, x, y))
    expect(
      near.some((count) => count !== n[sample]),
      `sample ${sample}: ${nu[sample]}, not ${n[sample]}`,
    ).toBe(true)
  }
  return wrong.length / nu.length
}

// n - log2 log2 |z| for R < |z_n| <= R^2 + 2: within (n - 1.4, n] beside log2 log2 R; no escape
// below 0
function within(nu: number, n: number | undefined, radius: number): boolean {
  const count = nu + Math.log2(Math.log2(radius))
  return n === undefined ? nu < 0 : nu >= 0 && count <= n && count > n - 1.4
}

describe('near a point with an indifferent orbit', () => {
  const POINTS = [
    { name: 'the cusp', re: '0.25', im: '0' },
    { name: 'where two discs touch', re: '-0.75', im: '0' },
    // e^(i t)/2 - e^(2 i t)/4 with t = 2 pi (sqrt 5 - 1)/2: whole numbers of 400 bits
    {
      name: 'the boundary of a Siegel disc',
      re: '-0.390540870218400050669762600713798485817583715938583500790716',
      im: '-0.586787907346968751196714643055715840096745752123320842032245',
    },
  ]
  test.each(POINTS)(
    '$name: no exterior sample counts as interior, and no interior sample escapes',
    async ({ re, im }) => {
      for (const zoom of [38, 39, 40, 41, 42]) {
        // with the point in its middle, so that the axis and the line through -3/4 are sampled:
        // nothing there is inside, and nothing escapes before 10^7 iterations
        const view = imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, 33, 33)
        expect(falsehoods(view, await perturbed(view, 20_000)), `zoom ${zoom}`).toEqual([])
      }
    },
  )

  // by 12 million iterations in numbers of 256 bits none of 16 samples round the third point has
  // escaped, inside or not: by default all three are black
  // samples are as far apart as those of a tile at zoom 40, and those beside the point take longest
  test.each(POINTS)('$name: a tile at zoom 42 classifies every sample correctly', async ({ re, im }) => {
    const tile = tileAround(imageView(parseDecimal(re)!, parseDecimal(im)!, 42, 1, 1), 42, 3)
    const { bytes } = await renderer.numbers({ tile, size: 64, maxIter: 'auto' }, 'npy').find()
    expect(falsehoods(tileView(tile, 64), readNpy(bytes))).toEqual([])
  })
})

/**
 * The samples in the two largest components that escaped, and those outside that were taken for
 * interior: no smaller component is proven at these points.
 */
function falsehoods(view: View, nu: Float64Array): number[] {
  return [...nu.keys()].filter((at) => {
    const [i, j] = [BigInt(at % view.width), BigInt(Math.floor(at / view.width))]
    const inside = inCardioidOrDisc(view.re + i * view.columnStep.re, view.im + j * view.rowStep.im, view.bits)
    return inside ? nu[at]! >= 0 : nu[at] === -1
  })
}

/** The interiors of the main cardioid and of the period-2 disc, exactly: c in units of 2^-bits. */
function inCardioidOrDisc(re: bigint, im: bigint, bits: number): boolean {
  const one = 1n << BigInt(bits)
  // with p = re - 1/4 and q = p^2 + im^2 it is q (q + p) < im^2 / 4, here times 256
  const [x, y] = [4n * re - one, 4n * im]
  const q = x * x + y * y
  return q * (q + 4n * x * one) < 4n * y * y * one * one || 16n * ((re + one) ** 2n + im * im) < one * one
}

test('two references for one view give the same picture', async () => {
  const re = parseDecimal('-1.759817130804847813610825010561798238243999999999999999999800')!
  const im = parseDecimal('-0.012593310799749865383746631843264858450340000000000000000000')!
  const view = imageView(re, im, 50, 64, 64)
  const near = await perturbed(view, 8000)
  const far = await perturbed(view, 8000, 8)
  const off = near.filter((nu, at) => Math.abs(nu - far[at]!) > 0.01).length
  expect(off / near.length).toBeLessThanOrEqual(0.005)
})

test('an orbit resumed from a saved state equals one that was never stopped', () => {
  // inside the main cardioid no nucleus shows and nothing escapes
  const plan = orbitPlan({ z: 60, x: 1n << 59n, y: (1n << 59n) - 12_345n })
  const bits = kernel.orbitBits(plan.log2Spacing, 2 ** 20)
  const { mantissa, exponent } = plan.disc
  const fresh = () => new kernel.Orbit(plan.re, plan.im, plan.bits, bits, 1024)
  const reference = (orbit: Orbit) => {
    const out = new Float64Array(orbit.referenceBytes(plan.exponent) / 8)
    orbit.reference(plan.exponent, out)
    return Buffer.from(out.buffer)
  }
  const first = fresh()
  expect(first.run(mantissa, exponent, 3000)).toBe('done')
  const state = new Float64Array(new SharedArrayBuffer(8 * first.stateLength))
  first.save(state)
  const second = new kernel.Orbit(state)
  expect(second.run(mantissa, exponent, 9000)).toBe('done')
  const whole = fresh()
  expect(whole.run(mantissa, exponent, 9000)).toBe('done')
  expect([second.length, second.period, second.escaped]).toEqual([9000, 0, false])
  expect(second.centre()).toEqual(whole.centre())
  expect(reference(second).equals(reference(whole))).toBe(true)
  expect(() => new kernel.Orbit(state.subarray(1))).toThrow(RangeError)
  expect(() => new kernel.Orbit(new Float64Array(2000))).toThrow('state must be what save() filled')
})

test('a higher limit extends the existing orbit', async () => {
  const view = tileView({ z: 64, x: 1n << 63n, y: (1n << 63n) - 12_345n }, 16)
  const short = await renderer.orbits.get(view, 1000, ownTask())
  const long = await renderer.orbits.get(view, 100_000, ownTask())
  expect([short.period, short.escaped, long.period, long.escaped]).toEqual([0, false, 0, false])
  expect(long.length).toBeGreaterThanOrEqual(100_000)
  expect(short.length).toBeLessThan(long.length)
  // both begin with a header of the same size, then Z
  const iterates = (each: typeof short) => each.reference.subarray(100, 2 * short.length)
  expect(Buffer.from(iterates(short)).equals(Buffer.from(iterates(long)))).toBe(true)
})

test('orbits stay within their byte limit, and an evicted one is computed again', async () => {
  const bound = 3 * 2 ** 20
  const small = new Renderer({ ...options, 'orbit-bytes': bound, 'cache-bytes': 0 })
  const { places }: { places: { re: string; im: string; zoom: string }[] } = JSON.parse(
    readFileSync(new URL('../../bench/data/locations.json', import.meta.url), 'utf8'),
  )
  const visit = async () => {
    for (const { re, im, zoom } of places) {
      const [mantissa, exponent = '0'] = zoom.toLowerCase().split('e')
      const depth = Math.log2(Number(mantissa)) + Number(exponent) * Math.log2(10)
      // the long ones of millions of iterations are another test's: what fits the bound, and the
      // quick ones
      if (depth > 1800) continue
      const request = {
        re: parseDecimal(re)!,
        im: parseDecimal(im)!,
        zoom: depth,
        width: 16,
        height: 16,
        appearance: DEFAULT_APPEARANCE,
      }
      await Promise.resolve(small.image({ ...request, maxIter: 20_000 }, 'png').find()).catch((error) =>
        expect(error.code).toBe('too_expensive'),
      )
      expect(small.orbits.bytes).toBeLessThanOrEqual(bound)
    }
  }
  await visit()
  const first = small.renders.orbit
  const resident = process.memoryUsage.rss()
  await visit()
  expect(first).toBeGreaterThan(5)
  expect(small.renders.orbit).toBeGreaterThan(first)
  expect(process.memoryUsage.rss() - resident).toBeLessThan(64 * 2 ** 20)
  await small.close()
})

/** Smooth counts of a view by the reference of its neighbourhood, or of that one's ancestor. */
async function perturbed(view: View, limit: number, up = 0, radius = ESCAPE_RADIUS): Promise<Float64Array> {
  const place = ancestor(neighbourhood(view), up)
  const wide = tileView({ z: place.z + 3, x: place.x << 3n, y: place.y << 3n }, 256)
  const { reference, point } = await renderer.orbits.get(wide, limit, ownTask())
  expect(neighbourhood(wide)).toEqual(place)
  const nu = new Float64Array(view.width * view.height)
  const { width, height } = view
  const counts = kernel.deep(
    { reference, ...offsetFrom(point, view), width, height, maxIter: limit, escapeRadius: radius },
    nu,
  )
  expect(counts!.escaped + counts!.interior + counts!.limited).toBe(nu.length)
  return nu
}

test('tiles of one neighbourhood share one orbit, and a second visit computes none', async () => {
  const before = renderer.renders.orbit
  // near i, on the boundary, because views inside the set need no orbit
  const [x, y] = [(2n << 100n) / 3n, (1n << 100n) / 6n]
  const tile = { z: 100, x, y }
  const ask = (dx: bigint) =>
    renderer.tile({ tile: { ...tile, x: x + dx }, size: 256, maxIter: 500 }, DEFAULT_APPEARANCE, 'png').find()
  await Promise.all([ask(0n), ask(1n), ask(2n)])
  expect(renderer.renders.orbit - before).toBe(1)
  await ask(3n)
  expect(renderer.renders.orbit - before).toBe(1)
})

test('a neighbourhood holds its views, and its plan covers them', () => {
  for (let z = 44; z < 70; z++) {
    const x = (1n << BigInt(z - 1)) + 77n
    const view = tileView({ z, x, y: x }, 512)
    const place = neighbourhood(view)
    expect(place).toEqual(ancestor({ z, x, y: x }, z - place.z))
    expect(z - place.z).toBeGreaterThanOrEqual(3)
    expect(z - place.z).toBeLessThanOrEqual(10)
    const plan = orbitPlan(place)
    const {
      re,
      columnStep: { re: stepRe },
      exponent,
    } = offsetFrom({ re: plan.re, im: plan.im, bits: plan.bits }, view)
    expect((Math.abs(re) + 512 * stepRe) * 2 ** (exponent - plan.exponent)).toBeLessThan(1)
    expect(Math.log2(stepRe) + exponent).toBeGreaterThan(plan.log2Spacing)
  }
})
