// Many clients at once, and many that leave: one render for all, and none for requests that
// everybody has left.
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endAll, type Replica, serve } from '../cluster/processes.ts'
import { ask, crowd, dearGrid, json, metrics } from './client.ts'

let server: Replica
beforeAll(async () => {
  server = await serve({ threads: 2 })
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})
afterAll(endAll)

// every thread of the process, as the system counts them
const threads = () => readdirSync(`/proc/${server.child.pid}/task`).sort()
const load = async () => (await json<{ pool: { queued: number; running: number } }>(`${server.url}/healthz`)).pool

/** The same numbers for a while, and how they changed. */
async function counted<T>(work: () => Promise<T>) {
  const before = await metrics(server.url)
  const result = await work()
  const after = await metrics(server.url)
  return { result, more: (name: string) => after[name]! - before[name]! }
}

/**
 * Requests whose client left, over all routes: each is counted and logged when the server has
 * noticed.
 */
async function left(): Promise<number> {
  const those = Object.entries(await metrics(server.url)).filter(([name]) =>
    /^requests_total\{.*status="499"/.test(name),
  )
  return those.reduce((sum, [, value]) => sum + value, 0)
}

test('render threads run at a lower priority than the main thread', () => {
  // proc_pid_stat(5): nice is the 19th field, and the second one, a name in brackets, may hold
  // anything
  const nice = (thread: string) => {
    const stat = readFileSync(`/proc/${server.child.pid}/task/${thread}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  }
  expect(nice(String(server.child.pid))).toBe(0)
  expect(threads().filter((thread) => nice(thread) === 10).length).toBe(2)
})

test('200 concurrent requests for one cold tile share one render', async () => {
  const agent = crowd()
  const { result, more } = await counted(() =>
    Promise.all(Array.from({ length: 200 }, () => ask(`${server.url}/tile/20/380001/524001.png`, agent))),
  )
  agent.destroy()
  expect(new Set(result.map(({ status }) => status))).toEqual(new Set([200]))
  expect(new Set(result.map(({ bytes }) => bytes)).size).toBe(1)
  expect(more('renders_total{kind="tile"}')).toBe(1)
  expect(more('cache_requests_total{result="miss"}')).toBe(1)
  expect(
    more('cache_requests_total{result="miss"}') + more('cache_requests_total{result="coalesced"}'),
  ).toBeGreaterThan(1)
  expect(
    ['miss', 'coalesced', 'hit'].reduce((sum, how) => sum + more(`cache_requests_total{result="${how}"}`), 0),
  ).toBe(200)
})

// each takes a thread ten seconds or more unless it is stopped
const DEAR = {
  'a grid': dearGrid(),
  // at an irrational point of the cardioid's edge, where nothing settles soon
  'a tile in doubles': '/tile/28/144011965/186722621.png?max_iter=1500000',
  // at the cusp, where no disc proves points interior
  'a deep picture': '/image.png?re=0.25&im=0&zoom=50&width=3000&height=3000&max_iter=1500000',
}

// other load on the machine makes it longer, and nothing makes it shorter
const ROUNDS = 3

test.each(Object.entries(DEAR))(
  '100 clients of %s leave at random moments: the render stops within 50 ms of the last one',
  async (_name, url) => {
    const before = threads()
    const agent = crowd()
    const took: number[] = []
    const told = server.log.length
    const gone = await left()
    const { more } = await counted(async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const clients = Array.from({ length: 100 }, () => new AbortController())
        const answers = clients.map(({ signal }) => ask(server.url + url, agent, signal))
        await expect.poll(async () => (await load()).running, { interval: 20 }).toBeGreaterThan(0)
        const last = await Promise.all(
          clients.map(async (client) => {
            await sleep(600 * Math.random())
            client.abort()
            return performance.now()
          }),
        ).then((moments) => Math.max(...moments))
        let stopped: number
        do stopped = performance.now()
        while ((await load()).running > 0)
        took.push(stopped - last)
        expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([0]))
        expect(await load()).toMatchObject({ queued: 0, running: 0 })
      }
    })
    expect(Math.min(...took)).toBeLessThan(50)
    agent.destroy()
    expect(more('cancelled_total{stage="running"}')).toBeGreaterThanOrEqual(ROUNDS)
    await expect.poll(left).toBe(gone + 100 * ROUNDS)
    const lines = () => server.log.slice(told).filter(({ msg }) => msg === 'the client left')
    await expect.poll(() => lines().length).toBe(100 * ROUNDS)
    for (const line of lines()) expect(line).toMatchObject({ level: 30, status: 499, url, reqId: expect.any(String) })
    // nobody waits any more, so nothing is rendered
    const idle = await counted(() => sleep(300))
    expect(idle.more('worker_busy_seconds_total')).toBe(0)
    expect(threads()).toEqual(before)
  },
)

test('100 clients of 100 tiles leave while most are queued: abandoned tiles never start to render', async () => {
  const before = threads()
  const agent = crowd()
  const tile = (k: number) => `${server.url}/tile/28/144011965/186722621.png?max_iter=${1_400_000 + k}`
  const begunNow = async () => (await metrics(server.url))['renders_total{kind="tile"}']!
  const { more } = await counted(async () => {
    const already = await begunNow()
    const clients = Array.from({ length: 100 }, () => new AbortController())
    const answers = clients.map(({ signal }, k) => ask(tile(k), agent, signal))
    await expect.poll(begunNow, { interval: 20 }).toBeGreaterThan(already)
    // one of the two threads is left for cheaper requests
    expect((await load()).running).toBe(1)
    for (const client of clients) client.abort()
    await Promise.all(answers)
    await expect.poll(load, { interval: 10, timeout: 1000 }).toMatchObject({ queued: 0, running: 0 })
  })
  agent.destroy()
  const begun = more('renders_total{kind="tile"}')
  expect(begun).toBeGreaterThanOrEqual(1)
  // a render that stops frees its thread at once, for a tile whose client has left unnoticed
  expect(begun).toBeLessThanOrEqual(50)
  expect(more('cancelled_total{stage="running"}')).toBe(begun)
  // every other one was refused, because it would wait too long or too many expensive ones wait, or
  // left the queue
  const shed = ['wait', 'full'].map((reason) => more(`shed_total{lane="interactive",reason="${reason}"}`))
  expect(more('cancelled_total{stage="queued"}') + shed[0]! + shed[1]!).toBe(100 - begun)
  expect(threads()).toEqual(before)
})

test('40 clients of an AVIF in 40 colours leave while most wait for an encoder: those are never encoded, and others are still served', async () => {
  const agent = crowd()
  const tile = `${server.url}/tile/12/1713/1897@2x`
  const encodes = async (state: string) => (await metrics(server.url))[`encodes_in_progress{state="${state}"}`]!
  expect((await ask(`${tile}.png`, agent)).status).toBe(200)
  const gone = await left()
  const { more } = await counted(async () => {
    const clients = Array.from({ length: 40 }, () => new AbortController())
    const answers = clients.map(({ signal }, k) => ask(`${tile}.avif?offset=${k / 40}`, agent, signal))
    await expect.poll(() => encodes('waiting'), { interval: 10 }).toBeGreaterThan(20)
    expect(await encodes('running')).toBe(2)
    expect((await ask(`${server.url}/tile/12/1713/1898.png`, agent)).status).toBe(200)
    for (const client of clients) client.abort()
    await Promise.all(answers)
    await expect.poll(() => encodes('running'), { interval: 10 }).toBe(0)
  })
  agent.destroy()
  expect(more('renders_total{kind="tile"}')).toBe(1)
  expect(more('cancelled_total{stage="encoding"}')).toBeGreaterThan(10)
  await expect.poll(left).toBeGreaterThanOrEqual(gone + more('cancelled_total{stage="encoding"}'))
})
