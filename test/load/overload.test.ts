// Twenty times what the server can render, offered for 20 seconds, or for OVERLOAD_SECONDS: it
// refuses what it cannot render, and requests that need no render are unaffected. The server, the
// crowd and the measurement are separate processes on the same cores, and all ratios are from one
// run.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endAll, type Replica, serve } from '../cluster/processes.ts'
import { ask, crowd, metrics } from './client.ts'
import { floor, watchMemory } from './memory.ts'
import type { Latency } from './offer.ts'
import { Offering } from './offering.ts'

const THREADS = 2
const SECONDS = Number(process.env.OVERLOAD_SECONDS ?? 20)
const TIMES = 20

const CACHED = '/tile/3/2/3.png'
// the measured requests: often enough that one per cent of them is many
const LOOK = [
  { path: CACHED, rate: 100 },
  { path: '/healthz', rate: 20 },
]
// within the cauliflower, the filled Julia set of 1/4, orbits come to rest so slowly that none is
// known to before the limit: half a billion iterations each
const dear = (x: number | string) => `/julia/0.25,0/tile/20/${x}/524288.png?max_iter=8000`

let server: Replica
let load: Offering
let appearance: Offering
beforeAll(async () => {
  // memory for few tiles, so that it is full before the crowd comes
  server = await serve({ threads: THREADS, 'cache-bytes': 2 ** 20, 'sample-cache-bytes': 2 ** 20 })
  load = await Offering.start(server.url, CACHED)
  appearance = await Offering.start(server.url, CACHED)
})
afterAll(async () => {
  load.end()
  appearance.end()
  await endAll()
})

/**
 * Tiles a second that the server renders when it always has one more to do; `from` is the first
 * one's x.
 */
async function capacity(seconds: number, from: number): Promise<number> {
  const agent = crowd()
  const began = performance.now()
  const since = () => (performance.now() - began) / 1000
  let [next, done] = [from, 0]
  const client = async () => {
    while (since() < seconds) {
      const { status } = await ask(server.url + dear(next++), agent)
      expect(status).toBe(200)
      done++
    }
  }
  await Promise.all(Array.from({ length: 2 * THREADS }, client))
  agent.destroy()
  return done / since()
}

test('twenty times the capacity, for a long time', { timeout: 1000 * SECONDS + 120_000 }, async () => {
  const [idle, idleHealth] = await appearance.send(8, LOOK)
  const before = await capacity(4, 500_000)

  const memory = watchMemory(server.child.pid!)
  const crowded = load.send(SECONDS, [{ path: dear('{n+501000}'), rate: 1.05 * TIMES * before }])
  const looked = appearance.send(SECONDS, LOOK)
  await sleep(1000 * SECONDS)
  const resident = memory.end()
  // two seconds later everything is back to normal, whatever the crowd has left behind
  await sleep(2000)
  const queue = (await metrics(server.url))['queue_length{lane="interactive"}']
  const after = await capacity(3, 540_000)
  const [[dears], [tile, health]] = await Promise.all([crowded, looked])
  const [again] = await appearance.send(3, LOOK)

  const early = floor(resident, SECONDS / 6, SECONDS / 2)
  const late = floor(resident, (2 / 3) * SECONDS, SECONDS)
  const told = ({ p50, p99, max }: Latency) => [p50, p99, max].map((value) => value.toFixed(1)).join(', ')
  console.log(
    [
      `capacity ${before.toFixed(1)} tiles a second, ${after.toFixed(1)} two seconds after; ` +
        `offered ${dears!.rate.toFixed(0)} a second: ${JSON.stringify(dears!.statuses)}, refused in ${told(dears!.latency[503]!)} ms`,
      `a cached tile, milliseconds (median, p99, longest): idle ${told(idle!.latency[200]!)}; crowded ${told(tile!.latency[200]!)}; ` +
        `after ${told(again!.latency[200]!)}`,
      `/healthz: idle ${told(idleHealth!.latency[200]!)}; crowded ${told(health!.latency[200]!)}`,
      `resident MiB, least of a third: ${early.toFixed(1)}, then ${late.toFixed(1)}`,
    ].join('\n'),
  )

  expect(dears!.rate).toBeGreaterThanOrEqual(TIMES * before)
  expect(Object.keys(dears!.statuses)).toEqual(['200', '503'])
  expect(dears!.mute).toBe(0)
  // accepted requests are really rendered: refusing others does not take the threads' time
  expect(dears!.statuses[200]!).toBeGreaterThan((before * SECONDS) / 3)

  expect([tile!.statuses, health!.statuses]).toEqual([{ 200: 100 * SECONDS }, { 200: 20 * SECONDS }])
  expect(tile!.latency[200]!.p99).toBeLessThanOrEqual(5 * idle!.latency[200]!.p99)
  expect(health!.latency[200]!.max).toBeLessThanOrEqual(100)
  // V8 takes memory in steps of this size; a kilobyte left behind by each request would be as much
  // again
  expect(late - early).toBeLessThan(32)

  expect(queue).toBe(0)
  expect(after).toBeGreaterThan(0.7 * before)
  expect(again!.latency[200]!.p99).toBeLessThanOrEqual(5 * idle!.latency[200]!.p99)
})
