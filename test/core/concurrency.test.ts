import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inParallel, limitTo } from '../../src/core/concurrency.ts'

test('so many items are worked on at once, read as there is room, and their results are in order', async () => {
  let [read, underWay, most] = [0, 0, 0]
  function* items() {
    for (let k = 0; k < 20; k++) {
      read++
      // of what is read, at most three are not done
      expect(read - k).toBe(1)
      yield k
    }
  }
  const results = await inParallel(items(), 3, async (k) => {
    most = Math.max(most, ++underWay)
    await setTimeout(k % 3)
    underWay--
    return k * k
  })
  expect(most).toBe(3)
  expect(results).toEqual(Array.from({ length: 20 }, (_, k) => k * k))
})

test('a failure begins nothing else, and is thrown once what is under way has ended', async () => {
  const [begun, ended] = [[] as number[], [] as number[]]
  const work = inParallel([0, 1, 2, 3, 4, 5], 2, async (k) => {
    begun.push(k)
    if (k === 1) throw new Error('one failed')
    await setTimeout(10)
    ended.push(k)
  })
  await expect(work).rejects.toThrow('one failed')
  expect(begun).toEqual([0, 1])
  expect(ended).toEqual([0])
})

test('work in a limit is run in turn; what aborts while it is queued is rejected at once and never run', async () => {
  const limit = limitTo(1)
  const ran: string[] = []
  const go = new AbortController()
  const first = limit(async () => {
    await setTimeout(20)
    ran.push('first')
  })
  const second = limit(async () => void ran.push('second'), go.signal)
  const third = limit(async () => void ran.push('third'), new AbortController().signal)
  go.abort(new Error('left'))
  await expect(second).rejects.toThrow('left')
  expect(ran).toEqual([])
  await Promise.all([first, third])
  expect(ran).toEqual(['first', 'third'])
})
