// /progress tells a client, and nobody else, what its own requests wait for; /healthz reveals no
// places.
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { neighbourhood } from '../../src/plane/neighbourhood.ts'
import { imageView } from '../../src/plane/view.ts'

let app: FastifyInstance
let url: string
beforeAll(async () => {
  app = (await buildServer(resolveOptions({ 'log-level': 'silent', threads: '2' }).options)).app
  await app.listen({ port: 0, host: '127.0.0.1' })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
})
afterAll(() => app.close())

const MINE = 'this-client-s-own-id'
const OTHER = 'another-client-s-id'
const NOTHING = { requests: 0, orbits: [], images: [] }
const read = async (path: string) => JSON.parse(await (await fetch(url + path)).text())
const progress = (client: string) => read(`/progress?client=${client}`)

/** A request that is cancelled at the end, and the answer's ETag, which needs no render. */
async function ask(path: string, client?: string) {
  const gone = new AbortController()
  const headers = client === undefined ? {} : { 'x-client-id': client }
  const etag = (await fetch(url + path, { method: 'HEAD' })).headers.get('etag')!
  const answer = fetch(url + path, { headers, signal: gone.signal }).then((answer) => answer.arrayBuffer())
  answer.catch(() => {})
  return { etag, leave: () => gone.abort() }
}

test('orbit progress reaches the clients that wait for it, by their own id, and reveals no place', async () => {
  // the deepest of the gallery: its orbit takes seconds
  const places: { re: string; im: string; zoom: number }[] = JSON.parse(
    readFileSync('src/web/gallery/places.json', 'utf8'),
  )
  const { re, im, zoom } = places.reduce((a, b) => (a.zoom > b.zoom ? a : b))
  const path = `/image.png?re=${re}&im=${im}&zoom=${zoom}&width=64&height=64`
  const mine = await ask(path, MINE)
  const anonymous = await ask(`${path}&palette=grey`)
  await expect.poll(async () => (await progress(MINE)).orbits.length, { timeout: 20_000 }).toBe(1)
  const { requests, orbits } = await progress(MINE)
  expect(requests).toBe(1)
  expect(orbits[0].reached).toBeLessThanOrEqual(orbits[0].limit)
  for (const path of [`/progress?client=${OTHER}`, '/progress']) expect(await read(path)).toEqual(NOTHING)

  const view = imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, 64, 64, 0)
  const { x, y } = neighbourhood(view)
  for (const path of ['/healthz', '/readyz', '/metrics', '/progress', `/progress?client=${OTHER}`]) {
    const text = await (await fetch(url + path)).text()
    for (const secret of [x, y, mine.etag.slice(1, -1)]) expect(text, path).not.toContain(String(secret))
  }
  mine.leave()
  anonymous.leave()
  await expect.poll(() => progress(MINE)).toEqual(NOTHING)
})

test('image progress has the finished fraction and the ETag, which its client knows already', async () => {
  const image = await ask('/image.png?re=-0.75&zoom=1&width=4000&height=4000&max_iter=5000', MINE)
  await expect.poll(async () => (await progress(MINE)).images.length, { timeout: 20_000 }).toBe(1)
  const { images } = await progress(MINE)
  expect(images[0].etag).toBe(image.etag)
  expect(images[0].done).toBeGreaterThanOrEqual(0)
  expect(images[0].done).toBeLessThanOrEqual(1)
  expect(await progress(OTHER)).toEqual(NOTHING)
  image.leave()
  await expect.poll(() => progress(MINE)).toEqual(NOTHING)
})

test('the id affects neither ETag nor cache: a tile rendered for one client is a hit for another', async () => {
  const path = '/tile/7/31/40.png'
  const first = await fetch(url + path, { headers: { 'x-client-id': MINE } })
  const second = await fetch(url + path, { headers: { 'x-client-id': OTHER } })
  expect([first, second].map(({ headers }) => headers.get('x-cache'))).toEqual(['MISS', 'HIT'])
  expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
  expect(Buffer.from(await second.arrayBuffer()).equals(Buffer.from(await first.arrayBuffer()))).toBe(true)
  // a guessable or missing id is not a reason to refuse a tile
  for (const id of ['short', 'x'.repeat(500)]) {
    expect((await fetch(`${url}/tile/7/31/41.png`, { headers: { 'x-client-id': id } })).status).toBe(200)
  }
})

test('/progress refuses an invalid id with a message', async () => {
  for (const id of ['', 'short', 'with a space in it', 'x'.repeat(65)]) {
    const answer = await fetch(`${url}/progress?${new URLSearchParams({ client: id })}`)
    expect(answer.status).toBe(400)
    expect((await answer.json()).detail).toMatch(/^client must be the client's own id, 16 to 64 letters, .*, it was "/)
  }
})
