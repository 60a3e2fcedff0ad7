// Places where nothing can be skipped, and requests over the cost limit: refused at once if the
// cost is known, otherwise at the deadline, and no other client waits for them.
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { imageView, tileAround } from '../../src/plane/view.ts'
import type { Renderer } from '../../src/render/renderer.ts'
import { LOWEST } from '../../src/render/zone.ts'

let app: FastifyInstance
let generous: FastifyInstance
let renderer: Renderer
const { places } = JSON.parse(readFileSync(new URL('../../bench/data/locations.json', import.meta.url), 'utf8'))
const tilePath = (name: string, z: number) => {
  const { re, im } = places.find((place: { name: string }) => name === place.name)
  const { x, y } = tileAround(imageView(parseDecimal(re)!, parseDecimal(im)!, z, 1, 1), z, 3)
  return `/tile/${z}/${x}/${y}`
}

beforeAll(async () => {
  const { options } = resolveOptions({ 'log-level': 'silent', threads: '2' })
  // no orbit here reaches its maximum length
  app = (await buildServer({ ...options, 'orbit-bytes': 2 ** 40 })).app
  const built = await buildServer({ ...options, deadline: 2, 'max-cost': 1e18 })
  generous = built.app
  renderer = built.renderer
  // a thread reads its program with its first task, which on a busy machine may take it those two
  // seconds: both have worked for both kinds before
  const tile = (x: bigint) => ({ tile: { z: 5, x, y: 3n }, size: 256, maxIter: 'auto' as const })
  const zones = [0n, 8n, 16n, 24n]
  await Promise.all(
    [...zones, ...zones.map((x) => x + 1n)].map((x) => renderer.tile(tile(x), DEFAULT_APPEARANCE, 'png').find()),
  )
})
afterAll(() => Promise.all([app.close(), generous.close()]))

test('super_dense, ten million iterations a sample, is refused up front with its cost, or gets a lower limit by default', async () => {
  const path = tilePath('super_dense', 53)
  const [auto, given, other] = await Promise.all(
    [`${path}.json`, `${path}.json?max_iter=10000000`, '/tile/5/10/13.png'].map((url) => app.inject(url)),
  )
  expect(given!.statusCode).toBe(400)
  const [, limit, cost] = given!
    .json()
    .detail.match(/^the cost, .* must be at most (\d+), it was (\d+) \(65536 samples/)
  expect(Number(limit)).toBe(1e11)
  expect(Number(cost)).toBeGreaterThan(1e11)
  expect(given!.headers['cache-control']).toBe('no-store')
  expect(auto!.statusCode).toBe(200)
  expect(Math.log2(auto!.json().max_iter) % 2).toBe(0)
  expect(auto!.json().max_iter).toBeLessThan(1e7)
  expect(other!.statusCode).toBe(200)
})

test('Feigenbaum’s point, whose samples escape after hundreds of thousands of iterations, renders by default because most are skipped', async () => {
  const point = { re: '-1.401155189092050', im: '0' }
  const { x, y } = tileAround(imageView(parseDecimal(point.re)!, parseDecimal(point.im)!, 30, 1, 1), 30, 3)
  const answer = await app.inject(`/tile/30/${x}/${y}.json`)
  expect(answer.statusCode).toBe(200)
  expect(answer.json().max_iter).toBeGreaterThan(LOWEST)
  const { escaped, interior, limited } = answer.json().counts
  expect(escaped + interior + limited).toBe(256 ** 2)
  expect(escaped).toBeGreaterThan(0.9 * 256 ** 2)
})

test('five million iterations are cheap where most are skipped, and too expensive in doubles', async () => {
  expect((await app.inject(`${tilePath('dragon', 636)}.png?max_iter=5000000`)).statusCode).toBe(200)
  expect((await app.inject('/tile/3/2/3.png?max_iter=5000000')).json().detail).toMatch(
    /^the cost, samples times max_iter, /,
  )
})

test('super_dense, if allowed, gets 503 at the deadline; other requests are served meanwhile, and its thread afterwards', async () => {
  const dense = generous.inject(`${tilePath('super_dense', 53)}.png?max_iter=10000000`)
  await expect.poll(() => renderer.pool.load.running).toBeGreaterThan(0)
  expect((await generous.inject('/healthz')).statusCode).toBe(200)
  expect((await generous.inject('/tile/5/10/13.png')).statusCode).toBe(200)

  const answer = await dense
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('2')
  expect(answer.json().detail).toMatch(/^rendering this takes longer than the 2 seconds that a request may take/)
  await stopped()
  expect((await generous.inject('/tile/5/11/13.png')).statusCode).toBe(200)
})

test('a render stops when its only client leaves', async () => {
  const leave = new AbortController()
  const work = renderer
    .image(
      {
        re: { digits: -194151209635203446n, scale: 17 },
        im: { digits: 663498740113024n, scale: 17 },
        zoom: 50,
        width: 256,
        height: 256,
        maxIter: 1_000_000,
        appearance: DEFAULT_APPEARANCE,
      },
      'png',
    )
    .find({ signal: leave.signal })
  await expect.poll(() => renderer.pool.load.running, { timeout: 5000 }).toBeGreaterThan(0)
  leave.abort()
  await expect(work).rejects.toMatchObject({ code: 'cancelled' })
  await stopped()
})

test('an orbit that would exceed the deadline is refused at once, with its estimated time and a remedy', async () => {
  // at the parabolic point an orbit neither closes nor escapes; its digits make each iteration slow
  const path = '/image.png?re=0.25&im=0&zoom=2200&width=16&height=16'
  const answer = await app.inject(`${path}&max_iter=90000000`)
  expect(answer.statusCode).toBe(400)
  const [, expected, limit] = answer
    .json()
    .detail.match(
      /^the reference orbit of 90000000 iterations takes about (\d+) seconds of a core, it may take 30, half of a request's time: up to (\d+) iterations may be ready by then; `mandeltiles render` on the command line takes as long as it needs$/,
    )
  expect(Number(expected)).toBeGreaterThan(30)
  expect(Number(limit)).toBeLessThan(90e6 * (30 / Number(expected)))
  expect((await app.inject(`${path}&max_iter=1000`)).statusCode).toBe(200)
})

/**
 * Waits until nothing runs: a thread that heeds its flag is not lost, however long that takes on a
 * busy machine.
 */
async function stopped(): Promise<void> {
  await expect.poll(() => renderer.pool.load, { timeout: 10_000 }).toEqual({ queued: 0, running: 0 })
  expect(renderer.pool.lost).toBe(0)
}
