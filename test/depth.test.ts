// Past double precision, against whole-number arithmetic that shares nothing with the kernels: z <- z^2 + c in bigint fixed point.
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { type Decimal, parseDecimal, toFixed } from '../src/decimal.ts'
import { kernel, type Orbit } from '../src/kernel.ts'
import { ESCAPE_RADIUS } from '../src/limit.ts'
import { DEFAULT_LOOK } from '../src/look.ts'
import { neighbourhood, offsetFrom, orbitPlan } from '../src/neighbourhood.ts'
import { resolveOptions } from '../src/options.ts'
import { Renderer } from '../src/renderer.ts'
import { ancestor } from '../src/tile.ts'
import { imageView, samples, tileView, type View } from '../src/view.ts'
import { readNpy } from './npy.ts'

const { options } = resolveOptions({ threads: '2' })
const renderer = new Renderer(options)
afterAll(() => renderer.close())

// the first n with |z_n| > 2, at most limit; c in units of 2^-bits
function count(re: bigint, im: bigint, bits: number, limit: number): number | undefined {
  const b = BigInt(bits)
  const four = 4n << (2n * b)
  let [zr, zi] = [0n, 0n]
  for (let n = 1; n <= limit; n++) {
    ;[zr, zi] = [((zr * zr - zi * zi) >> b) + re, ((zr * zi) >> (b - 1n)) + im]
    if (zr * zr + zi * zi > four) return n
  }
  return undefined
}

/** A grid of `size` samples a side round a centre, 3/2^zoom wide: corners as exact decimals, and the truth for each sample. */
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

describe('counts past double precision are those of whole numbers', () => {
  test.each(PLACES)('$name', async ({ re, im, zoom, limit, least }) => {
    const { x0, y0, x1, y1, size } = square(re, im, zoom, 12)
    const request = {
      x0: text(x0),
      y0: text(y0),
      x1: text(x1),
      y1: text(y1),
      grid: size,
      maxIter: limit,
      precision: 'perturbation',
    } as const
    const values = readNpy((await renderer.grid(request, 'npy')).bytes)
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
        // what differs differs where the truth itself changes within a thousandth of a pixel
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
  test.each([27, 28, 29, 30, 31, 38, 40, 42])('at zoom %i both give the truth, or it changes beside', async (zoom) => {
    const centre = [
      parseDecimal('-0.743643887037158704752191506114774')!,
      parseDecimal('0.131825904205311970493132056385139')!,
    ] as const
    const [size, limit] = [24, 9000]
    const view = imageView(...centre, zoom, size, size)
    const { re, im } = samples(view)
    const direct = new Float64Array(size * size)
    kernel.tile(re, im, limit, 2, direct)
    const deep = await perturbed(view, limit, 0, 2)
    const pixel = view.stepRe / 1000n
    for (const [name, nu] of [
      ['doubles', direct],
      ['perturbation', deep],
    ] as const) {
      if (name === 'doubles' && zoom > 29) continue
      let differ = 0
      nu.forEach((value, at) => {
        const truth = (right: bigint, down: bigint) =>
          count(
            view.re + BigInt(at % size) * view.stepRe + right,
            view.im + BigInt(Math.floor(at / size)) * view.stepIm + down,
            view.bits,
            limit,
          )
        const exact = truth(0n, 0n)
        if (within(value, exact)) return
        differ++
        expect(
          around(pixel, pixel).some(([x, y]) => truth(x, y) !== exact),
          `${name} at ${at}`,
        ).toBe(true)
      })
      expect(differ / nu.length, name).toBeLessThanOrEqual(name === 'doubles' ? 0.1 : 0.02)
    }
  })
})

// n - log2 log2 |z| for 2 < |z_n| <= 2^2 + 2: within (n - 1.4, n]; no escape below 0
function within(nu: number, n: number | undefined): boolean {
  return n === undefined ? nu < 0 : nu <= n && nu > n - 1.4
}

test('two references for one view give one picture', async () => {
  const re = parseDecimal('-1.759817130804847813610825010561798238243999999999999999999800')!
  const im = parseDecimal('-0.012593310799749865383746631843264858450340000000000000000000')!
  const view = imageView(re, im, 50, 64, 64)
  const near = await perturbed(view, 8000)
  const far = await perturbed(view, 8000, 8)
  const off = near.filter((nu, at) => Math.abs(nu - far[at]!) > 0.01).length
  expect(off / near.length).toBeLessThanOrEqual(0.005)
})

test('two tiles beside a border of neighbourhoods, each by its own reference, show no seam', async () => {
  // the spiral at 1e14, where a column of tiles of zoom 48 starts a neighbourhood of zoom 40
  const z = 48
  const re = toFixed(parseDecimal('-1.759817130804847813610825010561798238243999999999999999999800')!, 300)
  const im = toFixed(parseDecimal('-0.012593310799749865383746631843264858450340000000000000000000')!, 300)
  const x = ((((re + (2n << 300n)) << BigInt(z)) / (3n << 300n)) >> 8n) << 8n
  const y = (((3n << 299n) - im) << BigInt(z)) / (3n << 300n)
  const tiles = [x - 1n, x].map((x) => tileView({ z, x, y }, 256))
  const places = tiles.map(neighbourhood)
  expect(places[0]).not.toEqual(places[1])
  const answers = [x - 1n, x].map((x) => renderer.numbers({ tile: { z, x, y }, size: 256, maxIter: 6000 }, 'npy'))
  const [left, right] = (await Promise.all(answers)).map(({ bytes }) => readNpy(bytes))
  // the columns beside the border once more, by the other side's reference
  const beside = async (view: View, first: number, up: View) => {
    const strip = { ...view, re: view.re + BigInt(first) * view.stepRe, width: 8 }
    const { reference, point } = await renderer.orbits.get(up, 6000, new AbortController().signal)
    const { re, im, stepRe, stepIm, exponent } = offsetFrom(point, strip)
    const nu = new Float64Array(8 * 256)
    kernel.deep(reference, re, im, stepRe, stepIm, exponent, 8, 256, 6000, ESCAPE_RADIUS, nu, false)
    return nu
  }
  for (const [own, nu, first] of [
    [left!, await beside(tiles[0]!, 248, tiles[1]!), 248],
    [right!, await beside(tiles[1]!, 0, tiles[0]!), 0],
  ] as const) {
    const off = nu.filter((value, at) => Math.abs(value - own[256 * Math.floor(at / 8) + first + (at % 8)]!) > 0.01)
    expect(off.length / nu.length).toBeLessThanOrEqual(0.005)
  }
})

test('an orbit that is run on from a saved state is the orbit that was never stopped', () => {
  // inside the main cardioid no nucleus shows and nothing escapes
  const plan = orbitPlan({ z: 60, x: 1n << 59n, y: (1n << 59n) - 12_345n })
  const bits = kernel.orbitBits(plan.spacing, 2 ** 20)
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

test('a higher limit extends the orbit that is there', async () => {
  const view = tileView({ z: 64, x: 1n << 63n, y: (1n << 63n) - 12_345n }, 16)
  const never = new AbortController().signal
  const short = await renderer.orbits.get(view, 1000, never)
  const long = await renderer.orbits.get(view, 100_000, never)
  expect([short.period, short.escaped, long.period, long.escaped]).toEqual([0, false, 0, false])
  expect(long.length).toBeGreaterThanOrEqual(100_000)
  expect(short.length).toBeLessThan(long.length)
  // both begin with a header of the same size, then Z
  const iterates = (each: typeof short) => each.reference.subarray(100, 2 * short.length)
  expect(Buffer.from(iterates(short)).equals(Buffer.from(iterates(long)))).toBe(true)
})

test('orbits stay within their bytes, and one that had to leave is made again', async () => {
  const bound = 3 * 2 ** 20
  const small = new Renderer({ ...options, 'orbit-bytes': bound, 'cache-bytes': 0 })
  const { places }: { places: { re: string; im: string; zoom: string }[] } = JSON.parse(
    readFileSync(new URL('../bench/locations.json', import.meta.url), 'utf8'),
  )
  const visit = async () => {
    for (const { re, im, zoom } of places) {
      const [mantissa, exponent = '0'] = zoom.toLowerCase().split('e')
      const depth = Math.log2(Number(mantissa)) + Number(exponent) * Math.log2(10)
      // the long ones of millions of iterations are another test's: what fits the bound, and the quick ones
      if (depth > 1800) continue
      const request = {
        re: parseDecimal(re)!,
        im: parseDecimal(im)!,
        zoom: depth,
        width: 16,
        height: 16,
        look: DEFAULT_LOOK,
      }
      await small.image({ ...request, maxIter: 20_000 }, 'png').catch((error) => expect(error.code).toBe('dear'))
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
  const { reference, point } = await renderer.orbits.get(wide, limit, new AbortController().signal)
  expect(neighbourhood(wide)).toEqual(place)
  const { re, im, stepRe, stepIm, exponent } = offsetFrom(point, view)
  const nu = new Float64Array(view.width * view.height)
  const counts = kernel.deep(
    reference,
    re,
    im,
    stepRe,
    stepIm,
    exponent,
    view.width,
    view.height,
    limit,
    radius,
    nu,
    false,
  )
  expect(counts!.escaped + counts!.interior + counts!.limited).toBe(nu.length)
  return nu
}

test('tiles of one neighbourhood share one orbit, and a second visit makes none', async () => {
  const before = renderer.renders.orbit
  // beside i, on the boundary: what lies in the set takes no orbit
  const [x, y] = [(2n << 100n) / 3n, (1n << 100n) / 6n]
  const tile = { z: 100, x, y }
  const ask = (dx: bigint) =>
    renderer.tile({ tile: { ...tile, x: x + dx }, size: 256, maxIter: 500 }, DEFAULT_LOOK, 'png')
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
    const { re, stepRe, exponent } = offsetFrom({ re: plan.re, im: plan.im, bits: plan.bits }, view)
    expect((Math.abs(re) + 512 * stepRe) * 2 ** (exponent - plan.exponent)).toBeLessThan(1)
    expect(Math.log2(stepRe) + exponent).toBeGreaterThan(plan.spacing)
  }
})
