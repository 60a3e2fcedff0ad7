import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { paletteTable } from '../../src/colour/palette.ts'
import { PIXELS } from '../../src/formats/png/chunk.ts'
import { EMPTY, join, pngHead, pngStrip, pngTail } from '../../src/formats/png/strips.ts'
import type { Checksum, PixelKind } from '../../src/kernel/task.ts'

/** Pixels as a PNG in strips of this many rows. */
function whole(pixels: Uint8Array, width: number, height: number, kind: PixelKind, rows: number): Buffer {
  const stride = width * PIXELS[kind].bytes
  const palette = kind === 'index8' ? paletteTable('grey') : undefined
  const pieces: Uint8Array[] = [pngHead(width, height, kind, palette, { zoom: '3' })]
  let sum: Checksum = EMPTY
  for (let top = 0; top < height; top += rows) {
    const strip = pngStrip(pixels.subarray(top * stride, (top + rows) * stride), width, kind)
    sum = join(sum, strip.sum)
    pieces.push(strip.bytes)
  }
  return Buffer.concat([...pieces, pngTail(sum)])
}

/** The data of all chunks of a type. */
function held(png: Buffer, type: string): Buffer {
  const found = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === type) found.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  return Buffer.concat(found)
}

const picture = fc.record({
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 40 }),
  rows: fc.integer({ min: 1, max: 12 }),
  kind: fc.constantFrom<PixelKind>('index8', 'rgb8', 'rgb16'),
  seed: fc.nat(1000),
  smooth: fc.boolean(),
})

test('a PNG written in strips decodes to its input, at any size, with the right checksum', async () => {
  await fc.assert(
    fc.asyncProperty(picture, async ({ width, height, rows, kind, seed, smooth }) => {
      const pixels = Uint8Array.from({ length: width * height * PIXELS[kind].bytes }, (_, k) =>
        smooth ? (k / 7 + seed) & 255 : (k * k * 31 + seed * 17) & 255,
      )
      const png = whole(pixels, width, height, kind, rows)
      // zlib itself rejects a wrong checksum
      expect(inflateSync(held(png, 'IDAT')).length).toBe(height * (1 + width * PIXELS[kind].bytes))
      const decoded = sharp(png).toColourspace(kind === 'rgb16' ? 'rgb16' : 'srgb')
      const { data, info } = await decoded
        .raw({ depth: kind === 'rgb16' ? 'ushort' : 'uchar' })
        .toBuffer({ resolveWithObject: true })
      expect([info.width, info.height, info.channels]).toEqual([width, height, 3])
      const table = paletteTable('grey')
      if (kind === 'index8') {
        expect(data.equals(Buffer.from([...pixels].flatMap((k) => [...table.subarray(3 * k, 3 * k + 3)])))).toBe(true)
      } else if (kind === 'rgb8') expect(data.equals(pixels)).toBe(true)
      else expect(data.swap16().equals(pixels)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('combined checksums of parts equal the checksum of the whole, even for gigabytes', () => {
  // Adler-32 of zeros: a stays 1, b is their number
  const zeros = (length: number): Checksum => ({ adler: (((length % 65_521) << 16) | 1) >>> 0, length })
  expect(join(zeros(3e9), zeros(5e9))).toEqual(zeros(8e9))
  // RFC 1950's sums of "Wikipedia", from its parts
  const sum = (text: string) => {
    let [a, b] = [1, 0]
    for (const byte of Buffer.from(text)) [a, b] = [a + byte, a + byte + b]
    return { adler: ((b << 16) | a) >>> 0, length: text.length }
  }
  expect(join(sum('Wiki'), sum('pedia')).adler).toBe(0x11e60398)
})
