// Images through the server, by decoded pixels: rotation, sixteen bits, formats.
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gradientLinear } from '../../src/colour/palette.ts'
import { PALETTE_STOPS } from '../../src/colour/palettes.ts'
import { phaseAt } from '../../src/colour/phase.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import { fromFixed } from '../../src/plane/decimal.ts'
import { direction } from '../../src/plane/rotation.ts'
import type { Renderer } from '../../src/render/renderer.ts'

const { options } = resolveOptions({ 'log-level': 'silent', threads: '2', 'max-image': '20000' })
let app: FastifyInstance
let renderer: Renderer
beforeAll(async () => {
  ;({ app, renderer } = await buildServer(options))
})
afterAll(() => app.close())

const get = async (url: string) => {
  const answer = await app.inject(url)
  expect(answer.statusCode, `${url}: ${answer.payload.slice(0, 300)}`).toBe(200)
  return answer.rawPayload
}
const pixels = async (url: string) =>
  sharp(await get(url))
    .removeAlpha()
    .raw()
    .toBuffer()
const pixels16 = async (url: string) => {
  const data = await sharp(await get(url))
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer()
  return new Uint16Array(data.buffer, data.byteOffset, data.length / 2)
}

const [DEEP_RE, DEEP_IM] = ['-0.743643887037158704752191506114774', '0.131825904205311970493132056385139']

test('an image below zoom 0 shows the whole set in few pixels', async () => {
  const [width, height] = [64, 64]
  const rgb = await pixels(`/image.png?re=-0.5&im=0&zoom=-2&width=${width}&height=${height}&aa=4`)
  const colours = Array.from({ length: width * height }, (_, k) => rgb.readUIntBE(3 * k, 3))
  const inside = colours[(height / 2) * width + width / 2]
  const { length } = colours.filter((colour) => colour === inside)
  // the set's area is 1.5066 of the 9 that are shown; pixels at its edge have another colour
  expect(length / (width * height)).toBeGreaterThan(0.7 * (1.5066 / 9))
  expect(length / (width * height)).toBeLessThan(1.5066 / 9)
})

describe('rotation', () => {
  test('is exact for quarter turns, and uses cosine and sine otherwise', () => {
    const unit = 1n << 96n
    expect(direction(0)).toEqual({ cos: unit, sin: 0n })
    expect(direction(90)).toEqual({ cos: 0n, sin: unit })
    expect(direction(180)).toEqual({ cos: -unit, sin: 0n })
    expect(direction(270)).toEqual({ cos: 0n, sin: -unit })
    // cos 60 = 1/2, and cos 36 = (1 + sqrt 5) / 4, by whole numbers
    const off = (a: bigint, b: bigint) => Number(a > b ? a - b : b - a)
    expect(off(direction(60).cos, unit / 2n)).toBeLessThan(4)
    const golden = 4n * direction(36).cos - unit
    expect(off((golden * golden) / unit, 5n * unit)).toBeLessThan(64)
    for (const degrees of [1, 33.3, 100.7, 211, 359.999]) {
      const { cos, sin } = direction(degrees)
      expect(Number(cos) / 2 ** 96).toBeCloseTo(Math.cos((degrees * Math.PI) / 180), 14)
      expect(Number(sin) / 2 ** 96).toBeCloseTo(Math.sin((degrees * Math.PI) / 180), 14)
    }
  })

  // pixel (i, j) of the upright picture for (x, y) of the rotated one, which is w wide
  const quarters: Record<number, (x: number, y: number, w: number, h: number) => [number, number]> = {
    90: (x, y, w) => [w - 1 - y, x],
    180: (x, y, w, h) => [w - 1 - x, h - 1 - y],
    270: (x, y, _w, h) => [y, h - 1 - x],
  }
  test.each([2.25, 12, 60])('by quarter turns moves the same pixels counter-clockwise, at zoom %d', async (zoom) => {
    const place = `re=-1.7685391&im=0.0025&zoom=${zoom}&max_iter=900`
    const [width, height] = [50, 41]
    const upright = await pixels(`/image.png?${place}&width=${width}&height=${height}`)
    for (const degrees of [90, 180, 270]) {
      const [w, h] = degrees === 180 ? [width, height] : [height, width]
      const turned = await pixels(`/image.png?${place}&width=${w}&height=${h}&rotation=${degrees}`)
      const other = Array.from({ length: w * h }, (_, at) => {
        const [i, j] = quarters[degrees]!(at % w, Math.floor(at / w), width, height)
        const from = 3 * (j * width + i)
        return turned.subarray(3 * at, 3 * at + 3).equals(upright.subarray(from, from + 3))
      }).filter((same) => !same)
      // doubles differ by a last digit
      expect(other.length, String(degrees)).toBeLessThanOrEqual(zoom === 12 ? 12 : 4)
    }
  })

  test.each([3, 40, 200])(
    'by any angle makes each pixel equal a one-pixel picture of its point, at zoom %d',
    async (zoom) => {
      const DIGITS = 100
      const BITS = 400n
      const [re, im] = [DEEP_RE, DEEP_IM]
      const [width, height, degrees] = [61, 48, 33.5]
      const turned = await pixels(
        `/image.png?re=${re}&im=${im}&zoom=${zoom}&width=${width}&height=${height}&rotation=${degrees}&max_iter=4000`,
      )
      const fixed = (text: string) =>
        (BigInt(text.replace('.', '')) << BITS) / 10n ** BigInt(text.split('.')[1]!.length)
      const pixel = (3n << BITS) >> BigInt(zoom + 8)
      const angle = (degrees * Math.PI) / 180
      const along = (part: number) => (pixel * BigInt(Math.round(part * 2 ** 45))) >> 45n
      let far = 0
      for (const [i, j] of [
        [0, 0],
        [60, 0],
        [60, 47],
        [0, 47],
        [30, 24],
        [7, 33],
        [44, 5],
        [51, 40],
        [12, 12],
        [33, 18],
      ] as const) {
        // in a picture rotated counter-clockwise, the point right of the centre lies clockwise of
        // that direction in the plane
        const [x, y] = [i - (width - 1) / 2, (height - 1) / 2 - j]
        const a = fixed(re) + along(x * Math.cos(angle) + y * Math.sin(angle))
        const b = fixed(im) + along(y * Math.cos(angle) - x * Math.sin(angle))
        const at = `re=${fromFixed(a, Number(BITS), DIGITS)}&im=${fromFixed(b, Number(BITS), DIGITS)}`
        const one = await pixels(`/image.png?${at}&zoom=${zoom}&width=1&height=1&max_iter=4000`)
        const mine = turned.subarray(3 * (j * width + i), 3 * (j * width + i) + 3)
        if ([0, 1, 2].some((channel) => Math.abs(one[channel]! - mine[channel]!) > 6)) far++
      }
      expect(far).toBe(0)
    },
  )

  test.each([
    ['distance', 5],
    ['stripe', 5],
    ['period', 1],
    ['slopes', 5],
    ['slopes', 40],
    ['distance', 40],
  ])('rotates the style %s too, but not its light, at zoom %d', async (style, zoom) => {
    const [re, im] = zoom < 40 ? ['-1.7685391', '0.0025'] : [DEEP_RE, DEEP_IM]
    const place = `re=${re}&im=${im}&zoom=${zoom}&max_iter=4000&width=40&height=40&style=${style}`
    // light from the right in the rotated picture came from below before
    const upright = await pixels(`/image.png?${place}${style === 'slopes' ? '&light=270' : ''}`)
    const turned = await pixels(`/image.png?${place}${style === 'slopes' ? '&light=0' : ''}&rotation=90`)
    let other = 0
    for (let at = 0; at < 1600; at++) {
      const [i, j] = quarters[90]!(at % 40, Math.floor(at / 40), 40, 40)
      const far = [0, 1, 2].some((k) => Math.abs(turned[3 * at + k]! - upright[3 * (j * 40 + i) + k]!) > 12)
      if (far) other++
    }
    expect(other).toBeLessThanOrEqual(8)
    expect(new Set(Array.from({ length: 1600 }, (_, k) => upright.readUIntBE(3 * k, 3))).size).toBeGreaterThan(6)
  })

  test('averages the samples of the larger picture when supersampled', async () => {
    const place = 're=-0.75&im=0.1&max_iter=500&rotation=20'
    const small = await pixels(`/image.png?${place}&zoom=5&width=30&height=20&aa=2`)
    const large = await pixels(`/image.png?${place}&zoom=6&width=60&height=40`)
    const light = (value: number) => (value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)
    let off = 0
    for (let at = 0; at < small.length; at++) {
      const [x, y, channel] = [Math.floor(at / 3) % 30, Math.floor(at / 90), at % 3]
      const mean = [0, 1, 60, 61].reduce((sum, k) => sum + light(large[3 * (2 * y * 60 + 2 * x + k) + channel]!), 0) / 4
      if (Math.abs(light(small[at]!) - mean) > 0.01) off++
    }
    expect(off).toBeLessThanOrEqual(9)
  })
})

describe('sixteen bits a channel', () => {
  const place = 're=-1.625&im=0.375&zoom=2&width=256&height=256&max_iter=500'

  test('hold the exact palette colour of each count', async () => {
    const numbers: number[] = JSON.parse(String(await get('/tile/2/0/1.json?max_iter=500'))).values.flat()
    const data = await pixels16(`/image.png?${place}&bits=16&palette=ember`)
    const fine = 2 ** 18
    const cycle = gradientLinear(PALETTE_STOPS.ember, fine)
    const { density, bias, offset } = phaseAt(2)
    // a spline may overshoot black and white
    const curve = (c: number) => 65_535 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055)
    const value = (light: number) => curve(Math.min(Math.max(light, 0), 1))
    let worst = 0
    numbers.forEach((nu, at) => {
      if (nu < 0) return
      const phase = density * Math.log2(nu + bias) + offset
      const k = Math.round(fine * (phase - Math.floor(phase))) % fine
      for (const channel of [0, 1, 2]) {
        worst = Math.max(worst, Math.abs(value(cycle[3 * k + channel]!) - data[3 * at + channel]!))
      }
    })
    expect(worst).toBeLessThan(8)
    const colours = new Set(numbers.map((_, at) => data.subarray(3 * at, 3 * at + 3).join()))
    expect(colours.size).toBeGreaterThan(20_000)
  })

  test.each(['distance', 'slopes', 'stripe', 'period', 'attraction'])('hold the style %s', async (style) => {
    const there = `re=-0.6&im=0.5&zoom=2&width=120&height=90&max_iter=800&style=${style}`
    const [eight, sixteen] = await Promise.all([pixels(`/image.png?${there}`), pixels16(`/image.png?${there}&bits=16`)])
    const off = Array.from(eight, (value, at) => Math.abs(value - sixteen[at]! / 257))
    expect(off.filter((value) => value > 8).length).toBeLessThanOrEqual(9)
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(0.8)
  })

  test('equal those of eight bits to one step of colour, in PNG and in TIFF alike', async () => {
    const eight = await pixels(`/image.png?${place}&aa=2`)
    const png = await pixels16(`/image.png?${place}&aa=2&bits=16`)
    // a step of 255 is up to some ten values of a channel
    const off = Array.from(eight, (value, at) => Math.abs(value - png[at]! / 257))
    expect(off.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(8)
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(0.6)
    const tiff = await get(`/image.tiff?${place}&aa=2&bits=16`)
    expect(await sharp(tiff).metadata()).toMatchObject({ format: 'tiff', depth: 'ushort', width: 256 })
    expect(await pixels16(`/image.tiff?${place}&aa=2&bits=16`)).toEqual(png)
  })
})

describe('a picture too large for the cache', () => {
  const query = 're=0.6&im=0.7&zoom=7&width=4200&height=4100&max_iter=60'

  test('is streamed while it renders, and has the right pixels', async () => {
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const answer = await fetch(`${url}/image.png?${query}`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png'])
    expect(answer.headers.get('etag')).toMatch(/^"/)
    expect(answer.headers.get('x-cache')).toBe('MISS')
    expect(answer.headers.get('server-timing')).toMatch(/^queue;dur=0(\.0+)?, render;dur=[\d.]+, encode;dur=0(\.0+)?$/)
    // its length is not known at the start
    expect(answer.headers.get('content-length')).toBeNull()
    const bytes = Buffer.from(await answer.arrayBuffer())
    const part = { left: 1800, top: 1900, width: 64, height: 48 }
    const shown = await sharp(bytes).extract(part).removeAlpha().raw().toBuffer()
    // the same pixels as those of a small picture at this offset from the centre of the large one
    const pixel = 3 / (256 * 2 ** 7)
    const [dx, dy] = [part.left + 32 - 2100, part.top + 24 - 2050]
    const small = `re=${0.6 + dx * pixel}&im=${0.7 - dy * pixel}&zoom=7&width=64&height=48&max_iter=60`
    const alone = await pixels(`/image.png?${small}`)
    const off = shown.filter((value, at) => Math.abs(value - alone[at]!) > 3)
    expect(off.length).toBe(0)
    // it is not cached
    expect((await fetch(`${url}/image.png?${query}`, { method: 'HEAD' })).status).toBe(200)
    const known = { 'if-none-match': answer.headers.get('etag')! }
    expect((await fetch(`${url}/image.png?${query}`, { headers: known })).status).toBe(304)
    const health = await (await fetch(`${url}/healthz`)).json()
    expect(health.images.rendering).toBe(0)
    const tiff = Buffer.from(await (await fetch(`${url}/image.tiff?${query}`)).arrayBuffer())
    expect((await sharp(tiff).extract(part).removeAlpha().raw().toBuffer()).equals(shown)).toBe(true)
  })

  test('stops when its client leaves', async () => {
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const making = async () => (await (await fetch(`${url}/healthz`)).json()).images.rendering
    const gone = new AbortController()
    const answer = await fetch(`${url}/image.png?re=-0.5&zoom=4&width=9000&height=9000&max_iter=1000`, {
      signal: gone.signal,
    })
    await answer.body!.getReader().read()
    expect(await making()).toBe(1)
    gone.abort()
    await expect.poll(making, { timeout: 10_000 }).toBe(0)
  })

  test('is not listed as running again when a strip ends after it was cancelled', () => {
    const { making } = renderer.images.progress
    const { onProgress: told, end } = renderer.images.progress.track('a picture')
    told(0.5)
    expect(making.get('a picture')).toBe(0.5)
    end()
    told(0.75)
    expect(making.has('a picture')).toBe(false)
  })
})

test.each([
  ['/image.png?rotation=400', /^rotation must be a number of degrees from -360 to 360, it was "400"$/],
  ['/image.png?rotation=a', /^rotation must be a number of degrees/],
  ['/image.png?bits=12', /^bits must be 8 or 16, it was "12"$/],
  ['/image.webp?bits=16', /^bits must be 8 in a webp, it was 16$/],
  ['/image.webp?width=8192&height=8193', /^width · height must be at most 67108864 in a webp, it was 67117056$/],
  ['/image.avif?height=16385', /^height must be at most 16384 in a avif, it was 16385$/],
  ['/image.webp?width=16384', /^width must be at most 16383 in a webp, it was 16384$/],
])('%s is refused', async (url, message) => {
  const answer = await app.inject(url)
  expect(answer.statusCode).toBe(400)
  expect(answer.json().detail).toMatch(message)
})
