// A Redis that others write to: whatever it holds, the server answers with the right tiles and
// survives.
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { endAll, freePort, health, serve, startRedis } from './processes.ts'

afterEach(endAll)

const sha = async (url: string) => {
  const answer = await fetch(url)
  const body = Buffer.from(await answer.arrayBuffer())
  return [answer.status, answer.headers.get('x-cache'), createHash('sha256').update(body).digest('hex')]
}

/** All records under their keys' names, so that a test can replace them. */
async function records(client: Redis): Promise<string[]> {
  const names = await client.keys('mandeltiles:*')
  return names.filter((name) => /^mandeltiles:[0-9a-f]{40}$/.test(name))
}

test('tampered records are removed and their tiles rendered anew, whatever they contain', async () => {
  const port = await freePort()
  await startRedis(port)
  const client = new Redis(port)
  const { url } = await serve({ redis: `redis://127.0.0.1:${port}`, 'cache-bytes': 0 })
  const tiles = ['/tile/5/9/11.png', '/tile/5/9/11.jpg']
  const wanted = [await sha(url + tiles[0]!), await sha(url + tiles[1]!)]
  await expect.poll(async () => (await records(client)).length).toBe(2)
  const key = (await records(client)).find(Boolean)!
  const whole = (await client.getBuffer(key))!
  const forged = [
    Buffer.alloc(0),
    Buffer.from('ten bytes.'),
    randomBytes(5000),
    whole.subarray(0, -1),
    Buffer.concat([whole, Buffer.alloc(1)]),
    Buffer.alloc(3 * 2 ** 20),
  ]
  for (const [at, bytes] of forged.entries()) {
    for (const name of await records(client)) await client.set(name, bytes)
    for (const [k, tile] of tiles.entries())
      expect((await sha(url + tile)).toSpliced(1, 1), `forgery ${at}`).toEqual(wanted[k]!.toSpliced(1, 1))
  }
  // of another type
  for (const name of await records(client)) {
    await client.del(name)
    await client.lpush(name, 'a', 'b')
  }
  for (const [k, tile] of tiles.entries()) expect((await sha(url + tile))[2]).toBe(wanted[k]![2])
  await expect
    .poll(async () => Promise.all((await records(client)).map((name) => client.type(name))))
    .not.toContain('list')
  const { requests } = (await health(url)).tiers.find(({ name }) => name === 'redis')!
  expect(requests.damaged).toBeGreaterThanOrEqual(forged.length)
  client.disconnect()
})

test('a picture that claims another size is not decoded, even in an intact record', async () => {
  const port = await freePort()
  await startRedis(port)
  const client = new Redis(port)
  const redis = `redis://127.0.0.1:${port}`
  const { url } = await serve({ redis, 'cache-bytes': 0 })
  const wanted = await sha(`${url}/tile/5/9/11.jpg`)
  await expect.poll(async () => (await records(client)).length).toBe(2)
  const { version } = (await (await fetch(`${url}/healthz`)).json()) as { version: string }
  // whoever can write to Redis can make valid records, because the checksum is not secret
  const key = 'tile 5 9 11 256 auto'
  const name = `mandeltiles:${createHash('sha256').update(`${version} ${key}`).digest('hex').slice(0, 40)}`
  const record = (bytes: Buffer) => {
    const head = Buffer.from('MDT1............', 'latin1')
    head.writeUInt32LE(100, 8)
    head.writeUInt32LE(bytes.length, 12)
    head.writeUInt32LE(crc32(bytes, crc32(head.subarray(8), crc32(`${version} ${key}`))), 4)
    return Buffer.concat([head, bytes])
  }
  const whole = (await client.getBuffer(name))!
  const png = whole.subarray(16)
  expect(record(png).subarray(16).equals(png)).toBe(true)
  const bomb = Buffer.from(png)
  bomb.writeUInt32BE(12_000, 16)
  bomb.writeUInt32BE(12_000, 20)
  for (const bytes of [bomb, png.subarray(0, 10), Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(5000)]) {
    await client.flushall()
    await client.set(name, record(bytes))
    expect((await sha(`${url}/tile/5/9/11.jpg`)).toSpliced(1, 1)).toEqual(wanted.toSpliced(1, 1))
    expect((await sha(`${url}/tile/5/9/11.png`))[0]).toBe(200)
  }
  client.disconnect()
})

test('with a secret, records written without it are neither used nor removed', async () => {
  const port = await freePort()
  await startRedis(port)
  const client = new Redis(port)
  const redis = `redis://127.0.0.1:${port}`
  const secret = 'correct horse battery staple'.replaceAll(' ', '-')
  const [first, second, stranger] = await Promise.all([
    serve({ redis, 'cache-bytes': 0, 'tier-secret': secret }),
    serve({ redis, 'cache-bytes': 0, 'tier-secret': secret }),
    serve({ redis, 'cache-bytes': 0 }),
  ])
  const tile = '/tile/5/9/11.png'
  const [, , wanted] = await sha(first.url + tile)
  await expect.poll(async () => (await records(client)).length).toBe(1)
  expect(await sha(second.url + tile)).toEqual([200, 'HIT', wanted])
  expect(await sha(stranger.url + tile)).toEqual([200, 'MISS', wanted])
  await expect.poll(async () => (await records(client)).length).toBe(2)
  // a bit of the picture, of the header, of the code: none is used, though only the last is wrong
  // then
  const { version } = (await (await fetch(`${first.url}/healthz`)).json()) as { version: string }
  for (const name of await records(client)) {
    const whole = (await client.getBuffer(name))!
    if (whole.toString('latin1', 0, 4) !== 'MDT2') continue
    const forged = Buffer.from(whole)
    forged[forged.length - 20]! ^= 1
    const key = 'tile 5 9 11 256 auto'
    forged.writeUInt32LE(crc32(forged.subarray(48), crc32(forged.subarray(8, 16), crc32(`${version} ${key}`))), 4)
    await client.set(name, forged)
  }
  expect(await sha(second.url + tile)).toEqual([200, 'MISS', wanted])
  expect((await health(second.url)).tiers.find(({ name }) => name === 'redis')!.requests.damaged).toBe(1)
  client.disconnect()
})

test('a database that does not exist is not replaced by another one', async () => {
  const port = await freePort()
  await startRedis(port)
  const client = new Redis(port)
  const { url } = await serve({ redis: `redis://127.0.0.1:${port}/99`, 'cache-bytes': 0 })
  const [status] = await sha(`${url}/tile/5/9/11.png`)
  expect(status).toBe(200)
  expect((await health(url)).tiers.map(({ fault }) => fault)).toEqual(Array(2).fill(expect.stringMatching(/log/)))
  await sleep(500)
  expect(await client.dbsize()).toBe(0)
  // and one that is there is
  const third = await serve({ redis: `redis://127.0.0.1:${port}/3`, 'cache-bytes': 0 })
  await sha(`${third.url}/tile/5/9/11.png`)
  await expect.poll(() => client.info('keyspace')).toMatch(/db3:keys=1/)
  client.disconnect()
})
