// Views proven interior: against the equations of the main cardioid and the disc in integers, and
// against perturbation, which iterates each sample.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import type { Style } from '../../src/colour/style.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { kernel } from '../../src/kernel/binding.ts'
import type { ViewTask } from '../../src/kernel/task.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { isDeep } from '../../src/plane/precision.ts'
import { imageView, tileAround, type View } from '../../src/plane/view.ts'
import { interior as isInterior } from '../../src/render/interior.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { readNpy } from '../npy.ts'
import { get, pixels, serveAll, served } from '../served.ts'
import { ownTask } from '../task.ts'

const interior = (view: View) => isInterior({ view, deep: isDeep(view) })

/**
 * In units of 2^-bits: does c lie in the main cardioid, q (q + x) <= y^2 / 4 with x = re - 1/4 and
 * q = x^2 + y^2, or in the disc about -1?
 */
function inside(re: bigint, im: bigint, bits: number): boolean {
  const one = 1n << BigInt(bits)
  const x = 4n * re - one // all multiplied by four
  const y = 4n * im
  const q = x * x + y * y
  return q * (q + 4n * one * x) <= 4n * one * one * y * y || (x + 5n * one) ** 2n + y * y <= one * one
}

function corners({
  re,
  im,
  columnStep: { re: stepRe },
  rowStep: { im: stepIm },
  bits,
  width,
  height,
}: View): [bigint, bigint, number][] {
  return [0, width - 1].flatMap((i) =>
    [0, height - 1].map((j) => [re + BigInt(i) * stepRe, im + BigInt(j) * stepIm, bits] as [bigint, bigint, number]),
  )
}

const at = (re: number, im: number, zoom: number) =>
  imageView(parseDecimal(re.toFixed(40))!, parseDecimal(im.toFixed(40))!, zoom, 256, 256)

describe('a disc', () => {
  test('ends close to the boundary of a component, and inside it', () => {
    // 4 (c + 1) is the multiplier in the disc of period 2: the distance to its rim is (1 - |F'|) /
    // 4
    for (const attraction of [0, 0.3, 0.9, 0.999, 1 - 1e-5]) {
      const distance = (1 - attraction) / 4
      const radius = kernel.interiorRadius(-1 + (attraction / 4) * 0.6, (attraction / 4) * 0.8)
      expect(radius).toBeLessThan(distance)
      expect(radius).toBeGreaterThan(0.18 * distance)
    }
  })

  test('holds nothing that escapes, whatever the period', () => {
    for (const [re, im] of [
      [-0.12, 0.74],
      [-1.31, 0],
      [-0.5, 0.5623],
      [-1.7549, 0.001],
      [-1.6254, 0.0001],
      [0.379, 0.3349],
      [-0.1592, 1.0317],
    ] as const) {
      const radius = kernel.interiorRadius(re, im)
      expect(radius, `${re} ${im}`).toBeGreaterThan(0)
      const rim = Array.from({ length: 64 }, (_, k) => (k * Math.PI) / 32)
      const nu = new Float64Array(64)
      kernel.points(
        Float64Array.from(rim, (angle) => re + radius * Math.cos(angle)),
        Float64Array.from(rim, (angle) => im + radius * Math.sin(angle)),
        64,
        100_000,
        4,
        nu,
      )
      expect(Math.max(...nu)).toBeLessThan(0)
    }
  })

  test('does not exist outside or on the boundary', () => {
    for (const [re, im] of [
      [0.25, 0],
      [-0.75, 0],
      [-2, 0],
      [0, 1],
      [0.3, 0.6],
      [-0.75, 1e-9],
      [0.2500000001, 0],
      [3, 3],
    ] as const)
      expect(kernel.interiorRadius(re, im)).toBe(0)
  })
})

describe('a view that is proven interior', () => {
  test('has its corners in the set by integer arithmetic, however close to the boundary it lies', () => {
    let proven = 0
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 2 * Math.PI, noNaN: true }),
        // doubles resolve a cycle to about 2^-19
        fc.double({ min: 5, max: 30, noNaN: true }),
        fc.double({ min: -2, max: 12, noNaN: true }),
        fc.boolean(),
        (angle, nearness, closer, cardioid) => {
          // so far inside, and a view from four times as wide to a fraction of that
          const attraction = 1 - 2 ** -nearness
          const [re, im] = [attraction * Math.cos(angle), attraction * Math.sin(angle)]
          const c = cardioid
            ? ([re / 2 - (re * re - im * im) / 4, im / 2 - (re * im) / 2] as const)
            : ([-1 + re / 4, im / 4] as const)
          const view = at(...c, Math.max(30, nearness + closer))
          if (!interior(view)) return
          proven++
          for (const corner of corners(view)) expect(inside(...corner)).toBe(true)
        },
      ),
      { numRuns: 2000, seed: 7 },
    )
    expect(proven).toBeGreaterThan(500)
  })

  test('is never one that doubles resolve, or that lies outside or on the boundary', () => {
    expect(interior(at(0.2143, 0.2034, 20))).toBe(false)
    for (const zoom of [30, 40, 60, 1100]) {
      expect(interior(at(0.2143, 0.2034, zoom))).toBe(true)
      for (const [re, im] of [
        [0.25, 0],
        [-0.75, 0],
        [0, 1],
        [0.3, 0.6],
        [100, 0],
      ] as const)
        expect(interior(at(re, im, zoom))).toBe(false)
    }
  })
})

const PLACES = [
  { name: 'the main cardioid', re: 0.2143, im: 0.2034, zoom: 36.7 },
  { name: 'period 3', re: -0.12, im: 0.74, zoom: 60 },
  { name: 'period 5', re: -0.5, im: 0.5623, zoom: 1100 },
  { name: 'an island', re: -1.7549, im: 0.001, zoom: 44 },
]

describe('an interior view', () => {
  serveAll()

  test.each(PLACES)('needs no orbit, and matches perturbation: $name', async ({ re, im, zoom }) => {
    const { renderer } = served
    const before = renderer.renders.orbit
    const view = { ...at(re, im, zoom), width: 24, height: 16 }
    expect(interior(view)).toBe(true)
    const render = async (task: Omit<ViewTask, 'cancel'>) => (await renderer.pool.run('view', task, ownTask())).bytes
    const tile = tileAround(view, Math.floor(zoom), 3)
    const url = `${tile.z}/${tile.x}/${tile.y}`
    const json = (await get(`/tile/${url}.json`)).json()
    expect(json.counts).toEqual({ escaped: 0, interior: 65536, limited: 0 })
    const picture = await pixels(`/tile/${url}.png`)
    expect(new Set(Array.from({ length: picture.length / 3 }, (_, k) => picture.readUIntBE(3 * k, 3))).size).toBe(1)
    for (const style of ['distance', 'slopes', 'stripe', 'histogram'])
      expect((await pixels(`/tile/${url}.png?style=${style}`)).equals(picture)).toBe(true)
    expect(renderer.renders.orbit).toBe(before)

    // the same with an orbit: all reach the limit, and styles of the interior show the same
    const reference = await renderer.orbits.get(view, 4096, ownTask())
    const task = { view, deep: true, zoom, limit: 4096, work: 4096, perPixel: 1, keepSamples: false }
    const followed = new Float64Array(
      (await render({ ...task, interior: false, reference, output: 'float64', appearance: DEFAULT_APPEARANCE })).buffer,
    )
    expect(Math.max(...followed)).toBeLessThan(0)
    for (const style of ['period', 'attraction'] as Style[]) {
      const appearance = { ...DEFAULT_APPEARANCE, style }
      const [short, long] = await Promise.all([
        render({ ...task, interior: true, reference: undefined, output: 'rgb', appearance }),
        render({ ...task, interior: false, reference, output: 'rgb', appearance }),
      ])
      expect(Buffer.from(short).equals(Buffer.from(long))).toBe(true)
      expect(Math.max(...short)).toBeGreaterThan(0)
    }
  })

  test('is served in every form, whatever the memory limit for orbits', async () => {
    const small = new Renderer(resolveOptions({ threads: '1', 'orbit-bytes': '1048576' }).options)
    const place = { re: parseDecimal('0.2143')!, im: parseDecimal('0.2034')! }
    const request = { ...place, zoom: 36.7, width: 64, height: 64, appearance: DEFAULT_APPEARANCE, rotation: 30 }
    for (const maxIter of ['auto', 100_000_000] as const)
      expect((await small.image({ ...request, maxIter }, 'png').find()).bytes.length).toBeGreaterThan(60)
    const grid = { x0: '0.2143', y0: '0.2034', x1: '0.214300000000000001', y1: '0.203400000000000001', grid: 8 }
    const { bytes } = await small.grid({ ...grid, maxIter: 100_000_000, precision: 'perturbation' }, 'npy').find()
    expect(readNpy(bytes)).toEqual(new Float64Array(64))
    expect(small.renders.orbit).toBe(0)
    await small.close()
  })
})
