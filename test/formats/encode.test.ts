import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { paletteColour, paletteTable } from '../../src/colour/palette.ts'
import { PALETTE_NAMES } from '../../src/colour/palettes.ts'
import { avifTile } from '../../src/formats/avifgrid.ts'
import { npy } from '../../src/formats/npy.ts'
import { greyPng, indexedPng, recolour } from '../../src/formats/png/indexed.ts'
import { readMetadata } from '../../src/formats/png/metadata.ts'
import { encode } from '../../src/formats/sharp.ts'
import { deflatedBytes, kernel } from '../../src/kernel/binding.ts'

const pixels = async (png: Uint8Array) => sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })

test('every index of an indexed PNG decodes to its colour, in every palette', async () => {
  const index = Uint8Array.from({ length: 256 * 3 }, (_, i) => i % 256)
  const png = indexedPng(index, 256, 3)
  for (const name of PALETTE_NAMES) {
    const { data, info } = await pixels(recolour(png, paletteTable(name)))
    expect([info.width, info.height, info.channels]).toEqual([256, 3, 3])
    const table = paletteTable(name)
    expect(data.subarray(0, 768).equals(table)).toBe(true)
    expect(data.subarray(768, 1536).equals(table)).toBe(true)
  }
})

test('a PNG of any size decodes to its input', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(255),
      async (w, h, seed) => {
        const index = Uint8Array.from({ length: w * h }, (_, i) => (i * 37 + seed) % 256)
        const { data } = await sharp(
          greyPng(
            Array.from(index, (v) => v / 255),
            w,
            h,
          ),
        )
          .greyscale()
          .raw()
          .toBuffer({ resolveWithObject: true })
        expect([...data]).toEqual([...index])
      },
    ),
    { numRuns: 30 },
  )
})

test('zlib decodes every stream: noise, runs, near and far matches, skewed counts, of any length', () => {
  const random = (seed: number) => {
    let state = seed
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
  }
  const kinds: ((at: number, next: () => number, before: Uint8Array) => number)[] = [
    (_, next) => 256 * next(),
    () => 7,
    (_, next) => (next() < 0.999 ? 0 : 255),
    // one symbol twice as frequent as the next, which makes codes longer than a stream may have
    (_, next) => Math.min(255, -Math.log2(next()) * 2),
    (at, next, before) => (at > 300 && next() < 0.98 ? before[at - 257]! : 256 * next()),
    (at, next, before) => (at > 40000 ? before[at - 32768]! : 256 * next()),
    (at) => (at * at) >> 7,
  ]
  const lengths = [1, 2, 3, 4, 5, 257, 258, 259, 16383, 16384, 16385, 40000, 100_000]
  for (const [kind, byte] of kinds.entries()) {
    for (const length of lengths) {
      const next = random(kind + length)
      const data = new Uint8Array(length)
      for (let at = 0; at < length; at++) data[at] = byte(at, next, data)
      const out = new Uint8Array(deflatedBytes(length))
      const stream = out.subarray(0, kernel.deflate(data, out))
      expect(inflateSync(stream).equals(data), `kind ${kind}, ${length} bytes`).toBe(true)
    }
  }
  // Fibonacci's counts make the longest codes of all
  const skewed = [1, 1]
  while (skewed.length < 22) skewed.push(skewed.at(-1)! + skewed.at(-2)!)
  const data = Uint8Array.from(skewed.flatMap((count, symbol) => Array(count).fill((symbol * 91) % 256)))
  const mixed = data.map((_, at) => data[(at * 7919) % data.length]!)
  const out = new Uint8Array(deflatedBytes(mixed.length))
  expect(inflateSync(out.subarray(0, kernel.deflate(mixed, out))).equals(mixed)).toBe(true)
})

test('recolouring does not modify the original', () => {
  const png = indexedPng(new Uint8Array(16), 4, 4)
  const before = Buffer.from(png)
  recolour(png, paletteTable('ember'))
  expect(png.equals(before)).toBe(true)
})

test('a buffer for another thread is never a slice of a shared pool', () => {
  const png = indexedPng(new Uint8Array(4), 2, 2)
  expect(png.buffer.byteLength).toBe(png.byteLength)
})

test('webp, avif and jpeg stay close to the original colours', async () => {
  const index = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i >> 6) * 3)
  const png = recolour(indexedPng(index, 64, 64), paletteTable('tidal'))
  const { data: truth } = await pixels(png)
  for (const format of ['webp', 'avif', 'jpg'] as const) {
    const { data, info } = await pixels(await encode(png, format))
    expect([info.width, info.height]).toEqual([64, 64])
    const error = data.reduce((sum, v, i) => sum + (v - truth[i]!) ** 2, 0) / data.length
    expect(10 * Math.log10(255 ** 2 / error), format).toBeGreaterThan(35)
  }
})

test('a large avif is a grid of tiles, each in its place and complete at its borders', async () => {
  // pixels that encode their position: swapped or misplaced tiles differ greatly
  const [width, height] = [2500, 1030]
  const rgb = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      rgb.set([(255 * x) / width, (255 * y) / height, (x + y) & 64 ? 160 : 90], 3 * (y * width + x))
  }
  const avif = await encode({ rgb, width, height }, 'avif', { re: '1.5' })
  expect(Buffer.from(avif).toString('latin1').match(/av01/g)).toHaveLength(6)
  expect(readMetadata(avif, (await sharp(avif).metadata()).xmp?.toString())).toEqual({ re: '1.5' })
  const { data, info } = await pixels(avif)
  expect([info.width, info.height]).toEqual([width, height])
  const off = (x: number, y: number) =>
    Math.max(...[0, 1, 2].map((k) => Math.abs(data[3 * (y * width + x) + k]! - rgb[3 * (y * width + x) + k]!)))
  let [far, all] = [0, 0]
  for (const y of [0, 500, 1022, 1023, 1024, 1025, 1029]) {
    for (let x = 0; x < width; x++, all++) if (off(x, y) > 12) far++
  }
  for (const x of [0, 1023, 1024, 2047, 2048, 2499]) {
    for (let y = 0; y < height; y++, all++) if (off(x, y) > 12) far++
  }
  expect(far / all).toBeLessThan(0.02)
})

test('the largest avif has few enough tiles for libheif, which reads 256 items per file', () => {
  expect([avifTile({ width: 15_000, height: 15_000 }), avifTile({ width: 16_384, height: 16_384 })]).toEqual([
    1024, 2048,
  ])
})

test('an npy header gives type and shape, ends at a multiple of 64, and the numbers follow', () => {
  const file = npy(Float64Array.of(1, 2, 3, 4, 5, 6), 2, 3)
  expect(file.subarray(0, 8)).toEqual(Buffer.from('\x93NUMPY\x01\x00', 'latin1'))
  const length = 10 + file.readUInt16LE(8)
  expect(length % 64).toBe(0)
  expect(file.subarray(10, length).toString('latin1')).toMatch(
    /^\{'descr': '<f8', 'fortran_order': False, 'shape': \(2, 3\), \} *\n$/,
  )
  expect(file.readDoubleLE(length + 5 * 8)).toBe(6)
  expect(file.length).toBe(length + 48)
})

test('a palette is cyclic: no step is a jump, not even from the last colour to the first', () => {
  for (const name of PALETTE_NAMES) {
    const table = paletteTable(name)
    for (let k = 0; k < 255; k++) {
      for (let c = 0; c < 3; c++) {
        const next = table[3 * ((k + 1) % 255) + c]!
        expect(Math.abs(next - table[3 * k + c]!), `${name} at ${k}`).toBeLessThanOrEqual(14)
      }
    }
  }
})

test('paletteColour writes one entry as hex', () => {
  expect(paletteColour('grey', 0)).toBe('#101010')
  expect(paletteColour('grey', 255)).toBe('#000000')
})
