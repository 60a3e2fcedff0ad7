// Two hundred previews at once, as when a link spreads: they wait, and the map does not.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endAll, type Replica, serve } from '../cluster/processes.ts'

const PREVIEWS = 200
const TILES = 30

let server: Replica
beforeAll(async () => {
  server = await serve({ threads: 2 })
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})
afterAll(endAll)

test('200 concurrent previews do not slow down tiles', async () => {
  const leave = new AbortController()
  let ended = 0
  // pictures of 800,000 pixels, each of another place
  const previews = Array.from({ length: PREVIEWS }, async (_, k) => {
    const url = `${server.url}/at/9/-0.74${100 + k}/0.11/preview.webp?style=slopes`
    const answer = await fetch(url, { signal: leave.signal }).catch(() => undefined)
    ended++
    return answer?.status
  })
  // some are running, and the others wait
  await expect.poll(async () => (await (await fetch(`${server.url}/healthz`)).json()).pool.running).toBeGreaterThan(0)

  const cached = `${server.url}/tile/0/0/0.png`
  await fetch(cached)
  for (let k = 0; k < TILES; k++) {
    const fresh = await fetch(`${server.url}/tile/12/${1700 + k}/1800.png`)
    expect([fresh.status, fresh.headers.get('x-cache')]).toEqual([200, 'MISS'])
    const again = await fetch(cached)
    expect([again.status, again.headers.get('x-cache')]).toEqual([200, 'HIT'])
  }
  // all tiles came before most of the previews
  expect(ended).toBeLessThan(PREVIEWS / 2)

  leave.abort()
  const statuses = new Set(await Promise.all(previews))
  for (const status of [undefined, 200, 503]) statuses.delete(status)
  expect([...statuses]).toEqual([])
})
