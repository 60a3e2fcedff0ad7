// Threads that die and threads that hang: each fails only its own render.
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import { tileView } from '../../src/plane/view.ts'
import type { Renderer } from '../../src/render/renderer.ts'
import { ownTask } from '../task.ts'

// Node reports every thread that the process starts
const threads = new Set<Worker>()
const note = (worker: Worker) => {
  threads.add(worker)
  worker.once('exit', () => threads.delete(worker))
}
process.on('worker', note)

let app: FastifyInstance
let renderer: Renderer
beforeAll(async () => {
  const built = await buildServer(resolveOptions({ 'log-level': 'silent', threads: '2' }).options)
  app = built.app
  renderer = built.renderer
  await app.inject('/readyz')
})
afterAll(async () => {
  await app.close()
  process.off('worker', note)
})

test('a thread killed in mid-render loses only that render, and is replaced', async () => {
  const before = [...threads]
  expect(before.length).toBe(2)
  // beside the point where two discs touch, where nothing settles soon
  const doomed = app.inject('/tile/28/144011965/186722621.png?max_iter=1500000')
  await expect.poll(() => renderer.pool.load.running).toBe(1)
  const beside = app.inject('/tile/6/20/30.png')
  await sleep(50)
  // which of the two runs it is not known, so both are killed, one after the other
  const lost = renderer.pool.lost
  expect((await beside).statusCode).toBe(200)
  for (const worker of before) void worker.terminate()
  const answer = await doomed
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('1')
  expect(answer.json().detail).toMatch(/^the thread that rendered this has ended/)
  await expect.poll(() => renderer.pool.lost - lost).toBe(2)
  const after = await Promise.all([21, 22, 23, 24].map((x) => app.inject(`/tile/6/${x}/30.png`)))
  expect(after.map(({ statusCode, payload }) => (statusCode === 200 ? 200 : payload))).toEqual([200, 200, 200, 200])
  expect(threads.size).toBe(2)
  for (const worker of before) expect(threads.has(worker)).toBe(false)
  expect(renderer.pool.load).toEqual({ queued: 0, running: 0 })
  expect((await app.inject('/readyz')).statusCode).toBe(200)
})

test('a thread that ignores its cancel flag is killed, and others continue meanwhile', async () => {
  // computing its samples' coordinates takes a thread many seconds of integer arithmetic, in which
  // it polls no flag
  const view = { ...tileView({ z: 200_000, x: 1n << 199_999n, y: 1n << 199_999n }, 256), width: 2 ** 20, height: 1 }
  const task = { view, deep: false, zoom: 0, limit: 10, work: 10, perPixel: 1, interior: false, reference: undefined }
  const client = new AbortController()
  const hung = renderer.pool.run(
    'view',
    { ...task, output: 'float64', keepSamples: false, appearance: DEFAULT_APPEARANCE },
    ownTask(client.signal),
  )
  hung.catch(() => {})
  await sleep(200)
  expect(renderer.pool.load.running).toBe(1)
  const lost = renderer.pool.lost
  client.abort()
  expect((await app.inject('/tile/6/25/30.png')).statusCode).toBe(200)
  await expect(hung).rejects.toMatchObject({ code: 'cancelled' })
  expect(renderer.pool.lost - lost).toBe(1)
  await expect.poll(() => threads.size, { timeout: 10_000 }).toBe(2)
  expect(renderer.pool.stuckThreads).toBe(0)
  expect(renderer.pool.load).toEqual({ queued: 0, running: 0 })
  const after = await Promise.all([26, 27].map((x) => app.inject(`/tile/6/${x}/30.png`)))
  expect(after.map(({ statusCode }) => statusCode)).toEqual([200, 200])
})

test('threads that cannot start are replaced as soon as they can', async () => {
  // another process raises the limit again: this one could not start it
  const script = `prlimit --pid=${process.pid} --nofile=10: && echo lowered && read _ && prlimit --pid=${process.pid} --nofile=1024: && echo raised`
  const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const said = (word: string) =>
    new Promise<void>((resolve) => shell.stdout.on('data', (data) => String(data).trim() === word && resolve()))
  const [lowered, raised] = [said('lowered'), said('raised')]
  const before = [...threads]
  const lost = renderer.pool.lost
  await lowered
  for (const worker of before) void worker.terminate()
  // their replacements find no file descriptors to read their files, and neither do the next ones
  await expect.poll(() => renderer.pool.lost - lost).toBeGreaterThan(4)
  shell.stdin.write('\n')
  await raised
  await renderer.pool.opened()
  const after = await Promise.all([28, 29, 30].map((x) => app.inject(`/tile/6/${x}/30.png`)))
  expect(after.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
  expect(threads.size).toBe(2)
})
