// A place where nothing can be skipped, ten million iterations a pixel: refused when its time is over, and no one else waits for it.
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_LOOK } from '../src/look.ts'
import { resolveOptions } from '../src/options.ts'
import type { Renderer } from '../src/renderer.ts'
import { buildServer } from '../src/server.ts'

let app: FastifyInstance
let renderer: Renderer

beforeAll(async () => {
  const { options } = resolveOptions({ 'log-level': 'silent', threads: '2', deadline: '2' })
  const built = await buildServer(options)
  app = built.app
  renderer = built.renderer
})
afterAll(() => app.close())

test('super_dense is answered 503 after the deadline, its thread goes on with others, and others were served meanwhile', async () => {
  const { places } = JSON.parse(readFileSync(new URL('../bench/locations.json', import.meta.url), 'utf8'))
  const { re, im } = places.find(({ name }: { name: string }) => name === 'super_dense')
  const dense = app.inject(`/image.png?re=${re}&im=${im}&zoom=53.35&width=256&height=256&max_iter=auto`)
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(renderer.pool.load.running).toBeGreaterThan(0)
  expect((await app.inject('/healthz')).statusCode).toBe(200)
  expect((await app.inject('/tile/5/10/13.png')).statusCode).toBe(200)

  const answer = await dense
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('2')
  expect(answer.json().detail).toMatch(/^rendering this takes longer than the 2 seconds that a request may take/)
  await expect.poll(() => renderer.pool.load, { timeout: 2000 }).toEqual({ queued: 0, running: 0 })
  expect((await app.inject('/tile/5/11/13.png')).statusCode).toBe(200)
})

test('who leaves a running render is not worked for', async () => {
  const leave = new AbortController()
  const work = renderer.image(
    {
      re: { digits: -194151209635203446n, scale: 17 },
      im: { digits: 663498740113024n, scale: 17 },
      zoom: 50,
      width: 256,
      height: 256,
      maxIter: 1_000_000,
      look: DEFAULT_LOOK,
    },
    'png',
    { signal: leave.signal },
  )
  await expect.poll(() => renderer.pool.load.running, { timeout: 5000 }).toBeGreaterThan(0)
  leave.abort()
  await expect(work).rejects.toMatchObject({ code: 'left' })
  await expect.poll(() => renderer.pool.load, { timeout: 2000 }).toEqual({ queued: 0, running: 0 })
})
