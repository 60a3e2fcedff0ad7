// Julia sets: the kernel and the pyramid against plain arithmetic, down to the limit of doubles.
import type { FastifyInstance } from 'fastify'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { paletteTable } from '../../src/colour/palette.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'

const { options } = resolveOptions({ 'log-level': 'silent', threads: '2' })
let app: FastifyInstance
beforeAll(async () => {
  app = (await buildServer(options)).app
})
afterAll(() => app.close())

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers })
const RABBIT = '-0.123,0.745'

/** The smooth count by plain arithmetic: z_1 = x + iy, z <- z^2 + c; -2 at the limit. */
function plainJulia(cr: number, ci: number, x: number, y: number, limit: number): number {
  for (let n = 1; n <= limit; n++) {
    const size = Math.hypot(x, y)
    if (size > 256) return Math.max(0, n - Math.log2(Math.log2(size)))
    ;[x, y] = [x * x - y * y + cr, 2 * x * y + ci]
  }
  return -2
}

test('a tile holds the smooth counts of the square from -2 to 2', async () => {
  for (const [c, z, x, y] of [
    [RABBIT, 0, 0, 0],
    [RABBIT, 2, 1, 2],
    ['-0.8,0.156', 3, 5, 3],
    ['0.285,0.01', 1, 0, 1],
  ] as const) {
    const { values, ...document } = (await get(`/julia/${c}/tile/${z}/${x}/${y}.json?max_iter=300`)).json()
    const [cr, ci] = c.split(',').map(Number) as [number, number]
    expect(document).toMatchObject({ c: { re: cr, im: ci }, z, x: String(x), y: String(y), max_iter: 300 })
    let wrong = 0
    for (let j = 0; j < 256; j += 5) {
      for (let i = 0; i < 256; i += 5) {
        const re = -2 + (4 * (x + (i + 0.5) / 256)) / 2 ** z
        const im = 2 - (4 * (y + (j + 0.5) / 256)) / 2 ** z
        const truth = plainJulia(cr, ci, re, im, 300)
        const nu = values[j][i]
        // without fused multiply-add the last digits differ, and high counts depend on these
        if (truth < 0 ? nu >= 0 : Math.abs(nu - truth) > 1e-6 * (1 + truth)) wrong++
      }
    }
    expect(wrong, c).toBeLessThanOrEqual(2)
  }
})

test('the deepest zoom matches integer arithmetic, and the next gets 404', async () => {
  // beside the repelling fixed point of c = -0.8 + 0.156 i, which lies on its Julia set: z = z^2 +
  // c
  const BITS = 200n
  const fixed = (value: number) => BigInt(value * 2 ** 60) << (BITS - 60n)
  const [cr, ci] = [fixed(-0.8), fixed(0.156)]
  const [wr, wi] = [1 - 4 * -0.8, -4 * 0.156]
  const size = Math.hypot(wr, wi)
  const beta = [(1 + Math.sqrt((size + wr) / 2)) / 2, -Math.sqrt((size - wr) / 2) / 2] as const
  const z = 30
  const [x, y] = [Math.floor(((beta[0] + 2) / 4) * 2 ** z), Math.floor(((2 - beta[1]) / 4) * 2 ** z)]
  const { values, max_iter } = (await get(`/julia/-0.8,0.156/tile/${z}/${x}/${y}.json`)).json()
  let wrong = 0
  const far = 65_536n << BITS
  for (let k = 0; k < 100; k++) {
    const [i, j] = [(k * 89) % 256, (k * 149) % 256]
    // the sample's place in units of 2^-39 of the square: -2 + 4 (x + (i + 1/2)/256) / 2^30
    let zr = (BigInt(2 * (x * 256 + i) + 1) << (BITS - 37n)) - (2n << BITS)
    let zi = (2n << BITS) - (BigInt(2 * (y * 256 + j) + 1) << (BITS - 37n))
    let n = 1
    while (n < max_iter && (zr * zr + zi * zi) >> BITS <= far) {
      ;[zr, zi] = [((zr * zr - zi * zi) >> BITS) + cr, ((zr * zi) >> (BITS - 1n)) + ci]
      n++
    }
    const truth = n - Math.log2(Math.log2(Math.hypot(Number(zr >> (BITS - 60n)), Number(zi >> (BITS - 60n))) / 2 ** 60))
    if (!(Math.abs(values[j][i] - truth) < 0.05)) wrong++
  }
  expect(wrong).toBeLessThanOrEqual(2)

  const deeper = await get('/julia/-0.8,0.156/tile/31/0/0.png')
  expect(deeper.statusCode).toBe(404)
  expect(deeper.json().detail).toBe('z must be at most 30, the deepest zoom served, it was "31"')
  const { mandeltiles } = (await get('/tile.json')).json()
  expect(mandeltiles.julia.maxzoom).toBe(30)
})

test('the rabbit has its two-fold symmetry, and the set in the middle of its three ears', async () => {
  const answer = await get(`/julia/${RABBIT}/tile/0/0/0.png`)
  expect(answer.headers['content-type']).toBe('image/png')
  const { data, info } = await sharp(answer.rawPayload).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([256, 256])
  const pixel = (i: number, j: number) => data.subarray(3 * (256 * j + i), 3 * (256 * j + i) + 3)
  // z and -z have the same orbit
  for (let k = 0; k < 256 * 256; k += 7) {
    const [i, j] = [k % 256, k >> 8]
    expect(pixel(i, j).equals(pixel(255 - i, 255 - j))).toBe(true)
  }
  const set = Buffer.from(paletteTable('tidal').subarray(765))
  expect(pixel(128, 128).equals(set)).toBe(true)
  expect(pixel(0, 0).equals(set)).toBe(false)
})

test('one parameter written in two ways gives one picture, in every format and palette', async () => {
  const tags = await Promise.all(
    ['-0.8,0.156', '-0.80,.156', '-8e-1,0.1560'].map(
      async (c) => (await get(`/julia/${c}/tile/3/4/4.png`)).headers.etag,
    ),
  )
  expect(new Set(tags).size).toBe(1)
  expect((await get('/tile/3/4/4.png')).headers.etag).not.toBe(tags[0])
  for (const ending of [
    '4.webp',
    '4.avif',
    '4.jpg',
    '4@2x.png',
    '4.npy',
    '4.png?palette=ember&density=2&offset=0.25',
  ]) {
    expect((await get(`/julia/-0.8,0.156/tile/3/4/${ending}`)).statusCode, ending).toBe(200)
  }
  const again = await get('/julia/-0.8,0.156/tile/3/4/4.png', { 'if-none-match': String(tags[0]) })
  expect(again.statusCode).toBe(304)
})

test.each([
  ['/julia/1/tile/0/0/0.png', /^c must be re,im, each a decimal number .* at most 4 in size, it was "1"$/],
  ['/julia/1,2,3/tile/0/0/0.png', /^c must be/],
  ['/julia/a,b/tile/0/0/0.png', /^c must be/],
  ['/julia/4.001,0/tile/0/0/0.png', /^c must be/],
  ['/julia/1e999,0/tile/0/0/0.png', /^c must be/],
  ['/julia/,/tile/0/0/0.png', /^c must be/],
  ['/julia/0,0/tile/1/2/0.png', /^x must be below 2\^1 at zoom 1/],
])('%s is refused', async (url, message) => {
  const answer = await get(url)
  expect(answer.statusCode).toBe(400)
  expect(answer.json().detail).toMatch(message)
})
