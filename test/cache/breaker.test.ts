import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CircuitBreaker } from '../../src/cache/breaker.ts'
import { WriteBehind } from '../../src/cache/writebehind.ts'

const PAUSE = 1000
const sleep = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)
const never = () => new Promise<never>(() => {})

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A breaker that has just opened, and what it reported. */
async function opened() {
  const faults: (string | undefined)[] = []
  const breaker = new CircuitBreaker((message) => faults.push(message))
  expect(await breaker.attempt(() => Promise.reject(new Error('gone')), 1000)).toBeUndefined()
  return { breaker, faults }
}

test('after the pause one trial goes through, and other calls fail as open until it settles', async () => {
  const { breaker, faults } = await opened()
  expect(breaker.state).toBe('open')
  expect(await breaker.attempt(() => Promise.resolve(1), 1000)).toBeUndefined()
  await sleep(PAUSE + 20)
  expect(breaker.state).toBe('half-open')
  let tried = 0
  let answer = (_: string) => {}
  const work = () => {
    tried++
    return new Promise<string>((resolve) => (answer = resolve))
  }
  const attempts = Array.from({ length: 20 }, () => breaker.attempt(work, 1000))
  expect(await Promise.all(attempts.slice(1))).toEqual(Array(19).fill(undefined))
  expect(tried).toBe(1)
  answer('back')
  expect(await attempts[0]).toBe('back')
  expect([breaker.state, breaker.fault]).toEqual(['closed', undefined])
  expect(await Promise.all(Array.from({ length: 5 }, () => breaker.attempt(async () => 1, 1000)))).toEqual(
    Array(5).fill(1),
  )
  expect(faults).toEqual(['gone', undefined])
})

test('a failed trial opens the breaker for another pause, and only that failure is counted', async () => {
  const { breaker, faults } = await opened()
  await sleep(PAUSE + 20)
  const attempts = Array.from({ length: 20 }, () => breaker.attempt(never, 50))
  await sleep(60)
  expect(await Promise.all(attempts)).toEqual(Array(20).fill(undefined))
  expect([breaker.state, breaker.errors, breaker.fault]).toEqual(['open', 2, 'no answer within 50 ms'])
  expect(faults).toEqual(['gone'])
})

test('a success reported from elsewhere closes the breaker, even while a trial is pending', async () => {
  const { breaker } = await opened()
  await sleep(PAUSE + 20)
  const trial = breaker.attempt(never, 300)
  breaker.close()
  expect(await breaker.attempt(async () => 1, 1000)).toBe(1)
  await sleep(320)
  expect(await trial).toBeUndefined()
})

test.each([
  [Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:6379'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [Object.assign(new Error("EACCES: permission denied, open '/srv/tiles/00/11'"), { code: 'EACCES' }), 'EACCES'],
  [new Error('NOAUTH Authentication required.'), 'NOAUTH'],
  [new Error('getaddrinfo failed for cache.internal'), 'failed; the log has the message'],
])('a fault is named without addresses and paths: %s', async (error, name) => {
  const messages: unknown[] = []
  const breaker = new CircuitBreaker((message) => messages.push(message))
  breaker.fail(error)
  expect([breaker.fault, messages]).toEqual([name, [error.message]])
})

test('write-behind is bounded in bytes, and finished writes free their share', async () => {
  const breaker = new CircuitBreaker(() => {})
  const writes = new WriteBehind(breaker)
  let finish = () => {}
  const slow = () => new Promise<void>((resolve) => (finish = resolve))
  const first = writes.write(32 * 2 ** 20, slow, 1000)
  expect(await writes.write(1, async () => {}, 1000)).toBe(false)
  expect(writes.dropped).toBe(1)
  finish()
  await writes.settled()
  expect(await first).toBe(true)
  expect(await writes.write(1, async () => {}, 1000)).toBe(true)
})
