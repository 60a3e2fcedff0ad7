// One connection, a thousand requests in one write: they are answered in order, and those of a
// client that has left never start.
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import type { Renderer } from '../../src/render/renderer.ts'

let app: FastifyInstance
let renderer: Renderer
let port: number
let active = 0
let most = 0
beforeAll(async () => {
  ;({ app, renderer } = await buildServer(
    resolveOptions({ 'log-level': 'silent', threads: '1', 'cache-bytes': '0' }).options,
  ))
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port
})
afterAll(() => app.close())

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
const COUNT = 1000

test('a client that reads gets all pipelined answers, in order', async () => {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  const answered: number[] = []
  let text = ''
  socket.write(Array.from({ length: COUNT }, (_, at) => get(`/tile/12/${at}/0.png?max_iter=${at}x`)).join(''))
  // each error names its value, which may arrive in two pieces
  const done = new Promise<void>((resolve) => {
    socket.on('data', (piece: string) => {
      text += piece
      let read = 0
      for (const { 0: words, 1: number, index } of text.matchAll(/it was \\"(\d+)x/g)) {
        answered.push(Number(number))
        read = index + words.length
      }
      text = text.slice(read)
      if (answered.length === COUNT) resolve()
    })
  })
  await done
  socket.destroy()
  expect(answered).toEqual([...Array(COUNT).keys()])
})

test('only a few pipelined requests run at a time, and none starts once the client has left', async () => {
  const before = renderer.renders.tile
  const queued = () => {
    const { queued, running } = renderer.pool.load
    active = queued + running
    most = Math.max(most, active)
    return active
  }
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(Array.from({ length: COUNT }, (_, at) => get(`/tile/11/${at}/700.png?max_iter=1000000`)).join(''))
  await expect.poll(queued, { interval: 1 }).toBeGreaterThan(0)
  for (let look = 0; look < 100; look++) {
    await new Promise((resolve) => setImmediate(resolve))
    queued()
  }
  expect(most).toBeLessThanOrEqual(8)
  socket.destroy()
  await expect.poll(queued, { timeout: 10_000 }).toBe(0)
  expect(renderer.renders.tile - before).toBeLessThan(COUNT / 2)
})
