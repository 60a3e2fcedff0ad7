// The queue between commands and workers: notifications, the commands that Redis receives, and
// outages of Redis.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { CLI, endAll, folder, freePort, kill, launch, startRedis, startWorkers } from './processes.ts'

afterEach(endAll)

/** What a child has written to standard error so far. */
function errors(child: ChildProcess): () => string {
  let text = ''
  child.stderr!.on('data', (data) => (text += data))
  return () => text
}

const start = (...words: string[]) => launch(process.execPath, [CLI, ...words])

test('a client is notified of results instead of polling Redis for every job', async () => {
  const port = await freePort()
  await startRedis(port)
  const client = start('seed', '--zooms', '5', '--max-iter', '100', '--queue', `redis://127.0.0.1:${port}`)
  const said = errors(client)
  const redis = new Redis(port)
  const jobs = async () => (await redis.keys('mandeltiles-jobs:*:tiles-*')).length
  await expect.poll(jobs, { timeout: 40_000 }).toBe(16)
  expect(said()).toMatch(
    /no worker of version [\w-]{12} is connected yet; start one with: mandeltiles work --queue URL/,
  )
  const lookUps = async () => {
    const stats = await redis.info('commandstats')
    return Number(/cmdstat_hgetall:calls=(\d+)/.exec(stats)?.[1] ?? 0)
  }
  const before = await lookUps()
  await new Promise((resolve) => setTimeout(resolve, 6000))
  // once each, to find those that have vanished
  expect((await lookUps()) - before).toBeLessThanOrEqual(2 * 16)
  const ended = once(client, 'exit')
  await startWorkers(1, port)
  expect(await ended).toEqual([0, null])
  redis.disconnect()
}, 120_000)

test('an outage of Redis logs one line, allows a stop, and work continues when Redis is back', async () => {
  const [port, where] = [await freePort(), folder()]
  const durable = ['--maxmemory-policy', 'noeviction', '--appendonly', 'yes', '--appendfsync', 'always', '--dir', where]
  let server = await startRedis(port, ...durable)
  const queue = `redis://127.0.0.1:${port}`
  const [worker] = await startWorkers(1, port)
  const workerSaid = errors(worker!.child)
  const [first, second] = ['5', '4'].map((zoom) =>
    start('seed', '--zooms', zoom, '--max-iter', '20000', '--aa', '2', '--queue', queue),
  ) as [ChildProcess, ChildProcess]
  const [firstSaid, secondSaid] = [errors(first), errors(second)]
  const redis = new Redis(port)
  redis.on('error', () => {})
  const jobs = async () => (await redis.keys('mandeltiles-jobs:*:tiles-*')).filter((key) => !key.endsWith(':lock'))
  await expect.poll(async () => (await jobs()).length, { timeout: 40_000 }).toBeGreaterThan(16)
  redis.disconnect()
  await kill(server)
  const away = `mandeltiles: --queue: Redis at 127.0.0.1:${port} is unreachable; waiting for it\n`
  await expect.poll(firstSaid, { timeout: 20_000 }).toBe(away)
  const stopped = once(first, 'exit')
  first.kill('SIGINT')
  expect(await stopped).toEqual([130, null])
  expect(firstSaid().split('\n')[1]).toMatch(
    /^mandeltiles: stopped after \d+ of 1024 tiles; run the same command with --resume/,
  )
  expect(workerSaid()).toMatch(/^mandeltiles: --queue: waiting for jobs of version [\w-]{12}\n/)
  expect(workerSaid().slice(workerSaid().indexOf('\n') + 1)).toBe(away)

  server = await startRedis(port, ...durable)
  const ended = once(second, 'exit')
  expect(await ended).toEqual([0, null])
  // besides its progress
  const lines = secondSaid()
    .split('\n')
    .filter((line) => line.startsWith('mandeltiles:'))
  expect(`${lines.join('\n')}\n`).toBe(`${away}mandeltiles: --queue: Redis at 127.0.0.1:${port} is back\n`)

  // a worker that cannot return its jobs ends all the same
  await kill(server)
  const done = once(worker!.child, 'exit')
  worker!.child.kill('SIGTERM')
  expect(await done).toEqual([0, null])
}, 120_000)
