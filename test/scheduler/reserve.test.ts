import { expect, test } from 'vitest'
import { MemoryReserve } from '../../src/scheduler/reserve.ts'

const signal = new AbortController().signal
const settled = async (work: Promise<unknown>) =>
  Promise.race([work.then(() => true), new Promise((resolve) => setImmediate(resolve, false))])

test('a reservation that fits is granted at once, and later ones wait for room in order', async () => {
  const reserve = new MemoryReserve(100)
  const [first, second] = [await reserve.take(60, signal), await reserve.take(40, signal)]
  const large = reserve.take(80, signal)
  const small = reserve.take(10, signal)
  expect(await settled(large)).toBe(false)
  second()
  // there is room for the small one, but it is not its turn
  expect([await settled(large), await settled(small)]).toEqual([false, false])
  first()
  expect([await settled(large), await settled(small)]).toEqual([true, true])
  expect(reserve.bytes).toBe(90)
  const free = await large
  free()
  free()
  expect(reserve.bytes).toBe(10)
})

test('a cancelled reservation takes nothing, and blocks nobody', async () => {
  const reserve = new MemoryReserve(100)
  const free = await reserve.take(50, signal)
  const client = new AbortController()
  const large = reserve.take(100, client.signal)
  const small = reserve.take(50, signal)
  expect(await settled(small)).toBe(false)
  client.abort()
  await expect(large).rejects.toMatchObject({ code: 'cancelled' })
  expect(await settled(small)).toBe(true)
  free()
  expect(reserve.bytes).toBe(50)
})

test('a reservation that can never fit is too expensive, and a full queue rejects the next', async () => {
  const reserve = new MemoryReserve(100)
  await expect(reserve.take(101, signal)).rejects.toMatchObject({
    code: 'too_expensive',
    message: 'the memory for this must be at most 100 bytes, it was 101',
  })
  await reserve.take(100, signal)
  const waiting = Array.from({ length: 100 }, () => reserve.take(1, new AbortController().signal))
  await expect(reserve.take(1, signal)).rejects.toMatchObject({ code: 'busy', retryAfter: 5 })
  expect(await settled(Promise.race(waiting))).toBe(false)
})
