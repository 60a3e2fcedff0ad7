import { afterAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { INTERIOR, LIMIT } from '../../src/kernel/binding.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { imageView } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { distribution, verifyView } from '../../src/render/verify.ts'
import { ownTask } from '../task.ts'

const renderer = new Renderer(resolveOptions({ threads: '1' }).options)
afterAll(() => renderer.close())

const CHOICE = { count: 24, seed: 3, budget: 1e7 }
const view = (re: string, im: string, zoom: number, side = 64) =>
  imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, side, side)

// a spiral, and points where kernels are hardest to keep right
const PLACES: [string, string, string, number][] = [
  ['a spiral', '-0.743643887037158704752191506114', '0.131825904205311970493132056385', 60],
  ['a Misiurewicz point', '0', '1', 200],
  ['the tip of the antenna, on the real axis', '-2', '0', 100],
  ['a parabolic point', '-0.75', '0.001', 20],
  ['the root of the 1/3 disc', '-0.125', '0.649519052838329', 18],
]

test('samples are within the documented error bound, by perturbation and in double precision', async () => {
  for (const [name, re, im, zoom] of PLACES) {
    const request = { view: view(re, im, zoom), zoom, maxIter: 2000, ...CHOICE }
    const found = await verifyView(renderer, request, ownTask())
    const { worst, kept, unexplained, falseInterior } = distribution(found)
    expect(found.arithmetic, name).toBe(zoom > 29 ? 'perturbation' : 'doubles')
    expect([kept, unexplained, falseInterior], `${name}: ${worst}`).toEqual([found.samples.length, 0, 0])
    expect(found.samples.length, name).toBe(CHOICE.count)
  }
})

test('verification finds double-precision samples wrong at a spacing that needs perturbation', async () => {
  const close = view('-0.743643887037158704752191506114', '0.131825904205311970493132056385', 44)
  const task = { view: close, limit: 20_000, interior: false, reference: undefined, escapeRadius: 256, ...CHOICE }
  const { samples } = await renderer.pool.run('verify', task, ownTask())
  const { worst, kept } = distribution({ arithmetic: 'perturbation', samples })
  expect(worst).toBeGreaterThan(1e-3)
  expect(kept).toBeLessThan(samples.length / 2)
})

test('verification counts an escaping orbit shown as interior, but not one that reached the limit', () => {
  const sample = { column: 0, row: 0, error: 0 }
  const samples = [
    { ...sample, given: INTERIOR, truth: 812.5, error: Number.POSITIVE_INFINITY },
    { ...sample, given: INTERIOR, truth: LIMIT },
    { ...sample, given: LIMIT, truth: LIMIT },
    { ...sample, given: 7.25, truth: 7.25 },
  ]
  const found = distribution({ arithmetic: 'doubles', samples })
  expect(found).toMatchObject({ falseInterior: 1, unexplained: 1, kept: 3, median: 0, worst: Number.POSITIVE_INFINITY })
})
