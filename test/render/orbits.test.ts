// The memory of reference orbits: one budget for cached ones and those being computed, in all
// threads together.
import { EventEmitter, once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import type { Reference } from '../../src/kernel/task.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { imageView } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { ownTask } from '../task.ts'

const MIB = 2 ** 20
let renderer: Renderer
const start = (bytes: number) => {
  renderer = new Renderer(resolveOptions({ threads: '4', 'orbit-bytes': String(bytes), 'max-wait': '60' }).options)
  return renderer.orbits
}
afterEach(() => renderer.close())

// in the main cardioid, where an orbit neither closes nor escapes: it is as long as its limit
const inside = (re: string, zoom = 60) => imageView(parseDecimal(re)!, parseDecimal('0.1')!, zoom, 256, 256)
// at most 100 bytes an iteration, including iterates, tables and the state to continue from
const LENGTH = 2 ** 16
const LARGEST = 100 * LENGTH

test('an orbit that is too large is computed once; from then on it and longer ones are refused at once', async () => {
  const orbits = start(4 * MIB)
  const refused = { code: 'too_expensive', status: 400, message: expect.stringMatching(/^the reference orbit must be/) }
  await expect(orbits.get(inside('-0.1'), 2 ** 18, ownTask())).rejects.toMatchObject(refused)
  expect(renderer.renders.orbit).toBe(1)
  await expect(orbits.get(inside('-0.1'), 2 ** 18, ownTask())).rejects.toMatchObject(refused)
  await expect(orbits.get(inside('-0.1'), 2 ** 20, ownTask())).rejects.toMatchObject(refused)
  expect(renderer.renders.orbit).toBe(1)
  expect(orbits.memory).toBe(0)
})

test('orbits in four threads and in the cache never exceed the budget together', async () => {
  // for three of the largest
  const orbits = start(3 * LARGEST)
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, orbits.memory)), 1)
  const places = Array.from({ length: 24 }, (_, k) => `-0.${10 + k}`)
  const settled = await Promise.allSettled(places.map((re) => orbits.get(inside(re), LENGTH, ownTask())))
  clearInterval(watch)
  // orbits that found no memory may be requested again
  for (const result of settled) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'out_of_memory', retryAfter: 5 })
    else expect(result.value.length).toBeGreaterThanOrEqual(LENGTH)
  }
  expect(settled.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(3)
  expect(most).toBeGreaterThan(LARGEST)
  expect(most).toBeLessThanOrEqual(3 * LARGEST)
  expect(orbits.memory).toBe(orbits.bytes)
})

test('an abandoned orbit releases its reservation', async () => {
  const orbits = start(256 * MIB)
  const client = new AbortController()
  const work = orbits.get(inside('-0.1', 3000), 2 ** 20, ownTask(client.signal))
  await expect.poll(() => orbits.memory).toBeGreaterThan(0)
  client.abort()
  await expect(work).rejects.toMatchObject({ code: 'cancelled' })
  await expect.poll(() => orbits.memory).toBe(0)
})

test('an orbit evicted while a task reads it stays intact, and counts, until the task has ended', async () => {
  const orbits = start(2 * LARGEST)
  const read = new EventEmitter()
  let held!: Reference
  const used = orbits.use({ view: inside('-0.1'), maxIter: LENGTH }, ownTask(), async (reference) => {
    held = reference!
    await once(read, 'end')
  })
  await expect.poll(() => held).toBeDefined()
  const before = held.reference.slice()
  for (const re of ['-0.11', '-0.12', '-0.13']) await orbits.get(inside(re), LENGTH, ownTask()).catch(() => {})
  const { orbit: computed } = renderer.renders
  expect(orbits.memory - orbits.bytes).toBe(held.reference.byteLength + held.state!.byteLength)
  expect(held.reference).toEqual(before)
  // a request that needs it now gets the same one
  expect(await orbits.get(inside('-0.1'), LENGTH, ownTask())).toBe(held)
  expect(renderer.renders.orbit).toBe(computed)
  read.emit('end')
  await used
  await expect.poll(() => orbits.memory).toBe(orbits.bytes)
  if (process.platform === 'linux') expect(held.reference[held.reference.length >> 1]).toBe(0)
})
