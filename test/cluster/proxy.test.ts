// docker/nginx.conf against malicious clients: the headers that replicas trust are nginx's own, and
// one client cannot take all capacity.
import { Agent } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, crowd, dearGrid } from '../load/client.ts'
import { endAll, type Replica, serve, startNginx } from './processes.ts'

let replica: Replica
let nginx: Awaited<ReturnType<typeof startNginx>>
beforeAll(async () => {
  replica = await serve({ 'trust-proxy': '127.0.0.1', 'client-rate': 1, 'client-burst': 10 })
  nginx = await startNginx([replica])
  // tiles in memory do not count towards the rate
  expect((await fetch(`${replica.url}/tile/0/0/0.png`)).status).toBe(200)
}, 120_000)
afterAll(endAll)

const get = (path: string, headers: Record<string, string> = {}) => fetch(nginx.url + path, { headers })

test('forged addresses do not evade the rate limit', async () => {
  const statuses: number[] = []
  for (let at = 0; at < 30; at++) {
    const forged = { 'x-forwarded-for': `203.0.113.${at}`, forwarded: `for=203.0.113.${at}` }
    const answer = await get(`/tile/12/${at}/0.png`, forged)
    await answer.arrayBuffer()
    statuses.push(answer.status)
  }
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5)
  // a replica would trust them from nginx
  const believed = await fetch(`${replica.url}/tile/13/0/0.png`, { headers: { 'x-forwarded-for': '203.0.113.77' } })
  expect(believed.status).toBe(200)
})

test('only the requested host gets into TileJSON', async () => {
  const forged = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', 'x-forwarded-proto': 'gopher' }
  const { tiles } = (await (await get('/tile.json', forged)).json()) as { tiles: string[] }
  expect(tiles[0]!.startsWith(`${nginx.url}/tile/`)).toBe(true)
})

test('a client that poses as a balancer is served like any other', async () => {
  const { status, headers } = await get(`/tile/70/${2n ** 69n}/${2n ** 68n}.json?max_iter=10`, {
    'x-neighbourhood': 'ask',
    'x-draining': 'close',
  })
  expect([status === 200 || status === 429, headers.get('x-neighbourhood')]).toEqual([true, null])
})

test('internal endpoints of the replicas are not public', async () => {
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' })
  for (const path of ['/metrics', '/readyz']) expect((await get(path)).status).toBe(404)
})

test('a forged version is redirected, so it evicts nothing', async () => {
  const { mandeltiles } = (await (await get('/tile.json')).json()) as { mandeltiles: { version: string } }
  const cached = async (v: string) => {
    const answers = [await get(`/tile/0/0/0.png?v=${v}`), await get(`/tile/0/0/0.png?v=${v}`)]
    return answers.map(({ status, headers }) => [status, headers.get('server-timing') === null])
  }
  // nginx has no timing for its own cache hits
  expect(await cached(mandeltiles.version)).toEqual([
    [200, false],
    [200, true],
  ])
  // for a forged version the redirect leads to one address, which is the one that is cached
  for (const v of ['made-up', 'other&offset=0.5']) {
    const path = `/tile/0/0/0.png?v=${v}`
    const redirect = await fetch(nginx.url + path, { redirect: 'manual' })
    expect([redirect.status, redirect.headers.get('cache-control')]).toEqual([307, 'no-store'])
    expect(redirect.headers.get('location')).toBe(v === 'made-up' ? '0.png' : '0.png?offset=0.5')
    await get(path)
    const again = await get(path)
    expect([again.status, again.url, again.headers.get('server-timing')]).toEqual([
      200,
      `${nginx.url}/tile/0/0/${redirect.headers.get('location')}`,
      null,
    ])
  }
})

test('a client with too many concurrent requests is refused, and others are served', async () => {
  const { url } = await startNginx([await serve()])
  const agent = crowd()
  const gone = new AbortController()
  // it takes half a minute, and nginx requests it once: all the others wait for that
  const replies: number[] = []
  for (let at = 0; at < 150; at++) {
    void ask(url + dearGrid(), agent, gone.signal).then(({ status, retryAfter }) => {
      if (status === 429) expect(retryAfter).toBe('1')
      replies.push(status)
    })
  }
  await expect.poll(() => replies.length, { timeout: 20_000 }).toBe(50)
  expect(new Set(replies)).toEqual(new Set([429]))
  // somebody else
  const other = new Agent({ localAddress: '127.0.0.2' })
  expect((await ask(`${url}/tile.json`, other)).status).toBe(200)
  gone.abort()
  for (const each of [agent, other]) each.destroy()
})

test('a grid is cached on its second request', async () => {
  const own = await startNginx([await serve()])
  const timing = async () => {
    const answer = await fetch(`${own.url}/grid.npy?grid=60`)
    await answer.arrayBuffer()
    return answer.headers.get('server-timing') !== null
  }
  // nginx has no timing for its own cache hits
  expect([await timing(), await timing(), await timing()]).toEqual([true, true, false])
})
