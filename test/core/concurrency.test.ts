import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inParallel, limitTo } from '../../src/core/concurrency.ts'

test('a limited number of items run at once, items are read on demand, and results keep their order', async () => {
  let [read, underWay, most] = [0, 0, 0]
  function* items() {
    for (let k = 0; k < 20; k++) {
      read++
      // of the items read, at most three are unfinished
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

test('after a failure nothing new starts, and it is thrown once running items have ended', async () => {
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

test('limited work runs in order; work aborted in the queue is rejected at once and never runs', async () => {
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
