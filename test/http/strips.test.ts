// Large grids: cut into strips that all threads render, and streamed meanwhile.
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import * as plain from '../../src/plain.ts'
import { readNpy } from '../npy.ts'
import { decode, get, listenAll, served } from '../served.ts'

listenAll()

// too large for one task, so it is cut into strips of uneven height
const GRID = 701
const corners = { x0: -0.8, y0: -0.2, x1: -0.6, y1: 0.13 }
const query = `x0=-0.8&y0=-0.2&x1=-0.6&y1=0.13&grid=${GRID}&max_iter=60`
const expected = plain.mandelbrot({ ...corners, grid: GRID, max_iter: 60 }).flat()

test('a grid in strips equals the plain version to the last bit, in every format', async () => {
  const array = await get(`/grid.npy?${query}&precision=float64`)
  expect(
    Buffer.from(readNpy(new Uint8Array(array.rawPayload)).buffer).equals(
      Buffer.from(Float64Array.from(expected).buffer),
    ),
  ).toBe(true)
  const json = (await get(`/grid?${query}&precision=float64`)).json()
  expect(Object.keys(json)).toEqual(['x0', 'y0', 'x1', 'y1', 'grid', 'max_iter', 'precision', 'values'])
  expect(json).toMatchObject({ x0: '-0.8', y1: '0.13', grid: GRID, max_iter: 60, precision: 'float64' })
  expect(json.values.flat()).toEqual(expected)
  const pixels = await decode((await get(`/plot.png?${query}&precision=float64`)).rawPayload)
  // decoded as three equal channels or one
  const channels = pixels.length / GRID ** 2
  const grey = expected.map((_, at) => pixels[at * channels])
  expect(grey).toEqual(expected.map((value) => Math.round(255 * value)))
})

test('a deep grid in strips equals the grid in one piece', async () => {
  // the same rows, as the upper half of a grid of twice the side
  const deep = (grid: number, y1: string) =>
    `/grid.npy?x0=-0.7436438870371587047&x1=-0.74364388703715870469&y0=0.13182590420531&y1=${y1}&grid=${grid}&max_iter=3000`
  const whole = readNpy(new Uint8Array((await get(deep(300, '0.13182590420531001'))).rawPayload))
  const cut = readNpy(new Uint8Array((await get(deep(600, '0.13182590420531001'))).rawPayload))
  for (let row = 0; row < 300; row++) {
    for (let column = 0; column < 300; column++) {
      expect(cut[2 * row * 600 + 2 * column]).toBeCloseTo(whole[row * 300 + column]!, 2)
    }
  }
})

test('a grid of a million samples or more is streamed while it renders, with its Content-Length', async () => {
  const large = '/grid.npy?x0=10&x1=11&y0=10&y1=11&grid=1500&max_iter=7'
  const answer = await fetch(served.url + large)
  expect(answer.headers.get('content-length')).toBe(String(128 + 8 * 1500 ** 2))
  const values = readNpy(new Uint8Array(await answer.arrayBuffer()))
  expect(values.length).toBe(1500 ** 2)
  expect(new Set(values)).toEqual(new Set([1]))
  // it is not cached
  expect((await fetch(served.url + large, { method: 'HEAD' })).status).toBe(200)
  expect((await fetch(served.url + large)).headers.get('x-cache')).toBe('MISS')
  const tag = answer.headers.get('etag')!
  expect((await fetch(served.url + large, { headers: { 'if-none-match': tag } })).status).toBe(304)
})

test('a client that does not read holds only a few strips, and rendering pauses', async () => {
  const before = served.renderer.pool.admission.slotSeconds
  const readers = Array.from({ length: 20 }, (_, at) => {
    const socket = connect(served.port, '127.0.0.1').pause()
    socket.write(`GET /grid.npy?x0=10&x1=11&y0=10&y1=11&grid=2000&max_iter=${100 + at} HTTP/1.1\r\nHost: a\r\n\r\n`)
    return socket
  })
  await expect.poll(() => served.app.connections.bytes).toBeGreaterThan(20 * 2 ** 20)
  await expect.poll(() => served.renderer.working).toBe(false)
  expect(served.app.connections.bytes).toBeLessThan(20 * 8 * 2 ** 20)
  expect(served.renderer.pool.admission.slotSeconds).toBeGreaterThan(before)
  for (const socket of readers) socket.destroy()
  await expect.poll(() => served.app.connections.bytes).toBe(0)
})
