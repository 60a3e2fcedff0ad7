// How long reference orbits are: a function of the place and the iteration limit, whatever was
// requested before.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import type { Reference } from '../../src/kernel/task.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { imageView } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import type { Render } from '../../src/render/stats.ts'
import { ownTask } from '../task.ts'

let renderer: Renderer
let lengths: number[]
beforeEach(() => {
  lengths = []
  const onRender = ({ orbit }: Render) => {
    if (orbit) lengths.push(orbit.length)
  }
  renderer = new Renderer(resolveOptions({ threads: '1' }).options, onRender)
})
afterEach(() => renderer.close())

const view = (re: string, im: string, zoom: number) => imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, 64, 64)
// at a point of the cardioid's edge with an irrational angle, an orbit neither closes nor escapes
const OPEN = {
  re: '-0.390540870218400050669762600713798485817583715938583500790716',
  im: '-0.586787907346968751196714643055715840095746752123320842032245',
}
const EDGE = view(OPEN.re, OPEN.im, 60)
// a point of a spiral, where the orbit closes after 5124 iterations
const SPIRAL = view('-0.743643887037158704752191506114774', '0.131825904205311970493132056385139', 70)
const bytesOf = ({ reference }: Reference) => Buffer.from(reference.buffer)

test('a non-periodic orbit is as long as the limit, and one more iteration takes no more memory than that', async () => {
  for (const limit of [2 ** 12, 2 ** 16, 2 ** 18, 100_000]) {
    const orbit = await renderer.orbits.get(EDGE, limit, ownTask())
    const next = await renderer.orbits.get(EDGE, limit + 1, ownTask())
    expect([orbit.length, next.length, orbit.period, orbit.escaped]).toEqual([limit, limit + 1, 0, false])
    // an iterate, and at most another block with its steps
    expect(next.reference.byteLength - orbit.reference.byteLength).toBeLessThan(4096)
  }
})

test('an orbit that closes within the limit serves all such limits', async () => {
  const closed = await renderer.orbits.get(SPIRAL, 20_000, ownTask())
  expect(closed.period).toBeGreaterThan(0)
  expect(closed.settledAt).toBeGreaterThanOrEqual(closed.period)
  expect(await renderer.orbits.get(SPIRAL, 3_000_000, ownTask())).toBe(closed)
  expect(await renderer.orbits.get(SPIRAL, closed.settledAt, ownTask())).toBe(closed)
  expect(lengths).toEqual([closed.length])
})

test('a reference orbit does not depend on earlier requests', async () => {
  const closed = await renderer.orbits.get(SPIRAL, 2 ** 16, ownTask(), { far: true })
  const limits = [1000, closed.settledAt - 1, closed.settledAt, 50_000]
  const after = await Promise.all(limits.map((limit) => renderer.orbits.get(SPIRAL, limit, ownTask())))
  expect(after.map(({ length }) => length)).toEqual([...limits.slice(0, 2), closed.length, closed.length])
  for (const [k, limit] of limits.entries()) {
    const fresh = new Renderer(resolveOptions({ threads: '1' }).options)
    const alone = await fresh.orbits.get(SPIRAL, limit, ownTask()).finally(() => fresh.close())
    expect(bytesOf(alone).equals(bytesOf(after[k]!)), `limit ${limit}`).toBe(true)
  }
})

test('estimating the cost of a limit needs no orbit longer than the limit', async () => {
  // so expensive that a coarse grid decides
  const maxIter = 300_000
  const request = { ...{ re: parseDecimal(OPEN.re)!, im: parseDecimal(OPEN.im)! }, zoom: 60, width: 256, height: 256 }
  const image = { ...request, rotation: 0, mirror: false, bits: 8 as const, maxIter, appearance: DEFAULT_APPEARANCE }
  await renderer.image(image, 'png').find()
  expect(lengths.at(-1)).toBe(maxIter)
  expect(Math.max(...lengths)).toBe(maxIter)
})
