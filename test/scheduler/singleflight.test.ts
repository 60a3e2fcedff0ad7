import { expect, test } from 'vitest'
import { SingleFlight } from '../../src/scheduler/singleflight.ts'
import type { Lane, TaskOptions } from '../../src/scheduler/ticket.ts'
import { ownTask } from '../task.ts'

function gate<T>() {
  let open!: (value: T) => void
  let fail!: (reason: unknown) => void
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { promise, open, fail }
}

test('concurrent calls for one key share one flight', async () => {
  const flights = new SingleFlight<number>()
  const work = gate<number>()
  let starts = 0
  const start = () => {
    starts++
    return work.promise
  }
  const answers = Array.from({ length: 200 }, () => flights.join('k', ownTask(), start))
  expect(flights.has('k')).toBe(true)
  work.open(7)
  expect(new Set(await Promise.all(answers))).toEqual(new Set([7]))
  expect(starts).toBe(1)
  expect(flights.has('k')).toBe(false)
})

test('a waiter that leaves is rejected at once, and the others get their result', async () => {
  const flights = new SingleFlight<number>()
  const work = gate<number>()
  let stopped = false
  const start = ({ signal }: TaskOptions) => {
    signal.addEventListener('abort', () => {
      stopped = true
    })
    return work.promise
  }
  const client = new AbortController()
  const leaver = flights.join('k', ownTask(client.signal), start)
  const stayer = flights.join('k', ownTask(new AbortController().signal), start)
  client.abort()
  await expect(leaver).rejects.toMatchObject({ code: 'cancelled' })
  expect(stopped).toBe(false)
  work.open(1)
  expect(await stayer).toBe(1)
})

test('when the last waiter leaves, the work is cancelled, and the next call starts afresh', async () => {
  const flights = new SingleFlight<string>()
  const stops: string[] = []
  const start =
    (name: string) =>
    ({ signal }: TaskOptions) =>
      new Promise<string>((resolve, reject) => {
        signal.addEventListener('abort', () => {
          stops.push(name)
          reject(new Error('stopped'))
        })
        if (name === 'second') resolve(name)
      })
  const clients = [new AbortController(), new AbortController()]
  const waiting = clients.map((client) => flights.join('k', ownTask(client.signal), start('first')))
  for (const client of clients) client.abort()
  for (const one of waiting) await expect(one).rejects.toMatchObject({ code: 'cancelled' })
  expect(stops).toEqual(['first'])
  expect(await flights.join('k', ownTask(), start('second'))).toBe('second')
})

test('a failure reaches every waiter, and is not cached', async () => {
  const flights = new SingleFlight<number>()
  const work = gate<number>()
  const both = [flights.join('k', ownTask(), () => work.promise), flights.join('k', ownTask(), () => work.promise)]
  work.fail(new Error('broken'))
  for (const one of both) await expect(one).rejects.toThrow('broken')
  expect(await flights.join('k', ownTask(), async () => 3)).toBe(3)
})

test('a flight waits in the lane of its most urgent waiter, and so do the flights that it waits for', async () => {
  const [outer, inner] = [new SingleFlight<number>(), new SingleFlight<number>()]
  const work = gate<number>()
  const lanes: (() => Lane)[] = []
  const start = (options: TaskOptions) => {
    lanes.push(() => options.ticket.lane)
    return inner.join('orbit', options, ({ ticket }) => {
      lanes.push(() => ticket.lane)
      return work.promise
    })
  }
  const bulk = outer.join('tile', ownTask(undefined, 'bulk'), start)
  expect(lanes.map((lane) => lane())).toEqual(['bulk', 'bulk'])
  const interactive = outer.join('tile', ownTask(), start)
  expect(lanes.map((lane) => lane())).toEqual(['interactive', 'interactive'])
  work.open(5)
  expect(await Promise.all([bulk, interactive])).toEqual([5, 5])
})
