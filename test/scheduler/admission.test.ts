import { setMaxListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Failure } from '../../src/core/errors.ts'
import { type Lane, Lanes, type Turn } from '../../src/scheduler/admission.ts'

const forever = new AbortController().signal
setMaxListeners(0, forever)

// a clock that goes on to the next timer whenever nothing else is to be done: what takes how long does not depend on who else uses the machine
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  vi.setTimerTickMode('nextTimerAsync')
})
afterEach(() => {
  vi.useRealTimers()
})

const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** Work that takes `milliseconds` when its weight is 1, so that its kind has a mean. */
async function teach(lanes: Lanes, kind: string, milliseconds: number): Promise<void> {
  // enough of it that what it was taken for at first is forgotten
  for (let k = 0; k < 40; k++) {
    const turn = await lanes.enter({ kind, weight: 10 / milliseconds }, 'interactive', forever)
    await sleep(10)
    turn.end(true)
  }
}

test('interactive goes before bulk, and after eight of it bulk has a turn', async () => {
  const lanes = new Lanes({ slots: 1, length: 100, wait: 60 })
  const first = await lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever)
  const order: Lane[] = []
  const work = async (lane: Lane) => {
    const turn = await lanes.enter({ kind: 'view', weight: 1 }, lane, forever)
    order.push(lane)
    turn.end(true)
  }
  const all = [...Array(3).fill('bulk'), ...Array(20).fill('interactive')].map(work)
  first.end(true)
  await Promise.all(all)
  expect(order.flatMap((lane, at) => (lane === 'bulk' ? [at] : []))).toEqual([8, 17, 22])
})

test('a lane is bounded by how long its last would wait, not by how many wait', async () => {
  const lanes = new Lanes({ slots: 2, length: 10_000, wait: 1 })
  await teach(lanes, 'shallow', 2)
  await teach(lanes, 'deep', 200)
  const turns = [
    await lanes.enter({ kind: 'deep', weight: 1 }, 'interactive', forever),
    await lanes.enter({ kind: 'deep', weight: 1 }, 'interactive', forever),
  ]
  // two slots and a second: about ten deep views, those that run included
  const deep: Promise<Turn>[] = []
  const enter = (kind: string) => {
    const work = lanes.enter({ kind, weight: 1 }, 'interactive', forever)
    work.catch(() => {})
    deep.push(work)
    return work
  }
  while (lanes.wait('interactive') <= 1) enter('deep')
  expect(deep.length).toBeGreaterThanOrEqual(7)
  expect(deep.length).toBeLessThanOrEqual(10)
  const refused = (await enter('shallow').catch((error) => error)) as Failure
  expect(refused).toMatchObject({ code: 'busy', status: 503 })
  expect(refused.message).toMatch(/^the renders that wait already take \d+ seconds, more than 1: try again in \d+ s$/)
  expect(refused.retryAfter).toBeGreaterThanOrEqual(1)
  expect(lanes.shed.interactive.wait).toBe(1)
  lanes.clear(new Failure('left', 'enough'))
  for (const turn of turns) turn.end(false)
})

test('a thousand shallow views are a short line', async () => {
  const lanes = new Lanes({ slots: 1, length: 10_000, wait: 5 })
  await teach(lanes, 'shallow', 1)
  const turn = await lanes.enter({ kind: 'shallow', weight: 1 }, 'interactive', forever)
  const all = Array.from({ length: 1000 }, async () =>
    (await lanes.enter({ kind: 'shallow', weight: 1 }, 'interactive', forever)).end(true),
  )
  expect(lanes.queued('interactive')).toBe(1000)
  turn.end(true)
  await Promise.all(all)
})

test('a line of interactive work does not keep bulk out: its turns are sure', async () => {
  const lanes = new Lanes({ slots: 1, length: 10_000, wait: 2 })
  await teach(lanes, 'view', 20)
  const turn = await lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever)
  const line = Array.from({ length: 90 }, () =>
    lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever).catch(() => {}),
  )
  expect(lanes.wait('interactive')).toBeGreaterThan(1.5)
  expect(lanes.wait('bulk')).toBeLessThan(0.3)
  lanes.clear(new Failure('left', 'enough'))
  await Promise.all(line)
  turn.end(true)
})

test('who waited too long is sent away', async () => {
  const lanes = new Lanes({ slots: 1, length: 10, wait: 1 })
  const turn = await lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever)
  const asked = performance.now()
  await expect(lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever)).rejects.toMatchObject({ code: 'busy' })
  expect(performance.now() - asked).toBeGreaterThan(990)
  expect(lanes.shed.interactive.timeout).toBe(1)
  turn.end(true)
  expect(lanes.running).toBe(0)
})

test('a full lane refuses one more, and the other lane is not full for it', async () => {
  const lanes = new Lanes({ slots: 1, length: 2, wait: 60 })
  const turn = await lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever)
  const waiting = [1, 2].map(() => lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever).catch(() => {}))
  await expect(lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever)).rejects.toMatchObject({ code: 'busy' })
  expect(lanes.shed.interactive.full).toBe(1)
  const bulk = lanes.enter({ kind: 'view', weight: 1 }, 'bulk', forever).catch(() => {})
  expect(lanes.queued('bulk')).toBe(1)
  lanes.clear(new Failure('left', 'enough'))
  await Promise.all([...waiting, bulk])
  turn.end(true)
})

test('who leaves while waiting is forgotten at once, and never has a turn', async () => {
  const lanes = new Lanes({ slots: 1, length: 10, wait: 60 })
  const turn = await lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever)
  const client = new AbortController()
  const work = lanes.enter({ kind: 'view', weight: 1 }, 'interactive', client.signal)
  client.abort()
  await expect(work).rejects.toMatchObject({ code: 'left' })
  expect([lanes.queued('interactive'), lanes.cancelled]).toEqual([0, 1])
  turn.end(true)
  expect(lanes.running).toBe(0)
  await expect(lanes.enter({ kind: 'view', weight: 1 }, 'interactive', client.signal)).rejects.toMatchObject({
    code: 'left',
  })
})

test('a line that never empties is overload: then only a tenth of the wait is let in, until it has been empty', async () => {
  const lanes = new Lanes({ slots: 1, length: 1000, wait: 1 })
  await teach(lanes, 'view', 50)
  // a thread that takes what comes, and a crowd that always wants more
  const waits: { at: number; queue: number }[] = []
  const began = performance.now()
  const ask = async () => {
    const turn = await lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever)
    waits.push({ at: performance.now() - began, queue: turn.queue })
    await sleep(50)
    turn.end(true)
  }
  const all: Promise<void>[] = []
  while (performance.now() - began < 3000) {
    all.push(ask().catch(() => {}))
    await sleep(10)
  }
  await Promise.all(all)
  // the burst may wait for a second, and what comes when it has stood for that long for a tenth
  const early = waits.filter(({ at }) => at < 1500)
  const late = waits.filter(({ at }) => at > 2500)
  expect(Math.max(...early.map(({ queue }) => queue))).toBeGreaterThan(700)
  expect(late.length).toBeGreaterThan(5)
  expect(Math.max(...late.map(({ queue }) => queue))).toBeLessThan(600)
  // a thread was never without work for it
  expect(waits.length).toBeGreaterThan(30)
  // it was empty: a burst is welcome again
  expect(lanes.queued('interactive')).toBe(0)
  const turn = await lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever)
  const burst = Array.from({ length: 15 }, () => lanes.enter({ kind: 'view', weight: 1 }, 'interactive', forever))
  expect(lanes.queued('interactive')).toBe(15)
  for (const work of burst) work.catch(() => {})
  lanes.clear(new Failure('left', 'enough'))
  turn.end(false)
})
