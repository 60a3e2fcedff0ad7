// Clients that do not read their answers hold little memory, and not for long.
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'

const MIB = 2 ** 20
let app: FastifyInstance
let port: number
beforeAll(async () => {
  const flags = { 'log-level': 'silent', threads: '2', 'send-timeout': '3', 'send-bytes': '24M', 'max-image': '5000' }
  app = (await buildServer(resolveOptions(flags).options)).app
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port
})
afterAll(() => app.close())

/**
 * A grid of 8 MB, another one for each `iterations`; its limit is reached at once, since nothing
 * here escapes late.
 */
const grid = (iterations: number) => `/grid.npy?x0=10&x1=11&y0=10&y1=11&grid=1000&max_iter=${iterations}`

/** A client that requests but does not read. */
async function ask(path: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' }).pause()
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  return socket
}

test('unread responses stay within their byte budget, and clients that read get theirs', async () => {
  const sockets: Socket[] = []
  for (let at = 0; at < 12; at++) {
    sockets.push(await ask(grid(100 + at)))
    await sleep(150)
    expect(app.connections.bytes).toBeLessThanOrEqual(24 * MIB)
  }
  // a client that reads gets its answer, if necessary at the second try
  const read = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}${grid(500)}`)
    return [answer.status, (await answer.arrayBuffer()).byteLength > 8e6]
  }
  await expect.poll(read, { timeout: 10_000, interval: 1000 }).toEqual([200, true])
  expect(app.connections.cut.bytes).toBeGreaterThan(0)
  // those that still wait are cut when their time is up
  await expect.poll(() => app.connections.bytes, { timeout: 10_000 }).toBe(0)
  expect(app.connections.cut.stalled).toBeGreaterThan(0)
  for (const socket of sockets) socket.destroy()
})

test('a slow reader that makes progress is not disconnected', async () => {
  const socket = await ask(grid(600))
  let bytes = 0
  const began = performance.now()
  // a second of reading a little, again and again, for longer than the time without progress
  while (performance.now() - began < 6000) {
    await sleep(200)
    bytes += (socket.read() as Buffer | null)?.length ?? 0
  }
  expect(bytes).toBeLessThan(8e6)
  socket.on('data', (data: Buffer) => {
    bytes += data.length
  })
  socket.resume()
  await expect.poll(() => bytes, { timeout: 10_000 }).toBeGreaterThan(8e6)
  socket.destroy()
})

// until then the buffers of the two sockets take some 10 MB of it
test('a picture streamed while it renders stops when its reader stalls', {
  timeout: 100_000,
}, async () => {
  const image = '/image.png?re=0.5&im=0.6&zoom=4&width=5000&height=5000&max_iter=50&bits=16'
  const socket = await ask(image)
  await expect
    .poll(async () => (await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).images.rendering)
    .toBe(1)
  await expect
    .poll(async () => (await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).images.rendering, {
      timeout: 90_000,
    })
    .toBe(0)
  socket.destroy()
})

test('a connection that waits long for its tile is not closed', async () => {
  const slow = fetch(
    `http://127.0.0.1:${port}/grid?x0=-0.2&x1=-0.1&y0=-0.1&y1=0&grid=1200&max_iter=30000&precision=float32`,
  )
  expect((await slow).status).toBe(200)
})
