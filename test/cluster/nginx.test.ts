// Three replicas behind nginx with the unchanged docker/nginx.conf: one render for all, even
// shares, and what a client sees when replicas die.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endAll, health, kill, type Replica, serve, startNginx } from './processes.ts'

// nginx's hash ring depends on the replicas' names: fixed ones give the same shares in every run
const NAMES = ['127.80.0.1', '127.80.0.2', '127.80.0.3']
const PORT = 8080

let replicas: Replica[]
let nginx: Awaited<ReturnType<typeof startNginx>>

beforeAll(async () => {
  replicas = await Promise.all(NAMES.map(replica))
  nginx = await startNginx(replicas)
}, 120_000)
afterAll(endAll)

/** A replica of this name, as soon as another run of these tests lets go of it. */
async function replica(host: string): Promise<Replica> {
  for (let tries = 60; ; tries--) {
    try {
      // refusals of a busy machine are not tested here
      return await serve({ host, port: PORT, 'max-wait': 60 })
    } catch (error) {
      if (tries === 0 || !String(error).includes('EADDRINUSE')) throw error
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  }
}

const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(nginx.url + path, { headers })
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
}
/** Fetches all, as many at once as a few visitors would, so that no request is refused. */
async function getAll(paths: string[]): Promise<void> {
  const left = paths.values()
  const client = async () => {
    for (const path of left) expect((await get(path)).status).toBe(200)
  }
  await Promise.all(Array.from({ length: 24 }, client))
}
const renders = (kind: 'tile' | 'orbit') =>
  Promise.all(replicas.map(async ({ url }) => (await health(url)).renders[kind]))
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)
const since = (before: number[], now: number[]) => now.map((count, at) => count - before[at]!)

/**
 * A screen of tiles from the corner of a tile of zoom `above` on: left of the antenna's middle,
 * where counts are low.
 */
function screen(above: number, z: number, columns: number, rows: number): string[] {
  const [x, y] = [7n, 3n].map((part) => (2n ** BigInt(above) / part) << BigInt(z - above)) as [bigint, bigint]
  return Array.from(
    { length: columns * rows },
    (_, at) => `/tile/${z}/${x + BigInt(at % columns)}/${y + BigInt(Math.floor(at / columns))}.png?max_iter=300`,
  )
}

describe('one render serves', () => {
  test('50 concurrent cold requests', async () => {
    const before = await renders('tile')
    const answers = await Promise.all(Array.from({ length: 50 }, () => get('/tile/9/170/200.png?max_iter=20000')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ bytes }) => bytes.toString('base64'))).size).toBe(1)
    expect(sum(since(before, await renders('tile')))).toBe(1)
  })

  test('every palette and format', async () => {
    const before = await renders('tile')
    for (const query of ['png', 'png?palette=grey', 'png?palette=ember', 'webp', 'jpg', 'png?density=1']) {
      expect((await get(`/tile/9/171/200.${query}`)).status).toBe(200)
    }
    expect(sum(since(before, await renders('tile')))).toBe(1)
  })

  test('an orbit and each tile of a screen that shares it, all on one replica', async () => {
    const before = [await renders('tile'), await renders('orbit')] as const
    // at the two ends of the zooms that a neighbourhood of zoom 200 serves
    const tiles = [...screen(200, 210, 8, 5), ...screen(200, 203, 8, 5)]
    await getAll(tiles)
    expect(since(before[1], await renders('orbit')).sort()).toEqual([0, 0, 1])
    expect(since(before[0], await renders('tile')).sort()).toEqual([0, 0, tiles.length])
  })
})

describe('the shares of three replicas', () => {
  const even = (shares: number[], total: number) => {
    expect(sum(shares)).toBe(total)
    console.log('shares:', shares.join(' '))
    for (const share of shares) expect(Math.abs(share / (total / 3) - 1)).toBeLessThanOrEqual(0.2)
  }

  test('of 300 tiles are even within a fifth', async () => {
    const before = await renders('tile')
    await getAll(screen(14, 14, 20, 15))
    even(since(before, await renders('tile')), 300)
  })

  test('of 300 neighbourhoods are even within a fifth', async () => {
    // one tile in each: neighbourhoods of zoom 64 are 256 tiles of zoom 72 wide
    const places = Array.from(
      { length: 300 },
      (_, at) => `/tile/72/${2n ** 72n / 7n + 256n * BigInt(at)}/${2n ** 72n / 3n}.png`,
    )
    const names = await Promise.all(
      places.map(async (path) => {
        const asked = await fetch(replicas[0]!.url + path, { headers: { 'x-neighbourhood': 'ask' } })
        expect(asked.status).toBe(421)
        return asked.headers.get('x-neighbourhood')
      }),
    )
    expect(new Set(names).size).toBe(300)
    const before = await renders('orbit')
    await getAll(places.map((path) => `${path}?max_iter=50`))
    even(since(before, await renders('orbit')), 300)
  })
})

describe('the contract behind nginx', () => {
  test('HEAD renders nothing, and 304 needs no tile', async () => {
    const before = await renders('tile')
    const head = await fetch(`${nginx.url}/tile/15/9000/9000.png`, { method: 'HEAD' })
    expect(head.status).toBe(200)
    const tag = head.headers.get('etag')!
    const unchanged = await get('/tile/15/9000/9000.png', { 'if-none-match': tag })
    expect([unchanged.status, unchanged.bytes.length]).toEqual([304, 0])
    expect(sum(since(before, await renders('tile')))).toBe(0)
    // neither answer is cached for requests for the tile itself
    const whole = await get('/tile/15/9000/9000.png')
    expect([whole.status, whole.headers.get('etag'), whole.headers.get('x-cache')]).toEqual([200, tag, 'MISS'])
    const again = await get('/tile/15/9000/9000.png')
    expect([again.headers.get('x-cache'), again.headers.get('server-timing')]).toEqual(['HIT', null])
    expect(again.bytes.equals(whole.bytes)).toBe(true)
    expect((await get('/tile/15/9000/9000.png', { 'if-none-match': tag })).status).toBe(304)
  })

  test('the deepest zoom is served: a request line of 6000 digits passes', async () => {
    const x = 2n ** 9999n
    const answer = await get(`/tile/10000/${x}/${x}.png?max_iter=100`)
    expect(answer.status).toBe(200)
    expect((await get(`/tile/10000/${x}/${x}.png?max_iter=100`)).headers.get('x-cache')).toBe('HIT')
  })

  test('errors come from the replicas, and are not cached', async () => {
    const answer = await get('/tile/3/9/1.png')
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toMatch('application/problem+json')
    expect((await get('/metrics')).status).toBe(404)
    expect((await get('/')).headers.get('content-type')).toMatch('text/html')
  })
})

/**
 * Eight clients request one tile after another, `address(k)` being the k-th, while `what`
 * runs; returns how many answers had each status.
 */
async function underLoad(address: (k: number) => string, what: () => Promise<void>): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  let going = true
  const client = async (_: unknown, first: number) => {
    for (let at = first; going; at += 8) {
      const { status } = await get(address(at))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  const clients = Array.from({ length: 8 }, client)
  await what().finally(() => {
    going = false
  })
  await Promise.all(clients)
  return statuses
}

test('a rolling restart under load is invisible to clients', async () => {
  // expensive enough for each replica to have renders in flight when it receives SIGTERM
  const tile = (at: number) => `/tile/9/${100 + (at % 89)}/${230 + Math.floor(at / 89)}.png?max_iter=20000`
  const statuses = await underLoad(tile, async () => {
    for (const at of [0, 1]) {
      const { child } = replicas[at]!
      await kill(child, 'SIGTERM')
      expect(child.exitCode).toBe(0)
      replicas[at] = await replica(NAMES[at]!)
    }
  })
  console.log('two of three restarted in turn under load:', Object.fromEntries(statuses))
  expect([...statuses.keys()]).toEqual([200])
})

describe('when replicas die', () => {
  test('no client sees an error if one dies under load, and the others take over', async () => {
    const tile = (at: number) => `/tile/16/${20_000 + (at % 97)}/${24_000 + Math.floor(at / 97)}.png?max_iter=500`
    const statuses = await underLoad(tile, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      await kill(replicas[0]!.child)
      await new Promise((resolve) => setTimeout(resolve, 1500))
    })
    console.log('one of three killed under load:', Object.fromEntries(statuses))
    expect([...statuses.keys()]).toEqual([200])
  })

  test('and none is left, cached tiles are served, fresh or stale, and the rest gets an error', async () => {
    const [fresh, old] = ['/tile/5/10/12.png', '/tile/5/11/12.png']
    const before = [await get(fresh), await get(old)] as const
    expireIn(nginx.cache, `GET ${old}`)
    for (const { child } of replicas) await kill(child)
    const after = [await get(fresh), await get(old)] as const
    expect(after.map(({ status }) => status)).toEqual([200, 200])
    expect(after.map(({ headers }) => headers.get('x-cache'))).toEqual(['HIT', 'STALE'])
    for (const at of [0, 1] as const) expect(after[at].bytes.equals(before[at].bytes)).toBe(true)
    const none = await get('/tile/5/12/12.png')
    expect([none.status, none.headers.get('retry-after'), none.headers.get('cache-control')]).toEqual([
      503,
      '5',
      'no-store',
    ])
    expect(JSON.parse(none.bytes.toString())).toMatchObject({ status: 503, title: 'Service Unavailable' })
    expect((await get(`/tile/200/${2n ** 199n}/1.png`)).status).toBe(503)
  })
})

/**
 * Makes a cached answer a day older: nginx's cache file begins with a version and the time until
 * which it is valid.
 */
function expireIn(cache: string, key: string): void {
  for (const name of readdirSync(cache, { recursive: true, withFileTypes: true })) {
    const path = join(name.parentPath, name.name)
    if (!name.isFile()) continue
    const bytes = readFileSync(path)
    if (!bytes.includes(`KEY: ${key}\n`)) continue
    bytes.writeBigInt64LE(BigInt(Math.floor(Date.now() / 1000) - 60), 8)
    writeFileSync(path, bytes)
    return
  }
  throw new Error(`${key} is not in nginx's cache`)
}
