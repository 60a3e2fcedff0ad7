import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Failure } from '../../src/core/errors.ts'
import { AdmissionQueue, type Slot } from '../../src/scheduler/admission.ts'
import type { Lane } from '../../src/scheduler/ticket.ts'
import { ownTask } from '../task.ts'

// a virtual clock that jumps to the next timer when nothing else is pending, so durations do not
// depend on the load of the machine
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  vi.setTimerTickMode('nextTimerAsync')
})
afterEach(() => {
  vi.useRealTimers()
})

const sleep = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** Work that takes `milliseconds` when its weight is 1, so that its kind has a mean. */
async function teach(queue: AdmissionQueue, kind: string, milliseconds: number): Promise<void> {
  // enough of it to outweigh the initial estimate
  for (let k = 0; k < 40; k++) {
    const slot = await queue.acquire({ kind, weight: 10 / milliseconds }, ownTask())
    await sleep(10)
    slot.end(true)
  }
}

test('interactive goes before bulk, and after eight interactive tasks bulk gets a slot', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 100, wait: 60 })
  const first = await queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  const order: Lane[] = []
  const work = async (lane: Lane) => {
    const slot = await queue.acquire({ kind: 'view', weight: 1 }, ownTask(undefined, lane))
    order.push(lane)
    slot.end(true)
  }
  const all = [...Array(3).fill('bulk'), ...Array(20).fill('interactive')].map(work)
  first.end(true)
  await Promise.all(all)
  expect(order.flatMap((lane, at) => (lane === 'bulk' ? [at] : []))).toEqual([8, 17, 22])
})

test('a lane is bounded by the wait of its last task, not by its length', async () => {
  const queue = new AdmissionQueue({ slots: 2, length: 10_000, wait: 1 })
  await teach(queue, 'shallow', 2)
  await teach(queue, 'deep', 200)
  const slots = [
    await queue.acquire({ kind: 'deep', weight: 1 }, ownTask()),
    await queue.acquire({ kind: 'deep', weight: 1 }, ownTask()),
  ]
  // two slots and a second: about ten deep views, including those that run
  const deep: Promise<Slot>[] = []
  const acquire = (kind: string) => {
    const work = queue.acquire({ kind, weight: 1 }, ownTask())
    work.catch(() => {})
    deep.push(work)
    return work
  }
  while (queue.wait('interactive') <= 1) acquire('deep')
  expect(deep.length).toBeGreaterThanOrEqual(7)
  expect(deep.length).toBeLessThanOrEqual(10)
  const refused = (await acquire('shallow').catch((error) => error)) as Failure
  expect(refused).toMatchObject({ code: 'busy', status: 503 })
  expect(refused.message).toMatch(/^the render queue is full \(estimated wait \d+ s, limit 1 s\); try again in \d+ s$/)
  expect(refused.retryAfter).toBeGreaterThanOrEqual(1)
  expect(queue.shed.interactive.wait).toBe(1)
  queue.clear(new Failure('cancelled', 'enough'))
  for (const slot of slots) slot.end(false)
})

test('a thousand shallow views make a short queue', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 10_000, wait: 5 })
  await teach(queue, 'shallow', 1)
  const slot = await queue.acquire({ kind: 'shallow', weight: 1 }, ownTask())
  const all = Array.from({ length: 1000 }, async () =>
    (await queue.acquire({ kind: 'shallow', weight: 1 }, ownTask())).end(true),
  )
  expect(queue.queued('interactive')).toBe(1000)
  slot.end(true)
  await Promise.all(all)
})

test('queued interactive work does not shut bulk out: bulk is sure of its share', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 10_000, wait: 2 })
  await teach(queue, 'view', 20)
  const slot = await queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  const line = Array.from({ length: 90 }, () => queue.acquire({ kind: 'view', weight: 1 }, ownTask()).catch(() => {}))
  expect(queue.wait('interactive')).toBeGreaterThan(1.5)
  expect(queue.wait('bulk')).toBeLessThan(0.3)
  queue.clear(new Failure('cancelled', 'enough'))
  await Promise.all(line)
  slot.end(true)
})

test('a task that waited too long is rejected', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 10, wait: 1 })
  const slot = await queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  const asked = performance.now()
  await expect(queue.acquire({ kind: 'view', weight: 1 }, ownTask())).rejects.toMatchObject({
    code: 'busy',
  })
  expect(performance.now() - asked).toBeGreaterThan(990)
  expect(queue.shed.interactive.timeout).toBe(1)
  slot.end(true)
  expect(queue.running).toBe(0)
})

test('a full lane rejects one more task, and does not fill the other lane', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 2, wait: 60 })
  const slot = await queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  const waiting = [1, 2].map(() => queue.acquire({ kind: 'view', weight: 1 }, ownTask()).catch(() => {}))
  await expect(queue.acquire({ kind: 'view', weight: 1 }, ownTask())).rejects.toMatchObject({
    code: 'busy',
  })
  expect(queue.shed.interactive.full).toBe(1)
  const bulk = queue.acquire({ kind: 'view', weight: 1 }, ownTask(undefined, 'bulk')).catch(() => {})
  expect(queue.queued('bulk')).toBe(1)
  queue.clear(new Failure('cancelled', 'enough'))
  await Promise.all([...waiting, bulk])
  slot.end(true)
})

test('a client that leaves while waiting is removed at once and never gets a slot', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 10, wait: 60 })
  const slot = await queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  const client = new AbortController()
  const work = queue.acquire({ kind: 'view', weight: 1 }, ownTask(client.signal))
  client.abort()
  await expect(work).rejects.toMatchObject({ code: 'cancelled' })
  expect([queue.queued('interactive'), queue.cancelled]).toEqual([0, 1])
  slot.end(true)
  expect(queue.running).toBe(0)
  await expect(queue.acquire({ kind: 'view', weight: 1 }, ownTask(client.signal))).rejects.toMatchObject({
    code: 'cancelled',
  })
})

test('a queue that never empties means overload: a tenth of the wait is allowed until it has been empty', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 1000, wait: 1 })
  await teach(queue, 'view', 50)
  // one thread, and a crowd that always wants more
  const waits: { at: number; queue: number }[] = []
  const began = performance.now()
  const ask = async () => {
    const slot = await queue.acquire({ kind: 'view', weight: 1 }, ownTask())
    waits.push({ at: performance.now() - began, queue: slot.queue })
    await sleep(50)
    slot.end(true)
  }
  const all: Promise<void>[] = []
  while (performance.now() - began < 3000) {
    all.push(ask().catch(() => {}))
    await sleep(10)
  }
  await Promise.all(all)
  // the burst may wait for a second; work that arrives after that may wait for a tenth
  const early = waits.filter(({ at }) => at < 1500)
  const late = waits.filter(({ at }) => at > 2500)
  expect(Math.max(...early.map(({ queue }) => queue))).toBeGreaterThan(700)
  expect(late.length).toBeGreaterThan(5)
  expect(Math.max(...late.map(({ queue }) => queue))).toBeLessThan(600)
  // the thread was never idle because of it
  expect(waits.length).toBeGreaterThan(30)
  // the queue was empty, so a burst is accepted again
  expect(queue.queued('interactive')).toBe(0)
  const slot = await queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  const burst = Array.from({ length: 15 }, () => queue.acquire({ kind: 'view', weight: 1 }, ownTask()))
  expect(queue.queued('interactive')).toBe(15)
  for (const work of burst) work.catch(() => {})
  queue.clear(new Failure('cancelled', 'enough'))
  slot.end(false)
})

test('a request is checked once: its later tasks enter a queue that has filled meanwhile, and wait as long as necessary', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 1, wait: 1 })
  const request = ownTask()
  const first = await queue.acquire({ kind: 'orbit', weight: 1 }, request)
  const other = queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  await expect(queue.acquire({ kind: 'view', weight: 1 }, ownTask())).rejects.toMatchObject({ code: 'busy' })
  const last = queue.acquire({ kind: 'view', weight: 1 }, request)
  // by then the other one has waited too long
  await expect(other).rejects.toMatchObject({ code: 'busy' })
  await sleep(5000)
  first.end(true)
  const slot = await last
  expect(slot.queue).toBeGreaterThan(5000)
  slot.end(true)
  expect(queue.shed.interactive).toEqual({ full: 1, wait: 0, timeout: 1, deadline: 0 })
})

test('a reserved task counts as waiting until it enters the queue itself', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 2, wait: 60 })
  const slot = await queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  const leave = queue.reserve({ kind: 'view', weight: 100 }, ownTask().ticket)
  const reserved = queue.wait('interactive')
  expect(reserved).toBeGreaterThan(1)
  const waiting = queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  await expect(queue.acquire({ kind: 'view', weight: 1 }, ownTask())).rejects.toMatchObject({ code: 'busy' })
  leave()
  leave()
  expect(queue.wait('interactive')).toBeLessThan(reserved - 1)
  const next = queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  slot.end(true)
  for (const work of [waiting, next]) (await work).end(true)
})

test('promoted work moves to the interactive lane, and the estimate moves with it', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 10, wait: 60 })
  const first = await queue.acquire({ kind: 'view', weight: 1 }, ownTask())
  const shared = ownTask(undefined, 'bulk')
  const order: string[] = []
  const work = async (name: string, options: ReturnType<typeof ownTask>) => {
    const slot = await queue.acquire({ kind: 'view', weight: 1 }, options)
    order.push(name)
    slot.end(true)
  }
  const all = [work('bulk', ownTask(undefined, 'bulk')), work('shared', shared), work('interactive', ownTask())]
  shared.ticket.raise()
  expect([queue.queued('bulk'), queue.queued('interactive')]).toEqual([1, 2])
  first.end(true)
  await Promise.all(all)
  expect(order).toEqual(['interactive', 'shared', 'bulk'])
})

test('long tasks leave a slot to the others, and wait for each other', async () => {
  const queue = new AdmissionQueue({ slots: 3, length: 100, wait: 60 })
  const long = { kind: 'long view', weight: 1, long: true }
  const short = { kind: 'view', weight: 1 }
  const running = [await queue.acquire(long, ownTask()), await queue.acquire(long, ownTask())]
  const third = queue.acquire(long, ownTask())
  expect([queue.running, queue.queued('interactive')]).toEqual([2, 1])
  // one after the other they all get the remaining slot, whatever waits before them
  for (let k = 0; k < 5; k++) (await queue.acquire(short, ownTask())).end(true)
  expect([queue.running, queue.queued('interactive')]).toEqual([2, 1])
  expect(queue.wait('interactive')).toBe(0)
  running[0]!.end(true)
  for (const slot of [await third, running[1]!]) slot.end(true)
  expect(queue.running).toBe(0)
})

test('with a single slot, long tasks get an extra slot, and wait only for each other', async () => {
  const queue = new AdmissionQueue({ slots: 1, length: 100, wait: 60 })
  const long = { kind: 'long view', weight: 1, long: true }
  const short = { kind: 'view', weight: 1 }
  const first = await queue.acquire(long, ownTask())
  const next = queue.acquire(long, ownTask())
  for (const lane of ['interactive', 'bulk'] as const) {
    const slot = await queue.acquire(short, ownTask(undefined, lane))
    const waiting = queue.acquire(short, ownTask())
    expect([queue.running, queue.queued('interactive')]).toEqual([2, 2])
    slot.end(true)
    ;(await waiting).end(true)
  }
  // it starts beside a short one too
  const slot = await queue.acquire(short, ownTask())
  first.end(true)
  const second = await next
  expect([queue.running, queue.queued('interactive')]).toEqual([2, 0])
  expect(queue.wait('interactive')).toBeLessThan(1)
  for (const { end } of [slot, second]) end(true)
  expect(queue.running).toBe(0)
})

test('bulk work leaves a slot free after recent interactive work, and otherwise uses it', async () => {
  const queue = new AdmissionQueue({ slots: 2, length: 100, wait: 100 })
  const started: string[] = []
  const enter = async (name: string, lane: Lane) => {
    const slot = await queue.acquire({ kind: 'view', weight: 1 }, ownTask(undefined, lane))
    started.push(name)
    return slot
  }
  ;(await enter('tile', 'interactive')).end(true)
  const a = await enter('a', 'bulk')
  const b = enter('b', 'bulk')
  await sleep(6000)
  // it waits beside a free slot
  expect([started, queue.queued('bulk'), queue.running]).toEqual([['tile', 'a'], 1, 1])
  ;(await enter('another tile', 'interactive')).end(true)
  await sleep(6000)
  expect(started).toEqual(['tile', 'a', 'another tile'])
  await sleep(15_000)
  expect(started).toEqual(['tile', 'a', 'another tile', 'b'])
  for (const slot of [a, await b]) slot.end(true)
  expect(queue.running).toBe(0)
})
