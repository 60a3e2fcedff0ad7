// What affects a picture besides its place, through the server and by decoded pixels.
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { parseGradient } from '../../src/colour/gradient.ts'
import { gradientTable, INTERIOR_INDEX, paletteTable } from '../../src/colour/palette.ts'
import { PALETTE_STEPS, paletteIndex, phaseAt } from '../../src/colour/phase.ts'
import { buildServer } from '../../src/http/server.ts'
import { decode, get, options, pixels, serveAll, served } from '../served.ts'

serveAll()
const counts = async (url: string): Promise<number[]> => (await get(url)).json().values.flat()

/**
 * Pixels that differ from the table's colour for their step and its neighbours: logarithms differ
 * in their last digit.
 */
function astray(data: Buffer, numbers: number[], indexOf: (nu: number) => number, table: Uint8Array): number {
  return numbers.filter((nu, at) => {
    const index = nu < 0 ? INTERIOR_INDEX : indexOf(nu)
    const near =
      nu < 0 ? [INTERIOR_INDEX] : [index, (index + 1) % PALETTE_STEPS, (index + PALETTE_STEPS - 1) % PALETTE_STEPS]
    const pixel = data.subarray(3 * at, 3 * at + 3)
    return !near.some((k) => pixel.equals(table.subarray(3 * k, 3 * k + 3)))
  }).length
}

describe('a custom gradient', () => {
  const gradient = 'ff8800@0.1,0044ff@0.4,ffffff@0.8;set=123456'

  test('colours a tile by its own table, without another render', async () => {
    const numbers = await counts('/tile/4/5/6.json?max_iter=500')
    await get('/tile/4/5/6.png?max_iter=500')
    const before = served.renderer.renders.tile
    const data = await pixels(`/tile/4/5/6.png?max_iter=500&gradient=${encodeURIComponent(gradient)}`)
    expect(served.renderer.renders.tile).toBe(before)
    expect(astray(data, numbers, (nu) => paletteIndex(nu, phaseAt(4)), gradientTable(parseGradient(gradient)))).toBe(0)
  })

  test('gives the same picture however it is written, and equals a listed palette with the same stops', async () => {
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

test('with an offset rotates the colours and leaves the set alone, without another render', async () => {
  const numbers = await counts('/tile/4/5/6.json?max_iter=500')
  await get('/tile/4/5/6.png?max_iter=500')
  const before = served.renderer.renders.tile
  for (const offset of [0.2, 0.5, 1]) {
    const data = await pixels(`/tile/4/5/6.png?max_iter=500&offset=${offset}`)
    const turned = (nu: number) => (paletteIndex(nu, phaseAt(4)) + Math.round(255 * offset)) % PALETTE_STEPS
    expect(astray(data, numbers, turned, paletteTable('tidal')), String(offset)).toBe(0)
  }
  expect(served.renderer.renders.tile).toBe(before)
  const tags = await Promise.all(
    ['', '&offset=1', '&offset=0.0'].map(async (text) => (await get(`/tile/2/1/1.png?v=1${text}`)).headers.etag),
  )
  expect(new Set(tags).size).toBe(1)
})

describe('a density of colours', () => {
  test('multiplies the colour cycles, without another render once a tile has been seen', async () => {
    const numbers = await counts('/tile/4/5/6.json?max_iter=500')
    await get('/tile/4/5/6.png?max_iter=500')
    const before = served.renderer.renders.tile
    for (const density of [1 / 16, 0.5, 3, 16]) {
      const data = await pixels(`/tile/4/5/6.png?max_iter=500&density=${density}`)
      const wrong = astray(
        data,
        numbers,
        (nu) => paletteIndex(Math.fround(nu), phaseAt(4, density)),
        paletteTable('tidal'),
      )
      expect(wrong, String(density)).toBe(0)
    }
    expect(served.renderer.renders.tile).toBe(before)
  })

  test('gives the same bytes from cached counts and from the kernel, in tiles and in the picture that covers one', async () => {
    const warm = await get('/tile/2/0/1.png?max_iter=500').then(() => get('/tile/2/0/1.png?max_iter=500&density=2.5'))
    const cold = await buildServer({ ...options, 'sample-cache-bytes': 0, 'cache-bytes': 0 })
    const fresh = await cold.app.inject('/tile/2/0/1.png?max_iter=500&density=2.50')
    await cold.app.close()
    expect(fresh.headers.etag).toBe(warm.headers.etag)
    expect(fresh.rawPayload.equals(warm.rawPayload)).toBe(true)
    const image = await pixels('/image.png?re=-1.625&im=0.375&zoom=2&width=256&height=256&max_iter=500&density=2.5')
    expect(image.equals(await decode(warm.rawPayload))).toBe(true)
  })

  test('keeps cached counts within their byte limit', async () => {
    const small = await buildServer({ ...options, 'sample-cache-bytes': 600_000 })
    for (let x = 0; x < 4; x++) await small.app.inject(`/tile/3/${x}/3.png?max_iter=200`)
    expect(small.renderer.samples.bytes).toBe(2 * 4 * 65_536)
    await small.app.close()
  })
})

describe('supersampling', () => {
  // the light of sRGB by its definition
  const light = (value: number) => (value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)
  const average = (values: number[]) => {
    const mean = values.reduce((sum, value) => sum + light(value), 0) / values.length
    return 255 * (mean <= 0.0031308 ? 12.92 * mean : 1.055 * mean ** (1 / 2.4) - 0.055)
  }

  /**
   * The values in `small` that differ from the average light of their aa x aa pixels in `large`.
   */
  function wrong(small: Buffer, large: Buffer, width: number, aa: number): number {
    let count = 0
    for (let at = 0; at < small.length; at++) {
      const [x, y, channel] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3]
      const cell = Array.from({ length: aa * aa }, (_, k) => {
        const [i, j] = [x * aa + (k % aa), y * aa + Math.floor(k / aa)]
        return large[3 * (j * width * aa + i) + channel]!
      })
      if (Math.abs(average(cell) - small[at]!) > 0.51) count++
    }
    return count
  }

  test('of 2 averages the samples of the tile twice its size, as light', async () => {
    const fine = await pixels('/tile/5/9/14@2x.png?max_iter=500')
    expect(wrong(await pixels('/tile/5/9/14.png?max_iter=500&aa=2'), fine, 256, 2)).toBe(0)
  })

  test('of 3 and 4 averages the samples of the larger picture, at any depth', async () => {
    for (const zoom of [3, 60]) {
      for (const aa of [3, 4]) {
        const place = `re=-1.7685391&im=0.0025&max_iter=900`
        // a picture aa times as large whose pixels are aa times as small
        const [small, large] = await Promise.all([
          pixels(`/image.png?${place}&zoom=${zoom}&width=40&height=30&aa=${aa}`),
          pixels(`/image.png?${place}&zoom=${zoom + Math.log2(aa)}&width=${40 * aa}&height=${30 * aa}`),
        ])
        // a third of a pixel is not a double: there the larger picture's samples are off by a last
        // digit
        expect(wrong(small, large, 40, aa), `aa ${aa} at zoom ${zoom}`).toBeLessThanOrEqual(aa === 3 ? 6 : 0)
      }
    }
  })

  test('of auto equals 3 where neighbours differ, and 1 elsewhere', async () => {
    const views = [
      '/tile/3/2/3.png?max_iter=500',
      '/tile/3/2/3.png?max_iter=500&style=slopes',
      '/julia/0,1/tile/1/0/1.png?max_iter=200',
      '/image.png?re=-0.743643887037158704752191506114774&im=0.131825904205311970493132056385139&zoom=50&width=200&height=90&max_iter=9000',
      '/image.png?re=-0.745&im=0.11&zoom=9&width=200&height=90&rotation=30&max_iter=900',
    ]
    for (const view of views) {
      const [one, auto, three] = await Promise.all(['1', 'auto', '3'].map((aa) => pixels(`${view}&aa=${aa}`)))
      const differ = (a: Buffer, b: Buffer, at: number, by: number) =>
        [0, 1, 2].some((part) => Math.abs(a[at + part]! - b[at + part]!) > by)
      let [refined, neither, missed] = [0, 0, 0]
      for (let at = 0; at < auto!.length; at += 3) {
        const changed = differ(auto!, one!, at, 0)
        if (changed) refined++
        if (changed && differ(auto!, three!, at, 1)) neither++
        if (!changed && differ(auto!, three!, at, 24)) missed++
      }
      expect(refined, view).toBeGreaterThan(0)
      // a deep kernel's error bounds depend on the batch of samples: 0.3 % of the pixels differ
      expect(neither, view).toBeLessThanOrEqual(auto!.length / 600)
      expect(missed, view).toBeLessThanOrEqual(auto!.length / 3000)
    }
  })

  test('of auto works with 16 bits too', async () => {
    const place = '/image.png?re=-0.745&im=0.11&zoom=9&width=90&height=60'
    const answer = await get(`${place}&aa=auto&bits=16`)
    expect(answer.statusCode).toBe(200)
    const eight = await pixels(`${place}&aa=auto`)
    const data = await sharp(answer.rawPayload).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer()
    const sixteen = new Uint16Array(data.buffer, data.byteOffset, data.length / 2)
    for (let at = 0; at < eight.length; at++) expect(Math.abs(sixteen[at]! / 257 - eight[at]!)).toBeLessThan(8)
  })

  test('works in every format, with every palette, and for Julia sets', async () => {
    for (const url of [
      '/tile/2/1/1.webp?aa=2',
      '/tile/2/1/1.avif?aa=2',
      '/tile/2/1/1.jpg?aa=3',
      '/julia/0,1/tile/1/0/1.png?aa=4',
    ]) {
      expect((await get(url)).statusCode, url).toBe(200)
    }
    const [a, b] = await Promise.all([
      pixels('/tile/2/1/1.png?aa=2&palette=ember'),
      pixels('/tile/2/1/1.png?aa=2&offset=0.5'),
    ])
    expect(a.equals(b)).toBe(false)
  })
})

test("a picture's metadata says how it was made, and its URL makes it again", async () => {
  const query =
    're=-0.7436438870371587&im=0.1318259042053119&zoom=20.5&width=64&height=48&max_iter=900&palette=ember&offset=0.2'
  for (const extra of ['', '&aa=2']) {
    const answer = await get(`/image.png?${query}${extra}`)
    const { comments = [] } = await sharp(answer.rawPayload).metadata()
    const text = Object.fromEntries(comments.map(({ keyword, text }) => [keyword, text]))
    expect(text).toMatchObject({
      Software: expect.stringMatching(/^mandeltiles \d/),
      re: '-0.7436438870371587',
      im: '0.1318259042053119',
      zoom: '20.5',
      max_iter: '900',
      palette: 'ember',
      offset: '0.2',
    })
    const again = await get(text.address!.replace('/image', '/image.png'))
    expect(again.rawPayload.equals(answer.rawPayload)).toBe(true)
  }
  const webp = await get(`/image.webp?${query}`)
  expect(String((await sharp(webp.rawPayload).metadata()).xmp)).toContain('re=-0.7436438870371587&amp;im=')
})

test.each([
  ['gradient=red', /^gradient must be 2 to 32 colours rrggbb/],
  ['offset=2', /^offset must be a number from 0 to 1, it was "2"$/],
  ['offset=-0.1', /^offset must be a number from 0 to 1, it was "-0.1"$/],
  ['density=0', /^density must be a number from 0.0625 to 16, it was "0"$/],
  ['density=1e9', /^density must be a number/],
  ['density=', /^density must be a number/],
  ['aa=5', /^aa must be a whole number from 1 to 4, or auto, it was "5"$/],
  ['aa=0', /^aa must be/],
])('%s is refused', async (query, message) => {
  for (const url of ['/tile/1/0/0.png', '/image.png']) {
    const answer = await get(`${url}?${query}`)
    expect(answer.statusCode).toBe(400)
    expect(answer.json().detail).toMatch(message)
  }
})
