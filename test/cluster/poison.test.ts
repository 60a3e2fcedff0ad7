// Forged jobs in a queue, and Redis servers that are unsuitable for one.
import { spawnSync } from 'node:child_process'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { CLI, endAll, freePort, startRedis, startWorkers } from './processes.ts'

afterEach(endAll)

const tile = {
  z: 2,
  x: '1',
  y: '1',
  side: 1,
  tiles: [0],
  size: 256,
  max_iter: 100,
  format: 'png',
  appearance: { palette: 'grey' },
}
const image = { re: '0', im: '0', zoom: '1', width: '64', height: '64', max_iter: '100' }
const strip = { image, kind: 'index8', strip: 0 }

const POISON: [kind: string, data: object, reason: RegExp][] = [
  ['tiles', { ...tile, z: 1e9 }, /^z must be a whole number from 0 to 50000, it was 1000000000/],
  ['tiles', { ...tile, z: -1 }, /^z must be/],
  ['tiles', { ...tile, z: '2' }, /^z must be/],
  ['tiles', { ...tile, z: 50_000, x: '9'.repeat(10_000_000) }, /^x must be a whole number below 2\^50000/],
  ['tiles', { ...tile, y: '4' }, /^y must be a whole number below 2\^2/],
  ['tiles', { ...tile, side: 1e6 }, /^side must be/],
  ['tiles', { ...tile, tiles: Array(10_000).fill(0) }, /^tiles must be a list of at most 1 numbers/],
  ['tiles', { ...tile, tiles: [0.5] }, /^a tile must be/],
  ['tiles', { ...tile, size: 1e6 }, /^size must be/],
  ['tiles', { ...tile, max_iter: 1e12 }, /^max_iter must be/],
  ['tiles', { ...tile, format: '../../etc' }, /^format must be one of/],
  ['tiles', { ...tile, appearance: { palette: 7 } }, /^appearance.palette must be a text/],
  ['tiles', { ...tile, appearance: null }, /^appearance must be an object/],
  ['tiles', { ...tile, appearance: { palette: 'grey', density: '1e9' } }, /^density must be/],
  ['strip', { ...strip, strip: 1e9 }, /^strip must be/],
  ['strip', { ...strip, kind: 'constructor' }, /^kind must be/],
  ['strip', { ...strip, image: { ...image, zoom: '1000000000' } }, /^zoom must be/],
  ['strip', { ...strip, image: { ...image, width: '1000000000' } }, /^width must be/],
  ['strip', { ...strip, image: [] }, /^image must be an object/],
  ['frame', { image, from: 0, frames: 1e30, frame: 0 }, /^frames must be/],
  ['frame', { image, from: -1e9, frames: 9, frame: 0 }, /^from must be/],
  ['constructor', {}, /^the kind of a job must be one of tiles,strip,frame, it was "constructor"/],
  ['__proto__', {}, /^the kind of a job must be/],
]

test('a forged job fails once, with a reason, and the worker takes the next one', async () => {
  const port = await freePort()
  await startRedis(port, '--maxmemory-policy', 'noeviction')
  const [worker] = await startWorkers(1, port)
  const redis = new Redis(port, { maxRetriesPerRequest: null })
  redis.on('error', () => {})
  const [, name] = /:(.*):/.exec((await redis.keys('mandeltiles-jobs:*:stalled-check'))[0]!)!
  const queue = new Queue(name!, { connection: redis, prefix: 'mandeltiles-jobs', skipVersionCheck: true })
  for (const [at, [kind, data]] of POISON.entries()) {
    await queue.add(kind, data, { jobId: `forged-${at}`, attempts: 6 })
  }
  await queue.add('strip', strip, { jobId: 'right' })
  await expect.poll(() => worker!.done.length, { timeout: 50_000 }).toBe(POISON.length + 1)
  for (const [at, [, , reason]] of POISON.entries()) {
    expect(worker!.done.find(({ id }) => id === `forged-${at}`)?.error, `job ${at}`).toMatch(reason)
  }
  expect(worker!.done.find(({ id }) => id === 'right')).not.toHaveProperty('error')
  expect([worker!.child.exitCode, worker!.child.signalCode]).toEqual([null, null])
  await queue.close()
  redis.disconnect()
})

test('seed warns if the queue may lose jobs, and refuses a database that does not exist', async () => {
  const [evicting, keeping] = [await freePort(), await freePort()]
  await startRedis(evicting)
  await startRedis(keeping, '--maxmemory-policy', 'noeviction')
  const seed = (queue: string) =>
    spawnSync(process.execPath, [CLI, 'seed', '--zooms', '0', '--queue', queue, '--detach'], { encoding: 'utf8' })
  expect(seed(`redis://127.0.0.1:${evicting}`).stderr).toMatch(/may evict jobs \(maxmemory-policy allkeys-lru\)/)
  expect(seed(`redis://127.0.0.1:${keeping}`).stderr).not.toMatch(/evict/)
  const { status, stderr } = seed(`redis://127.0.0.1:${keeping}/99`)
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/^mandeltiles: --queue must be a database that Redis has, it was "99/),
  ])
  const redis = new Redis(keeping)
  const before = await redis.dbsize()
  expect(seed(`redis://127.0.0.1:${keeping}/99`).status).toBe(2)
  expect(await redis.dbsize()).toBe(before)
  redis.disconnect()
})
