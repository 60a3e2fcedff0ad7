// What shapes a picture beside its place, through the server and by decoded pixels.
import type { FastifyInstance } from 'fastify'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { phaseAt, step } from '../src/colour.ts'
import { parseGradient } from '../src/gradient.ts'
import { resolveOptions } from '../src/options.ts'
import { gradientTable, paletteTable, SET, STEPS } from '../src/palette.ts'
import type { Renderer } from '../src/renderer.ts'
import { buildServer } from '../src/server.ts'

const { options } = resolveOptions({ 'log-level': 'silent', threads: '2' })
let app: FastifyInstance
let renderer: Renderer

beforeAll(async () => {
  const built = await buildServer(options)
  app = built.app
  renderer = built.renderer
})
afterAll(() => app.close())

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers })
const decode = (bytes: Buffer) => sharp(bytes).removeAlpha().raw().toBuffer()
const pixels = async (url: string) => {
  const answer = await get(url)
  expect(answer.statusCode, `${url}: ${answer.payload.slice(0, 300)}`).toBe(200)
  return decode(answer.rawPayload)
}
const counts = async (url: string): Promise<number[]> => (await get(url)).json().values.flat()

/** Pixels that are none of the colours that a step, or the one beside it, has in a table: logarithms differ in their last digit. */
function astray(data: Buffer, numbers: number[], indexOf: (nu: number) => number, table: Uint8Array): number {
  return numbers.filter((nu, at) => {
    const index = nu < 0 ? SET : indexOf(nu)
    const near = nu < 0 ? [SET] : [index, (index + 1) % STEPS, (index + STEPS - 1) % STEPS]
    const pixel = data.subarray(3 * at, 3 * at + 3)
    return !near.some((k) => pixel.equals(table.subarray(3 * k, 3 * k + 3)))
  }).length
}

describe("a gradient of one's own", () => {
  const gradient = 'ff8800@0.1,0044ff@0.4,ffffff@0.8;set=123456'

  test('colours a tile by its own table, without another render', async () => {
    const numbers = await counts('/tile/4/5/6.json?max_iter=500')
    await get('/tile/4/5/6.png?max_iter=500')
    const before = renderer.renders.tile
    const data = await pixels(`/tile/4/5/6.png?max_iter=500&gradient=${encodeURIComponent(gradient)}`)
    expect(renderer.renders.tile).toBe(before)
    expect(astray(data, numbers, (nu) => step(nu, phaseAt(4)), gradientTable(parseGradient(gradient)))).toBe(0)
  })

  test('is the same picture however it is written, and a listed palette where it says the same', async () => {
    const tags = await Promise.all(
      ['ff0000,00ff00,0000ff,ffffff', 'FF0000@0,00FF00@.25,0000FF@0.50,FFFFFF@0.75;set=000000'].map(
        async (text) => (await get(`/tile/2/1/1.png?gradient=${encodeURIComponent(text)}`)).headers.etag,
      ),
    )
    expect(tags[0]).toBe(tags[1])
    const { palettes } = (await get('/palettes.json')).json()
    const { stops, set } = palettes.find(({ name }: { name: string }) => name === 'ember')
    const text = `${stops.map(([at, colour]: [number, string]) => `${colour.slice(1)}@${at}`)};set=${set.slice(1)}`
    const own = await pixels(`/tile/2/1/1.png?gradient=${encodeURIComponent(text)}`)
    expect(own.equals(await pixels('/tile/2/1/1.png?palette=ember'))).toBe(true)
  })
})

test('an offset turns the colours round their cycle and leaves the set alone, without another render', async () => {
  const numbers = await counts('/tile/4/5/6.json?max_iter=500')
  await get('/tile/4/5/6.png?max_iter=500')
  const before = renderer.renders.tile
  for (const offset of [0.2, 0.5, 1]) {
    const data = await pixels(`/tile/4/5/6.png?max_iter=500&offset=${offset}`)
    const turned = (nu: number) => (step(nu, phaseAt(4)) + Math.round(255 * offset)) % STEPS
    expect(astray(data, numbers, turned, paletteTable('tidal')), String(offset)).toBe(0)
  }
  expect(renderer.renders.tile).toBe(before)
  const tags = await Promise.all(
    ['', '&offset=1', '&offset=0.0'].map(async (text) => (await get(`/tile/2/1/1.png?v=1${text}`)).headers.etag),
  )
  expect(new Set(tags).size).toBe(1)
})

describe('a density of colours', () => {
  test('multiplies the cycles, without another render once a tile has been seen', async () => {
    const numbers = await counts('/tile/4/5/6.json?max_iter=500')
    await get('/tile/4/5/6.png?max_iter=500')
    const before = renderer.renders.tile
    for (const density of [1 / 16, 0.5, 3, 16]) {
      const data = await pixels(`/tile/4/5/6.png?max_iter=500&density=${density}`)
      const wrong = astray(data, numbers, (nu) => step(Math.fround(nu), phaseAt(4, density)), paletteTable('tidal'))
      expect(wrong, String(density)).toBe(0)
    }
    expect(renderer.renders.tile).toBe(before)
  })

  test('gives the same bytes from kept counts and from the kernel, in tiles and in the picture that covers one', async () => {
    const warm = await get('/tile/2/0/1.png?max_iter=500').then(() => get('/tile/2/0/1.png?max_iter=500&density=2.5'))
    const cold = await buildServer({ ...options, 'counts-bytes': 0, 'cache-bytes': 0 })
    const fresh = await cold.app.inject('/tile/2/0/1.png?max_iter=500&density=2.50')
    await cold.app.close()
    expect(fresh.headers.etag).toBe(warm.headers.etag)
    expect(fresh.rawPayload.equals(warm.rawPayload)).toBe(true)
    const image = await pixels('/image.png?re=-1.625&im=0.375&zoom=2&width=256&height=256&max_iter=500&density=2.5')
    expect(image.equals(await decode(warm.rawPayload))).toBe(true)
  })

  test('keeps its counts within their bytes', async () => {
    const small = await buildServer({ ...options, 'counts-bytes': 600_000 })
    for (let x = 0; x < 4; x++) await small.app.inject(`/tile/3/${x}/3.png?max_iter=200`)
    expect(small.renderer.kept.bytes).toBe(2 * 4 * 65_536)
    await small.app.close()
  })
})

test.each([
  ['gradient=red', /^gradient must be 2 to 32 colours rrggbb/],
  ['offset=2', /^offset must be a number from 0 to 1, it was "2"$/],
  ['offset=-0.1', /^offset must be a number from 0 to 1, it was "-0.1"$/],
  ['density=0', /^density must be a number from 0.0625 to 16, it was "0"$/],
  ['density=1e9', /^density must be a number/],
  ['density=', /^density must be a number/],
])('%s is refused', async (query, message) => {
  for (const url of ['/tile/1/0/0.png', '/image.png']) {
    const answer = await get(`${url}?${query}`)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().detail).toMatch(message)
  }
})
