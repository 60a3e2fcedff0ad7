// The tiers below memory when their storage fails: a folder that is read-only, full or gone, a
// Redis that is slow, gone, or comes back. Real servers, a real Redis, real file systems. Whatever
// happens, tiles are served, and the log says so.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { parseDecimal, toFixed } from '../../src/plane/decimal.ts'
import { endAll, folder, freePort, health, kill, serve, startRedis } from './processes.ts'

afterEach(endAll)

const tile = (at: number) => `/tile/12/${1000 + at}/1900.png`
const tier = async (url: string, name: string) => (await health(url)).tiers.find((tier) => tier.name === name)!
/** The warnings so far: lines are written ten times a second. */
async function warned({ log }: Awaited<ReturnType<typeof serve>>) {
  await sleep(300)
  return log.filter(({ level }) => level === 40)
}

async function served(url: string, from: number, count: number): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const answer = await fetch(url + tile(from + at))
      await answer.arrayBuffer()
      return `${answer.status} ${answer.headers.get('x-cache')}`
    }),
  )
  return [...new Set(answers)]
}

// root may write anywhere, so the server runs as nobody
const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']

test('from a read-only cache folder cached tiles are served, others are rendered, and the log says so once', async () => {
  const where = folder()
  chmodSync(where, 0o755)
  const filling = await serve({ 'cache-dir': where })
  expect(await served(filling.url, 0, 5)).toEqual(['200 MISS'])
  await expect
    .poll(() => readdirSync(where, { recursive: true }).filter((name) => /.{40}/.test(String(name))).length)
    .toBe(5)
  await kill(filling.child, 'SIGTERM')

  const replica = await serve({ 'cache-dir': where }, process.getuid?.() === 0 ? NOBODY : [])
  if (process.getuid?.() !== 0) chmodSync(where, 0o555)
  expect(await served(replica.url, 0, 5)).toEqual(['200 HIT'])
  expect(await served(replica.url, 5, 5)).toEqual(['200 MISS'])
  await expect.poll(async () => (await tier(replica.url, 'disk')).fault).toMatch(/EACCES/)
  expect(await warned(replica)).toMatchObject([{ tier: 'disk', operation: 'write' }])
})

test('with a full cache folder tiles are still served; it is logged, and used again when there is room', async () => {
  const where = folder()
  // a file system of one megabyte that only this server sees, with room for a few tiles
  const small = ['unshare', '-m', 'sh', '-c', `mount -t tmpfs -o size=1m none ${where} && exec "$0" "$@"`]
  const replica = await serve({ 'cache-dir': where }, small)
  const inside = `/proc/${replica.child.pid}/root${where}`
  writeFileSync(join(inside, 'ballast'), Buffer.alloc(900 * 1024))
  expect(await served(replica.url, 0, 20)).toEqual(['200 MISS'])
  await expect.poll(async () => (await tier(replica.url, 'disk')).errors).toBeGreaterThan(0)
  expect((await warned(replica))[0]).toMatchObject({
    tier: 'disk',
    operation: 'write',
    fault: expect.stringMatching(/ENOSPC/),
  })
  rmSync(join(inside, 'ballast'))
  let next = 100
  await expect
    .poll(async () => [await served(replica.url, next++, 1), (await tier(replica.url, 'disk')).fault], {
      interval: 300,
      timeout: 10_000,
    })
    .toEqual([['200 MISS'], undefined])
})

test('a running server survives a vanished folder and damaged files', async () => {
  const where = join(folder(), 'cache')
  const replica = await serve({ 'cache-dir': where, 'cache-bytes': 0 })
  const files = () =>
    readdirSync(where, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  expect(await served(replica.url, 0, 5)).toEqual(['200 MISS'])
  await expect.poll(() => files().length).toBe(5)
  expect(await served(replica.url, 0, 5)).toEqual(['200 HIT'])
  for (const file of files()) writeFileSync(file, 'rot')
  expect(await served(replica.url, 0, 5)).toEqual(['200 MISS'])
  await expect.poll(async () => (await tier(replica.url, 'disk')).requests.damaged).toBe(5)
  await expect.poll(() => files().filter((file) => !file.endsWith('.part') && statSync(file).size > 100).length).toBe(5)
  rmSync(where, { recursive: true })
  expect(await served(replica.url, 0, 5)).toEqual(['200 MISS'])
  await expect.poll(() => files().length).toBe(5)
  // a file where the folder should be: no folder can be made there
  rmSync(where, { recursive: true })
  writeFileSync(where, '')
  expect(await served(replica.url, 0, 5)).toEqual(['200 MISS'])
  rmSync(where)
  mkdirSync(where)
  expect(await served(replica.url, 0, 5)).toEqual(['200 MISS'])
})

test('replicas share tiles and expensive orbits through Redis, and a damaged value is rendered anew', async () => {
  const port = await freePort()
  await startRedis(port)
  const redis = `redis://127.0.0.1:${port}`
  const [one, other] = await Promise.all([serve({ redis }), serve({ redis })])
  expect(await served(one.url, 0, 5)).toEqual(['200 MISS'])
  await expect.poll(async () => served(other.url, 0, 5)).toEqual(['200 HIT'])
  expect((await health(other.url)).renders.tile).toBe(0)

  // foreign bytes under a tile's name are not used
  const client = new Redis(port)
  for (const name of await client.keys('mandeltiles:*')) await client.set(name, 'rot')
  const third = await serve({ redis })
  expect(await served(third.url, 0, 5)).toEqual(['200 MISS'])
  // except those requested before the connection was made
  expect((await tier(third.url, 'redis')).requests.damaged).toBeGreaterThan(0)

  // two tiles of one neighbourhood: the second replica fetches the first one's orbit
  const [deep, beside] = deepTiles()
  expect((await fetch(one.url + deep)).status).toBe(200)
  expect((await health(one.url)).renders.orbit).toBe(1)
  await expect.poll(() => client.dbsize()).toBe(5 + 2)
  client.disconnect()
  const answer = await fetch(other.url + beside)
  expect(answer.status).toBe(200)
  expect((await health(other.url)).renders).toMatchObject({ tile: 1, orbit: 0 })
  // and gives the same bytes as with its own orbit
  const alone = await serve()
  const [shared, own] = await Promise.all([
    answer.arrayBuffer(),
    fetch(alone.url + beside).then((own) => own.arrayBuffer()),
  ])
  expect(Buffer.compare(Buffer.from(shared), Buffer.from(own))).toBe(0)
})

/** Two tiles side by side at zoom 3600, where an orbit takes half a second and four megabytes. */
function deepTiles(): [string, string] {
  const { places } = JSON.parse(readFileSync(new URL('bench/data/locations.json', ROOT), 'utf8'))
  const { re, im } = places.find(({ name }: { name: string }) => name === '1e1086_bench')
  const [z, bits] = [3600, 3620]
  const index = (distance: bigint) => (distance << BigInt(z)) / (3n << BigInt(bits))
  const x = index(toFixed(parseDecimal(re)!, bits) + (2n << BigInt(bits)))
  const y = index((3n << BigInt(bits - 1)) - toFixed(parseDecimal(im)!, bits))
  return [`/tile/${z}/${x}/${y}.png?max_iter=20000`, `/tile/${z}/${x + 1n}/${y}.png?max_iter=20000`]
}

test('killing and restarting Redis under load causes no 5xx; it is logged, and Redis is used again', async () => {
  const port = await freePort()
  let redis = await startRedis(port)
  const replica = await serve({ redis: `redis://127.0.0.1:${port}`, 'cache-bytes': 0, threads: 2 })
  const statuses = new Map<number, number>()
  let going = true
  const client = async (_: unknown, first: number) => {
    for (let at = first; going; at = (at + 8) % 200) {
      const answer = await fetch(replica.url + tile(at))
      await answer.arrayBuffer()
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    }
  }
  const clients = Array.from({ length: 8 }, client)
  const hits = async () => (await tier(replica.url, 'redis')).requests.hit
  await sleep(1000)
  await kill(redis)
  await expect.poll(async () => (await tier(replica.url, 'redis')).fault).toBeDefined()
  await sleep(500)
  redis = await startRedis(port)
  await expect.poll(async () => (await tier(replica.url, 'redis')).fault, { timeout: 5000 }).toBeUndefined()
  const before = await hits()
  await expect.poll(hits, { timeout: 5000 }).toBeGreaterThan(before)
  going = false
  await Promise.all(clients)
  expect([...statuses.keys()]).toEqual([200])
  await sleep(300) // the log is written ten times a second
  // told when it changes, by turns, not with every request: a busy machine may add a moment in
  // which Redis was slow
  for (const operation of ['read', 'write']) {
    const told = replica.log
      .filter((line) => line.tier === 'redis' && line.operation === operation)
      .map(({ msg }) => msg)
    const turns = ['the cache tier fails: serving without it', 'the cache tier works again']
    expect(told).toEqual(told.map((_, at) => turns[at % 2]))
    expect(told.length).toBeLessThan(12)
    if (operation === 'read') expect(told.length).toBeGreaterThanOrEqual(2)
  }
})

test('an unresponsive Redis delays requests only briefly, then is skipped', async () => {
  const port = await freePort()
  const redis = await startRedis(port)
  const replica = await serve({ redis: `redis://127.0.0.1:${port}` })
  await served(replica.url, 0, 1)
  redis.kill('SIGSTOP')
  for (let at = 1; at < 30; at++) expect(await served(replica.url, at, 1)).toEqual(['200 MISS'])
  const { errors, fault } = await tier(replica.url, 'redis')
  expect(fault).toMatch(/^no answer within/)
  // one attempt a second, not one per tile
  expect(errors).toBeLessThan(15)
  redis.kill('SIGCONT')
  let next = 30
  await expect
    .poll(async () => [await served(replica.url, next++, 1), (await tier(replica.url, 'redis')).fault], {
      interval: 300,
      timeout: 5000,
    })
    .toEqual([['200 MISS'], undefined])
})
