// Styles through the server, by decoded pixels, against their formulas written out plainly: orbits
// in doubles, a derivative by the chain rule.
import { describe, expect, test } from 'vitest'
import { INTERIOR_INDEX, paletteTable } from '../../src/colour/palette.ts'
import { phaseAt } from '../../src/colour/phase.ts'
import { buildServer } from '../../src/http/server.ts'
import { fromFixed, parseDecimal, toFixed } from '../../src/plane/decimal.ts'
import { decode, get, options, pixels, serveAll, served } from '../served.ts'

serveAll()

interface Plain {
  nu: number
  distance: [number, number]
  stripe: number
}

/** A sample of a tile by the definitions; undefined if it does not escape. */
function plain(z: number, x: number, y: number, i: number, j: number, limit: number): Plain | undefined {
  const [cr, ci] = [-2 + (3 * (x + (i + 0.5) / 256)) / 2 ** z, 1.5 - (3 * (y + (j + 0.5) / 256)) / 2 ** z]
  const pixel = 3 / 256 / 2 ** z
  let [zr, zi, dr, di] = [cr, ci, pixel, 0]
  let nu = 0
  const args: number[] = []
  for (let n = 1; n < limit + 10; n++) {
    const size = Math.hypot(zr, zi)
    if (nu === 0) args.push(Math.atan2(zi, zr))
    if (nu === 0 && size > 256) nu = n - Math.log2(Math.log2(size))
    if (size > 1e8) {
      const [length, log] = [dr * dr + di * di, Math.log(size)]
      const distance: [number, number] = [((zr * dr + zi * di) / length) * log, ((zi * dr - zr * di) / length) * log]
      return { nu: Math.max(nu, 0), distance, stripe: stripes(args, nu + 3) }
    }
    if (n === limit && nu === 0) return undefined
    ;[dr, di] = [2 * (zr * dr - zi * di) + pixel, 2 * (zr * di + zi * dr)]
    ;[zr, zi] = [zr * zr - zi * zi + cr, 2 * zr * zi + ci]
  }
  return undefined
}

// (1 + cos 4 arg z_k) / 2, weighted by age: rising from -1 to 0, falling to 32
function stripes(args: number[], last: number): number {
  const weights = args.map((_, k) => Math.max(0, Math.min(last - k, 1 - (last - k - 1) / 32)))
  const sum = args.reduce((sum, arg, k) => sum + (weights[k]! * (1 + Math.cos(4 * arg))) / 2, 0)
  return sum / weights.reduce((a, b) => a + b)
}

const LIGHT = [Math.cos((3 / 4) * Math.PI), Math.sin((3 / 4) * Math.PI)] as const

/** The phase in the palette's cycle and the share of light that a style gives a sample. */
const FORMULAS: Record<string, (sample: Plain, z: number) => { phase: number; light: number }> = {
  smooth: ({ nu }, z) => ({ phase: phaseAt(z).density * Math.log2((nu + 16) / 16), light: 1 }),
  distance: ({ distance }) => ({ phase: 0.06 * Math.log2(1 + Math.hypot(...distance) / 0.04), light: 1 }),
  slopes: ({ nu, distance: [right, up] }, z) => {
    const towards = right * LIGHT[0] + up * LIGHT[1]
    const light = 0.8 + (0.5 * towards) / (Math.hypot(right, up) + 0.3)
    return { phase: phaseAt(z).density * Math.log2((nu + 16) / 16), light }
  },
  stripe: ({ nu, stripe }, z) => ({ phase: phaseAt(z).density * Math.log2((nu + 16) / 16) + 0.4 * stripe, light: 1 }),
}

/** The colours that a sample may have, its phase being off by less than a step. */
function colours(sample: Plain | undefined, style: string, z: number, palette: Uint8Array): number[][] {
  if (!sample) return [[...palette.subarray(3 * INTERIOR_INDEX)]]
  const { phase, light } = FORMULAS[style]!(sample, z)
  const at = Math.round(255 * (phase - Math.floor(phase)))
  return [at, at + 1, at + 254].map((k) =>
    [...palette.subarray(3 * (k % 255), 3 * (k % 255) + 3)].map((v) => lit(v, light)),
  )
}

// in the light it is the odds of a colour's light that grow, so that white stays the limit
function lit(from: number, part: number): number {
  if (part <= 1) return part === 1 ? from : value(part * light(from))
  const odds = part * (light(from) / (1 - light(from)))
  return Number.isFinite(odds) ? value(odds / (1 + odds)) : 255
}

describe.each(Object.keys(FORMULAS))('the style %s', (style) => {
  test.each([
    [0, 0, 0, 'tidal'],
    [5, 8, 13, 'ember'],
    [12, 1716, 1868, 'paper'],
  ] as const)('is its formula at every pixel of a tile of zoom %i', async (z, x, y, palette) => {
    const limit = 1000
    const data = await pixels(`/tile/${z}/${x}/${y}.png?max_iter=${limit}&style=${style}&palette=${palette}`)
    const table = paletteTable(palette)
    let [wrong, escaped, all] = [0, 0, 0]
    for (let j = 0; j < 256; j += 3) {
      for (let i = 0; i < 256; i += 3) {
        const sample = plain(z, x, y, i, j, limit)
        all++
        if (sample) escaped++
        const pixel = data.subarray(3 * (256 * j + i), 3 * (256 * j + i) + 3)
        const near = colours(sample, style, z, table).some((colour) =>
          colour.every((v, k) => Math.abs(v - pixel[k]!) < 1.5),
        )
        if (!near) wrong++
      }
    }
    expect(escaped).toBeGreaterThan(1000)
    // orbits beside the set differ by their rounding
    expect(wrong / all).toBeLessThan(0.005)
  })
  test('a style gives the same bytes from cached samples, from the kernel and in a picture that covers the tile', async () => {
    const url = `/tile/4/5/6.png?max_iter=300&style=${style}&density=2`
    // another style first, which caches the samples that both are made from
    const warm = await get(`/tile/4/5/6.png?max_iter=300&style=${style}`).then(() => get(url))
    const cold = await buildServer({ ...options, 'sample-cache-bytes': 0, 'cache-bytes': 0 })
    const fresh = await cold.app.inject(url)
    await cold.app.close()
    expect(fresh.headers.etag).toBe(warm.headers.etag)
    expect(fresh.rawPayload.equals(warm.rawPayload)).toBe(true)
    // tile 5, 6 of zoom 4 is centred here
    const place = 're=-0.96875&im=0.28125&zoom=4&width=256&height=256'
    const image = await pixels(`/image.png?${place}&max_iter=300&style=${style}&density=2`)
    expect(image.equals(await decode(warm.rawPayload))).toBe(true)
  })

  test('styles show no seam between tiles, even at twice their resolution', async () => {
    const both = await pixels(`/image.png?re=-0.875&im=0.28125&zoom=4&width=512&height=256&max_iter=300&style=${style}`)
    for (const x of [5, 6]) {
      const tile = await pixels(`/tile/4/${x}/6.png?max_iter=300&style=${style}`)
      const half = Buffer.concat(
        Array.from({ length: 256 }, (_, row) =>
          both.subarray(3 * (512 * row + 256 * (x - 5)), 3 * (512 * row + 256 * (x - 4))),
        ),
      )
      expect(tile.equals(half)).toBe(true)
    }
    // four pixels of the larger tile lie round the centre of one of the smaller
    const small = await pixels(`/tile/4/5/6.png?max_iter=300&style=${style}`)
    const large = await pixels(`/tile/4/5/6@2x.png?max_iter=300&style=${style}`)
    let off = 0
    for (let at = 0; at < 256 * 256; at++) {
      const [i, j] = [at % 256, Math.floor(at / 256)]
      const around = [0, 1, 512, 513].map((step) => large[3 * (1024 * j + 2 * i + step) + 1]!)
      const value = small[3 * at + 1]!
      if (value < Math.min(...around) - 12 || value > Math.max(...around) + 12) off++
    }
    expect(off / 256 ** 2).toBeLessThan(0.06)
  })
})

test.each(['distance', 'slopes', 'stripe'])(
  'the style %s shows no seam where two neighbourhoods meet',
  async (style) => {
    // the spiral at 1e14: a column of tiles of zoom 48 that starts a neighbourhood of zoom 40
    const z = 48
    const bits = 300n
    const re = toFixed(parseDecimal('-1.7598171308048478136258105')!, Number(bits))
    const im = toFixed(parseDecimal('-0.0125933107997498653837466')!, Number(bits))
    const x = ((((re + (2n << bits)) << BigInt(z)) / (3n << bits)) >> 8n) << 8n
    const y = (((3n << (bits - 1n)) - im) << BigInt(z)) / (3n << bits)
    // one picture with the border in its middle has one reference
    const centre = {
      re: fromFixed(3n * x - (2n << BigInt(z)), z, z),
      im: fromFixed((3n << BigInt(z)) - 3n * (2n * y + 1n), z + 1, z + 1),
    }
    const appearance = `max_iter=6000&style=${style}`
    const both = await pixels(`/image.png?re=${centre.re}&im=${centre.im}&zoom=${z}&width=512&height=256&${appearance}`)
    for (const side of [0, 1]) {
      const tile = await pixels(`/tile/${z}/${x - 1n + BigInt(side)}/${y}.png?${appearance}`)
      const off = Array.from({ length: 256 * 256 }, (_, at) => at).filter((at) => {
        const there = 3 * (512 * Math.floor(at / 256) + 256 * side + (at % 256))
        return [0, 1, 2].some((c) => Math.abs(tile[3 * at + c]! - both[there + c]!) > 3)
      })
      expect(off.length / 256 ** 2).toBeLessThan(0.005)
    }
  },
)

describe.each(['period', 'attraction'])('the interior by %s', (style) => {
  test.each([
    [0, 0, 0, 'tidal'],
    [5, 19, 8, 'paper'],
    [8, 20, 127, 'orchid'],
  ] as const)('matches the cycle in which a plain orbit ends, at zoom %i', async (z, x, y, palette) => {
    const data = await pixels(`/tile/${z}/${x}/${y}.png?max_iter=2000&style=${style}&palette=${palette}`)
    const smooth = await pixels(`/tile/${z}/${x}/${y}.png?max_iter=2000&palette=${palette}`)
    const table = paletteTable(palette)
    const set = [...table.subarray(3 * INTERIOR_INDEX)]
    let [inside, wrong, outside] = [0, 0, 0]
    for (let j = 0; j < 256; j += 5) {
      for (let i = 0; i < 256; i += 5) {
        const at = 3 * (256 * j + i)
        const pixel = data.subarray(at, at + 3)
        const [cr, ci] = [-2 + (3 * (x + (i + 0.5) / 256)) / 2 ** z, 1.5 - (3 * (y + (j + 0.5) / 256)) / 2 ** z]
        const end = cycle(cr, ci)
        if (end === 'escapes') {
          outside++
          expect(pixel.equals(smooth.subarray(at, at + 3))).toBe(true)
        } else if (end) {
          inside++
          const { period, attraction } = end
          const phase = style === 'period' ? ((Math.sqrt(5) - 1) / 2) * period : 0.5 * (1 - attraction)
          const part = style === 'period' ? 0.6 * (1 - attraction ** 2) : 0.6
          const step = Math.round(255 * (phase - Math.floor(phase)))
          const near = [step, step + 1, step + 254].some((k) =>
            set.every((under, c) => {
              const mixed = part * light(table[3 * (k % 255) + c]!) + (1 - part) * light(under)
              return Math.abs(value(mixed) - pixel[c]!) < 1.5
            }),
          )
          if (!near) wrong++
        }
      }
    }
    expect(inside).toBeGreaterThan(100)
    expect(outside).toBeGreaterThan(100)
    expect(wrong / inside).toBeLessThan(0.01)
  })
})

/**
 * The cycle in which the orbit of 0 ends, found by iteration; undefined if it has not settled.
 */
function cycle(cr: number, ci: number): { period: number; attraction: number } | 'escapes' | undefined {
  let [zr, zi] = [0, 0]
  const once = () => {
    ;[zr, zi] = [zr * zr - zi * zi + cr, 2 * zr * zi + ci]
  }
  for (let n = 0; n < 20_000; n++) {
    once()
    if (zr * zr + zi * zi > 1e6) return n < 1900 ? 'escapes' : undefined
  }
  const [r, i] = [zr, zi]
  let [dr, di] = [1, 0]
  for (let period = 1; period <= 200; period++) {
    ;[dr, di] = [2 * (zr * dr - zi * di), 2 * (zr * di + zi * dr)]
    once()
    if (Math.hypot(zr - r, zi - i) < 1e-11) return { period, attraction: Math.hypot(dr, di) }
  }
  return undefined
}

test('styles that need the same attribute pass share it', async () => {
  await get('/tile/6/20/24.png?style=distance')
  const before = served.renderer.renders.tile
  for (const query of [
    'style=slopes',
    'style=slopes&light=20',
    'style=slopes&palette=grey&offset=0.3',
    'style=distance&density=3',
    'style=distance&palette=moss',
  ]) {
    expect((await get(`/tile/6/20/24.png?${query}`)).headers['x-cache']).toBe(query.endsWith('moss') ? 'HIT' : 'MISS')
  }
  expect(served.renderer.renders.tile).toBe(before)
})

describe('the histogram', () => {
  const place = 're=-0.7436499&im=0.13188204&zoom=13'

  test('spreads a view evenly over the palette by the levels that the server gives', async () => {
    const { levels } = (await get(`/levels.json?${place}&width=256&height=256`)).json()
    const data = await pixels(`/image.png?${place}&width=256&height=256&style=histogram&levels=${levels}&palette=grey`)
    // the tenth of the way to the palette's middle and back in which each pixel lies
    const table = paletteTable('grey')
    const brightness = Array.from({ length: 255 }, (_, step) => table[3 * step]!)
    const middle = brightness.indexOf(Math.max(...brightness))
    const parts = new Array(10).fill(0)
    let escaped = 0
    for (let at = 0; at < 256 * 256; at++) {
      const grey = data[3 * at]!
      if (grey === 0) continue
      escaped++
      // both halves of the cycle have each brightness: together a tenth of the way is a tenth of
      // the samples
      const step = brightness.findIndex((value, k) => k <= middle && value >= grey)
      parts[Math.min(9, Math.floor((10 * step) / middle))]++
    }
    expect(escaped).toBeGreaterThan(30_000)
    for (const part of parts) expect(part / escaped).toBeCloseTo(0.1, 1)
  })

  test('colours a tile by its counts alone, and is smooth without levels', async () => {
    const { values } = (await get('/tile/4/5/6.json?max_iter=300')).json()
    const table = paletteTable('tidal')
    const levels = [2, 5, 20, 60.5]
    const logs = levels.map((level) => Math.log2(level + 16))
    const laws: Record<string, (nu: number) => number> = {
      '': (nu) => phaseAt(4).density * Math.log2((nu + 16) / 16),
      [`&levels=${levels}`]: (nu) => {
        const log = Math.log2(nu + 16)
        const k = logs.findIndex((next) => next > log)
        if (k <= 0) return k === 0 ? 0 : 1
        return (k - 1 + (log - logs[k - 1]!) / (logs[k]! - logs[k - 1]!)) / 3
      },
    }
    for (const [query, law] of Object.entries(laws)) {
      const data = await pixels(`/tile/4/5/6.png?max_iter=300&style=histogram&density=2${query}`)
      const wrong = values.flat().filter((nu: number, at: number) => {
        const step = nu < 0 ? INTERIOR_INDEX : Math.round(255 * ((2 * law(nu)) % 1))
        const near = nu < 0 ? [INTERIOR_INDEX] : [step % 255, (step + 1) % 255, (step + 254) % 255]
        return !near.some((k) => data.subarray(3 * at, 3 * at + 3).equals(table.subarray(3 * k, 3 * k + 3)))
      })
      expect(wrong, query).toEqual([])
    }
  })

  test.each(['1', '1,1', '2,1', '1,x', '-1,2', Array.from({ length: 34 }, (_, k) => k).join()])(
    'refuses the levels %s',
    async (levels) => {
      const answer = await get(`/tile/1/0/0.png?style=histogram&levels=${levels}`)
      expect([answer.statusCode, answer.json().detail]).toEqual([
        400,
        expect.stringMatching(/^levels must be 2 to 33 numbers/),
      ])
    },
  )
})

test('light comes from the requested direction', async () => {
  // beyond the set's right end its slope faces right
  const bright = async (light: number) => {
    const data = await pixels(`/tile/2/3/1.png?style=slopes&light=${light}&palette=grey`)
    return data[3 * (256 * 255 + 128)]!
  }
  expect(await bright(0)).toBeGreaterThan((await bright(90)) + 5)
  expect(await bright(90)).toBeGreaterThan((await bright(180)) + 5)
  const tags = ['', '&light=135', '&light=135.0'].map(
    async (text) => (await get(`/tile/2/1/1.png?style=slopes${text}`)).headers.etag,
  )
  expect(new Set(await Promise.all(tags)).size).toBe(1)
})

test('supersampling averages the samples of a pixel in any style', async () => {
  for (const style of ['distance', 'slopes']) {
    const plain = await pixels(`/tile/3/2/3.png?max_iter=300&style=${style}`)
    const fine = await pixels(`/tile/3/2/3.png?max_iter=300&style=${style}&aa=2`)
    // a pixel of many samples is the mean of the four pixels of a tile of twice the size, whose
    // distances are in the same unit
    const large = await pixels(`/tile/3/2/3@2x.png?max_iter=300&style=${style}`)
    const mean = (at: number) =>
      [0, 1, 512, 513].reduce(
        (sum, step) => sum + light(large[3 * (1024 * Math.floor(at / 256) + 2 * (at % 256) + step)]!),
        0,
      ) / 4
    const off = Array.from({ length: 65_536 }, (_, at) => Math.abs(light(fine[3 * at]!) - mean(at))).filter(
      (error) => error > 0.01,
    ).length
    // values brighter than white are clamped after averaging
    expect(off / 65_536).toBeLessThan(0.002)
    expect(fine.equals(plain)).toBe(false)
  }
})

test('an unknown style is refused by name', async () => {
  const answer = await get('/tile/1/0/0.png?style=oil')
  expect([answer.statusCode, answer.json().detail]).toEqual([
    400,
    expect.stringMatching(/^style must be one of smooth, .*"oil"/),
  ])
  const light = await get('/image.png?style=slopes&light=361')
  expect([light.statusCode, light.json().detail]).toEqual([
    400,
    expect.stringMatching(/^light must be .* from 0 to 360.*"361"/),
  ])
})

function light(value: number): number {
  const s = value / 255
  return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4
}

function value(light: number): number {
  return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055)
}
