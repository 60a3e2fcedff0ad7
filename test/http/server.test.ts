import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { INTERIOR_INDEX, paletteTable } from '../../src/colour/palette.ts'
import { DEFAULT_PALETTE, PALETTE_NAMES } from '../../src/colour/palettes.ts'
import { PALETTE_STEPS, paletteIndex, phaseAt } from '../../src/colour/phase.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { RENDERER_VERSION } from '../../src/core/version.ts'
import { buildServer } from '../../src/http/server.ts'
import * as plain from '../../src/plain.ts'
import { pathOf } from '../programs.ts'
import { get, serveAll, served } from '../served.ts'

serveAll()

const decode = async (bytes: Buffer) => sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })

describe('a tile as a picture', () => {
  test('at zoom 0 shows the set in 256 by 256 pixels', async () => {
    const answer = await get('/tile/0/0/0.png?max_iter=1000')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('image/png')
    const { data, info } = await decode(answer.rawPayload)
    expect([info.width, info.height]).toEqual([256, 256])
    const table = paletteTable(DEFAULT_PALETTE)
    const set = Buffer.from(table.subarray(3 * INTERIOR_INDEX))
    // each pixel has the set's colour exactly where the plain version says so, except for a few
    // with late escapes: a count past 900 of the limit's 1000 depends on the last digits, which
    // differ with fused multiply-add
    let wrong = 0
    for (let j = 0; j < 256; j++) {
      for (let i = 0; i < 256; i++) {
        const value = plain.f(-2 + (3 * (i + 0.5)) / 256, 1.5 - (3 * (j + 0.5)) / 256, 1000)
        const black = data.subarray(3 * (256 * j + i), 3 * (256 * j + i) + 3).equals(set)
        if ((value === 0) !== black) wrong++
      }
    }
    expect(wrong).toBeLessThanOrEqual(4)
  })

  test('shows the palette at the phase of the smooth count, in every palette, from one render', async () => {
    const numbers: number[] = (await get('/tile/3/2/3.json')).json().values.flat()
    const before = served.renderer.renders.tile
    for (const name of PALETTE_NAMES) {
      const { data } = await decode((await get(`/tile/3/2/3.png?palette=${name}`)).rawPayload)
      const table = paletteTable(name)
      const wrong = numbers.filter((nu, at) => {
        const index = nu < 0 ? INTERIOR_INDEX : paletteIndex(nu, phaseAt(3))
        // the kernel's logarithm and this one may round a count to either side of a step
        return ![index, (index + 1) % PALETTE_STEPS, (index + PALETTE_STEPS - 1) % PALETTE_STEPS].some((near) =>
          data.subarray(3 * at, 3 * at + 3).equals(table.subarray(3 * near, 3 * near + 3)),
        )
      })
      expect(wrong, name).toEqual([])
    }
    expect(served.renderer.renders.tile - before).toBe(1)
  })

  test('is available as webp, avif and jpeg, and at twice the size', async () => {
    for (const [ending, type] of [
      ['webp', 'image/webp'],
      ['avif', 'image/avif'],
      ['jpg', 'image/jpeg'],
    ]) {
      const answer = await get(`/tile/2/1/1.${ending}`)
      expect(answer.headers['content-type']).toBe(type)
      const { info } = await decode(answer.rawPayload)
      expect([info.width, info.height]).toEqual([256, 256])
    }
    const { info } = await decode((await get('/tile/2/1/1@2x.png')).rawPayload)
    expect([info.width, info.height]).toEqual([512, 512])
  })

  test('continues in its neighbour: the samples beside a border equal those of one picture across it', async () => {
    const [left, right] = await Promise.all(
      ['/tile/7/40/60.json', '/tile/7/41/60.json'].map(async (url) => (await get(url)).json()),
    )
    for (const [tile, column] of [
      [left, 255],
      [right, 0],
    ] as const) {
      for (let j = 0; j < 256; j += 17) {
        const re = -2 + (3 * (Number(tile.x) + (column + 0.5) / 256)) / 128
        const im = 1.5 - (3 * (60 + (j + 0.5) / 256)) / 128
        const n = (1 - plain.f(re, im, 1000)) * 1000
        const nu = tile.values[j][column]
        if (n < 999) expect(Math.abs(nu - n)).toBeLessThanOrEqual(1.3)
      }
    }
  })
})

describe('the original over HTTP', () => {
  test('the float64 grid equals the plain version to the last bit', async () => {
    const answer = (await get('/grid?grid=50&max_iter=1000&precision=float64')).json()
    expect(answer).toMatchObject({
      x0: '-2',
      y0: '-1.5',
      x1: '1',
      y1: '1.5',
      grid: 50,
      max_iter: 1000,
      precision: 'float64',
    })
    expect(answer.values).toEqual(plain.mandelbrot())
  })

  test("the float64 grid equals the article's Python version to the last bit", async () => {
    const program = [
      'import json, sys',
      'def f(x, y, max_iter):',
      '    c = x + y*1j',
      '    z = 0 + 0j',
      '    for n in range(max_iter):',
      '        z = z**2 + c',
      '        if abs(z) > 2: return 1.0 - float(n)/max_iter',
      '    return 0.0',
      'x0, y0, x1, y1, grid, max_iter = json.loads(sys.argv[1])',
      'dx, dy = float(x1 - x0)/grid, float(y1 - y0)/grid',
      'print(json.dumps([[f(x0 + n*dx, y0 + m*dy, max_iter) for n in range(grid)] for m in range(grid)]))',
    ].join('\n')
    for (const [x0, y0, x1, y1, grid, limit] of [
      [-2, -1.5, 1, 1.5, 50, 1000],
      [-0.7500123, 0.09, -0.73, 0.1100456, 41, 700],
    ]) {
      const python = execFileSync(pathOf('python'), ['-c', program, JSON.stringify([x0, y0, x1, y1, grid, limit])])
      const url = `/grid?x0=${x0}&y0=${y0}&x1=${x1}&y1=${y1}&grid=${grid}&max_iter=${limit}&precision=float64`
      expect((await get(url)).json().values).toEqual(JSON.parse(String(python)))
    }
  })

  test('numpy.load reads .npy, of float64, of float32, and of a tile', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-'))
    for (const [url, type, shape] of [
      ['/grid.npy?grid=7', 'float64', '(7, 7)'],
      ['/grid.npy?grid=9&precision=float32', 'float32', '(9, 9)'],
      ['/tile/1/0/0.npy', 'float64', '(256, 256)'],
    ] as const) {
      const { rawPayload } = await get(url)
      const file = join(folder, 'values.npy')
      writeFileSync(file, rawPayload)
      const program = 'import numpy, sys; a = numpy.load(sys.argv[1]); print(a.dtype, a.shape, repr(float(a[3, 4])))'
      const said = String(execFileSync(pathOf('python'), ['-c', program, file])).trim()
      const json = (await get(url.replace('/grid.npy', '/grid').replace('.npy', '.json'))).json()
      expect(said).toBe(`${type} ${shape} ${pythonFloat(json.values[3][4])}`)
    }
  })

  test('quick_plot shows the same numbers in grey, one pixel per sample', async () => {
    const answer = await get('/plot.png?grid=40&max_iter=20')
    const { data, info } = await sharp(answer.rawPayload).greyscale().raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height]).toEqual([40, 40])
    const expected = plain
      .mandelbrot({ grid: 40, max_iter: 20 })
      .flat()
      .map((value) => Math.round(255 * value))
    expect([...data]).toEqual(expected)
    const byDefault = await sharp((await get('/plot.png')).rawPayload).metadata()
    expect([byDefault.width, byDefault.height]).toEqual([100, 100])
  })
})

function pythonFloat(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

describe('a picture centred anywhere', () => {
  test('equals a tile when it is centred on one', async () => {
    const image = await get('/image.png?re=-1.625&im=0.375&zoom=2&width=256&height=256&max_iter=500')
    const tile = await get('/tile/2/0/1.png?max_iter=500')
    const [a, b] = [await decode(image.rawPayload), await decode(tile.rawPayload)]
    expect(a.data.equals(b.data)).toBe(true)
  })

  test('shows a smooth colour at any zoom far from the set, or deep beside it', async () => {
    for (const url of [
      '/image.png?re=5&im=-7&zoom=300&width=64&height=64',
      '/tile/4000/0/0.png',
      '/image.png?re=0&zoom=500&width=64&height=64',
    ]) {
      const { data } = await decode((await get(url)).rawPayload)
      expect(new Set(Array.from({ length: data.length / 3 }, (_, k) => data.readUIntBE(3 * k, 3))).size, url).toBe(1)
    }
  })

  test('can have any size; it is rendered in strips, top row first', async () => {
    const whole = await decode(
      (await get('/image.png?re=-0.75&im=0.1&zoom=4&width=700&height=333&max_iter=2000')).rawPayload,
    )
    expect([whole.info.width, whole.info.height]).toEqual([700, 333])
    const part = await decode(
      (await get('/image.png?re=-0.75&im=0.1&zoom=4&width=700&height=33&max_iter=2000')).rawPayload,
    )
    expect(whole.data.subarray(150 * 2100, 183 * 2100).equals(part.data)).toBe(true)
  })
})

describe('documents', () => {
  test('tile.json is TileJSON 3.0.0 with absolute, immutable addresses', async () => {
    const json = (await get('/tile.json', { host: 'tiles.example:81' })).json()
    expect(json).toMatchObject({
      tilejson: '3.0.0',
      scheme: 'xyz',
      minzoom: 0,
      mandeltiles: { version: RENDERER_VERSION },
    })
    expect(json.maxzoom).toBeLessThanOrEqual(30)
    expect(json.tiles).toEqual([`http://tiles.example:81/tile/{z}/{x}/{y}.png?v=${RENDERER_VERSION}`])
  })

  test('palettes.json lists every palette with preview colours', async () => {
    const { default: byDefault, palettes } = (await get('/palettes.json')).json()
    expect(palettes.length).toBeGreaterThanOrEqual(8)
    expect(palettes.map(({ name }: { name: string }) => name)).toContain(byDefault)
    for (const palette of palettes) {
      expect(palette.colours.length).toBe(32)
      for (const colour of [...palette.colours, palette.exterior, palette.set]) expect(colour).toMatch(/^#[0-9a-f]{6}$/)
    }
  })

  test('healthz reports memory and hits', async () => {
    const json = (await get('/healthz')).json()
    expect(json.status).toBe('ok')
    expect(json.cache.bytes).toBeGreaterThan(0)
    expect(json.cache.requests.hit).toBeGreaterThan(0)
    expect(json.memory.resident).toBeGreaterThan(1e7)
  })
})

test('closes in spite of idle connections and half-sent requests', async () => {
  const { options } = resolveOptions({ 'log-level': 'silent', threads: '1' })
  const { app } = await buildServer(options)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const sockets = await Promise.all(
    ['', 'GET /healthz HTTP/1.1\r\nHo', 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /'].map(async (said) => {
      const { port } = app.server.address() as AddressInfo
      const socket = connect(port, '127.0.0.1')
        .on('error', () => {})
        .resume()
      await once(socket, 'connect')
      socket.write(said)
      return socket
    }),
  )
  await app.inject('/healthz')
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  await app.close()
  await Promise.all(closed)
})
