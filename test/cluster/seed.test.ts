// Seeding in practice: the command in its own process, into files and a real Redis, and with
// workers that are killed.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { type MetatileJob, unpackMetatile } from '../../src/seed/queue/codec.ts'
import type { Seeded } from '../../src/seed/seeder.ts'
import { tilesOf } from '../../src/seed/tileset.ts'
import {
  CLI,
  endAll,
  folder,
  freePort,
  health,
  kill,
  killInMidWork,
  launch,
  serve,
  startRedis,
  startWorkers,
} from './processes.ts'

afterEach(endAll)

const seed = (...words: string[]) => spawnSync(process.execPath, [CLI, 'seed', ...words], { encoding: 'utf8' })
const files = (where: string) =>
  readdirSync(where, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.part'))
    .map((entry) => join(entry.parentPath, entry.name))

/** Requests tiles from a server: how many it had cached, and their bytes. */
async function fetchAll(url: string, paths: string[]) {
  const bytes: Buffer[] = []
  let hits = 0
  const left = paths.entries()
  const line = async () => {
    for (const [at, path] of left) {
      const answer = await fetch(url + path)
      expect(answer.status).toBe(200)
      if (answer.headers.get('x-cache') === 'HIT') hits++
      bytes[at] = Buffer.from(await answer.arrayBuffer())
    }
  }
  await Promise.all(Array.from({ length: 8 }, line))
  return { hits, bytes }
}

/**
 * Requests tiles from a replica that has only Redis. On a busy machine Redis may not answer in
 * time, so tiles that it rendered are requested again, until all came from Redis. None was missing
 * there, because a tile rendered meanwhile was stored under a key that Redis already had.
 */
async function fetchHeld(url: string, paths: string[], redis: string): Promise<void> {
  const client = new Redis(redis)
  const keys = async () => (await client.keys('mandeltiles:*')).sort()
  const held = await keys()
  let left = paths
  await expect
    .poll(
      async () => {
        const missed: string[] = []
        for (const path of left) if ((await fetchAll(url, [path])).hits === 0) missed.push(path)
        left = missed
        return left
      },
      { timeout: 40_000 },
    )
    .toEqual([])
  const { requests } = (await health(url)).tiers.find(({ name }) => name === 'redis')!
  expect(requests).toMatchObject({ hit: paths.length, damaged: 0 })
  expect(await keys()).toEqual(held)
  client.disconnect()
}

const pyramid = (zooms: number[], query = '') =>
  zooms.flatMap((z) =>
    Array.from({ length: 4 ** z }, (_, at) => `/tile/${z}/${at % 2 ** z}/${Math.floor(at / 2 ** z)}.png${query}`),
  )

test('errors name the flag, or say that there is nowhere to store tiles', () => {
  for (const [words, message] of [
    [['--zooms', '0-3'], 'there is nowhere to store tiles: --cache-dir or --redis must be given'],
    [
      ['--zooms', '0', '--queue', 'redis://127.0.0.1:1'],
      '--queue: no Redis answers at 127.0.0.1:1: connect ECONNREFUSED',
    ],
    [['--zooms', '0', '--redis', 'redis://127.0.0.1:1'], '--redis: connect ECONNREFUSED'],
  ] as const) {
    const { status, stderr } = seed(...words)
    expect([status, stderr.split('\n').length], words.join(' ')).toEqual([2, 2])
    expect(stderr).toContain(message)
  }
  // a worker has no other Redis, and names the flag that it was given
  const { stderr } = spawnSync(process.execPath, [CLI, 'work', '--queue', 'redis://127.0.0.1:1'], { encoding: 'utf8' })
  expect(stderr).toBe('mandeltiles: --queue: connect ECONNREFUSED 127.0.0.1:1\n')
})

test('a pyramid seeded into files and Redis is served without rendering, byte for byte; the estimate holds', async () => {
  const [where, port] = [folder(), await freePort()]
  await startRedis(port)
  const redis = `redis://127.0.0.1:${port}`
  const wanted = ['--zooms', '0-4', '--max-iter', '300']
  const told = seed(...wanted, '--dry-run', '--sample', '100').stdout
  const { status, stdout } = seed(...wanted, '--cache-dir', where, '--redis', redis)
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^341 tiles in .*: 341 rendered/)])
  expect(files(where).length).toBe(341)
  const client = new Redis(port)
  expect(await client.dbsize()).toBe(341)
  client.disconnect()

  // the sample is the same in every run, and so are the bytes of tiles: the test is deterministic
  expect(told).toMatch(/^tiles +341$/m)
  const bytes = files(where).reduce((sum, file) => sum + statSync(file).size, 0)
  const [, foretold, unit, spread] = /^bytes +([\d.]+) (KB|MB), give or take (\d+) %/m.exec(told)!
  const off = (Number(foretold) * (unit === 'MB' ? 2 ** 20 : 2 ** 10)) / bytes - 1
  console.log(told, stdout, `bytes foretold ${(100 * off).toFixed(1)} % off`)
  expect(Math.abs(off)).toBeLessThan(Number(spread) / 100)
  expect(Math.abs(off)).toBeLessThan(0.2)

  const paths = pyramid([0, 1, 2, 3, 4], '?max_iter=300')
  const [byFiles, byRedis, fresh] = await Promise.all([
    serve({ 'cache-dir': where }),
    serve({ redis, 'cache-bytes': 0 }),
    serve(),
  ])
  const some = paths.filter((_, at) => at % 20 === 0)
  await fetchHeld(byRedis.url, paths, redis)
  const [one, own] = [await fetchAll(byFiles.url, paths), await fetchAll(fresh.url, some)]
  expect(one.hits).toBe(341)
  expect((await health(byFiles.url)).renders.tile).toBe(0)
  const picked = one.bytes.filter((_, at) => at % 20 === 0)
  expect(picked.every((bytes, at) => bytes.equals(own.bytes[at]!))).toBe(true)

  // a tier that has lost entries gets them from the other, and nothing is rendered
  const cleared = new Redis(port)
  await cleared.flushall()
  const again = seed(...wanted, '--cache-dir', where, '--redis', redis)
  expect(again.stdout).toMatch(/: 0 rendered \(0 B\), 341 existed before, 0 failed/)
  expect(await cleared.dbsize()).toBe(341)
  cleared.disconnect()
})

test('places beyond double precision are seeded in the requested formats and sizes', async () => {
  const where = folder()
  const list = join(where, 'places.txt')
  const cache = join(where, 'cache')
  // a place of 150 digits, by the map's link with its own limit, and its way down
  const digits = '3'.repeat(150)
  writeFileSync(list, `http://localhost/#400/-1.${digits}/0.0${digits}&iter=200\n`)
  const words = ['--places', list, '--screen', '500x300', '--format', 'webp', '--size', '512', '--cache-dir', cache]
  const { status, stdout } = seed(...words)
  expect([status, stdout]).toEqual([0, expect.stringMatching(/ rendered/)])
  const [, count] = /^(\d+) tiles/.exec(stdout)!
  // each tile is stored in its format, and as the index that it was made from
  expect(files(cache).length).toBe(2 * Number(count))
  const replica = await serve({ 'cache-dir': cache })
  const [z, one] = [400n, 10n ** 151n]
  const [re, im] = [-(10n ** 151n) - BigInt(`${digits}0`), BigInt(`${digits}`)]
  const [x, y] = [((re + 2n * one) << z) / (3n * one), ((3n * one - 2n * im) << z) / (6n * one)]
  const { hits } = await fetchAll(replica.url, [`/tile/400/${x}/${y}@2x.webp?max_iter=200`])
  expect([hits, (await health(replica.url)).renders]).toMatchObject([1, { tile: 0, orbit: 0 }])
})

test('a killed seed continues with --resume, leaving nothing out and repeating nothing', async () => {
  const where = folder()
  const words = ['seed', '--zooms', '4', '--max-iter', '300', '--cache-dir', where, '--threads', '1', '--resume']
  const first = launch(process.execPath, [CLI, ...words])
  await expect.poll(() => files(where).length, { interval: 20, timeout: 20_000 }).toBeGreaterThan(40)
  await kill(first)
  const before = new Map(files(where).map((file) => [file, statSync(file).mtimeMs]))
  expect(before.size).toBeLessThan(256)
  const { stdout } = spawnSync(process.execPath, [CLI, ...words], { encoding: 'utf8' })
  expect(stdout).toContain(`: ${256 - before.size} rendered`)
  expect(stdout).toContain(`${before.size} existed before, 0 failed`)
  expect(files(where).length).toBe(256)
  for (const [file, time] of before) expect(statSync(file).mtimeMs).toBe(time)
  // on a signal it says how far it got
  const second = launch(process.execPath, [CLI, ...words.slice(0, -1), '--max-iter', '301'])
  let said = ''
  second.stderr!.on('data', (data) => (said += data))
  await expect.poll(() => files(where).length, { interval: 20, timeout: 20_000 }).toBeGreaterThan(290)
  second.kill('SIGTERM')
  await once(second, 'close')
  expect(second.exitCode).toBe(143)
  expect(said).toMatch(/stopped after \d+ of 256 tiles; run the same command with --resume to continue/)
})

test('three workers, one of them killed at random, render 1000 tiles: each has one result, and none is missing', async () => {
  const port = await freePort()
  await startRedis(port)
  const redis = `redis://127.0.0.1:${port}`
  // 40 by 25 tiles of zoom 12, whose edges are not edges of metatiles
  const at = (x: number, y: number) => `${-2 + (3 * x) / 4096},${1.5 - (3 * y) / 4096}`
  const wanted = ['--zooms', '12', '--bounds', `${at(1003, 1901)},${at(1043, 1926)}`, '--max-iter', '1000']
  const workers = await startWorkers(3, port)
  const victim = Math.floor(3 * Math.random())
  await killInMidWork(workers, victim, port, 'tiles', () => {
    const { stdout } = seed(...wanted, '--queue', redis, '--detach')
    expect(stdout).toMatch(/^1000 tiles in \d+ jobs are waiting for workers/)
  })
  const jobs = await queueOf(port)
  const total = await jobs.getJobCounts('active', 'waiting', 'completed')
  console.log(`worker ${victim} killed when there were`, total)
  await expect
    .poll(() => jobs.getJobCounts('active', 'waiting', 'delayed', 'failed'), { interval: 200, timeout: 45_000 })
    .toEqual({
      active: 0,
      waiting: 0,
      delayed: 0,
      failed: 0,
    })

  // the results: every tile in one of them, and in no other
  const completed = await jobs.getCompleted()
  const counts = new Map<string, number>()
  for (const { data } of completed) {
    for (const { x, y } of tilesOf(unpackMetatile(data as MetatileJob))) {
      counts.set(`${x} ${y}`, (counts.get(`${x} ${y}`) ?? 0) + 1)
    }
  }
  expect([counts.size, Math.max(...counts.values())]).toEqual([1000, 1])
  const results = completed.map(({ returnvalue }) => returnvalue as Seeded)
  const tally = (of: (result: Seeded) => number) => results.reduce((sum, result) => sum + of(result), 0)
  expect(tally(({ rendered, held }) => rendered + held)).toBe(1000)
  expect(tally(({ failed }) => failed.length)).toBe(0)
  console.log(
    `rendered ${tally(({ rendered }) => rendered)}, there from the one that was killed ${tally(({ held }) => held)}`,
  )
  expect(workers.filter(({ done }) => done.length > 0).length).toBeGreaterThanOrEqual(2)

  // and the tiles themselves: a replica has every one, without a render
  const client = new Redis(port)
  expect((await client.keys('mandeltiles:*')).length).toBe(1000)
  client.disconnect()
  const replica = await serve({ redis, 'cache-bytes': 0 })
  const paths = Array.from(
    { length: 1000 },
    (_, k) => `/tile/12/${1003 + (k % 40)}/${1901 + Math.floor(k / 40)}.png?max_iter=1000`,
  )
  await fetchHeld(replica.url, paths, redis)

  // the same again with the two remaining workers: everything is there
  const again = seed(...wanted, '--queue', redis)
  expect(again.stdout).toMatch(/^1000 tiles in .*: 0 rendered \(0 B\), 1000 existed before, 0 failed/)
  expect(await jobs.getJobCountByTypes()).toBe(0)
  await jobs.close()

  // a worker that receives SIGTERM returns its jobs to the queue
  for (const { child } of workers) if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  await Promise.all(workers.map(({ child }) => child.exitCode ?? child.signalCode ?? once(child, 'exit')))
  expect(workers.map(({ child }) => child.exitCode).filter((code) => code === 0).length).toBe(2)
}, 120_000)

/** The queue of the running version, which is named after it: found by its keys. */
async function queueOf(port: number): Promise<Queue> {
  const client = new Redis(port)
  const [key] = await client.keys('mandeltiles-jobs:*:meta')
  client.disconnect()
  const [prefix, name] = key!.split(':') as [string, string]
  return new Queue(name, { connection: { host: '127.0.0.1', port }, prefix, skipVersionCheck: true })
}
