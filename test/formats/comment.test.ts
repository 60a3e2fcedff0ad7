// Images as Kalles Fraktaler saves them, with the .kfr in their comment.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { readComment } from '../../src/formats/comment.ts'
import { chunk } from '../../src/formats/png/chunk.ts'

const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-comment-'))
afterAll(() => rmSync(folder, { recursive: true }))

const KFR = `Re: -0.75\r\nIm: 0.1\r\nZoom: 1E5\r\nColors: ${'1,2,3,'.repeat(20_000)}\r\nImagPointsUp: 1\r\n`
const image = sharp({ create: { width: 9, height: 7, channels: 3, background: '#246' } })
const save = (name: string, bytes: Uint8Array) => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

test('the example file still has its comment', async () => {
  const path = fileURLToPath(new URL('files/png-with-kfr-comment.png', import.meta.url))
  expect(await readComment(path)).toBe('Re: -0.75\r\nIm: 0.1\r\nZoom: 1E5\r\nIterations: 1000\r\nImagPointsUp: 1\r\n')
})

test.each([
  ['tEXt', Buffer.from(`Comment\0${KFR}`, 'latin1')],
  ['tEXt', Buffer.from(`comment\0${KFR}`, 'latin1')],
  ['zTXt', Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(KFR)])],
  ['iTXt', Buffer.from(`Comment\0\0\0en\0\0${KFR}`)],
  ['iTXt', Buffer.concat([Buffer.from('Comment\0\x01\0\0\0'), deflateSync(KFR)])],
])('a PNG has the comment in a %s chunk, before or after its pixels', async (type, data) => {
  const png = await image.clone().png().toBuffer()
  const [header, end] = [8 + 25, png.length - 12]
  const other = chunk('tEXt', Buffer.from('Author\0Comment\0nobody'))
  for (const at of [header, end]) {
    const path = save('a.png', Buffer.concat([png.subarray(0, at), other, chunk(type, data), png.subarray(at)]))
    expect(await readComment(path)).toBe(KFR)
  }
})

test('a JPEG has the comment in segments of 64 KB', async () => {
  const jpeg = await image.clone().jpeg().toBuffer()
  const segments = Buffer.from(KFR, 'latin1')
  const parts = [segments.subarray(0, 65_533), segments.subarray(65_533)].map((part) => {
    const head = Buffer.from([0xff, 0xfe, 0, 0])
    head.writeUInt16BE(part.length + 2, 2)
    return Buffer.concat([head, part])
  })
  const path = save('a.jpg', Buffer.concat([jpeg.subarray(0, 2), ...parts, jpeg.subarray(2)]))
  expect(await readComment(path)).toBe(KFR)
})

test.each([true, false])('a TIFF has the comment in its description (little endian: %j)', async (little) => {
  const text = Buffer.from(`${KFR}\0`, 'latin1')
  const u16 = (value: number) => (little ? [value & 255, value >> 8] : [value >> 8, value & 255])
  const u32 = (value: number) => {
    const bytes = [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24]
    return little ? bytes : bytes.reverse()
  }
  // the text, then a directory with its width before and its length after
  const entries = [
    [...u16(256), ...u16(4), ...u32(1), ...u32(9)],
    [...u16(270), ...u16(2), ...u32(text.length), ...u32(8)],
    [...u16(257), ...u16(4), ...u32(1), ...u32(7)],
  ]
  const directory = Buffer.from([...u16(entries.length), ...entries.flat(), ...u32(0)])
  const head = Buffer.from([...Buffer.from(little ? 'II' : 'MM'), ...u16(42), ...u32(8 + text.length)])
  expect(await readComment(save('a.tif', Buffer.concat([head, text, directory])))).toBe(KFR)
})

test('images without a comment, truncated images and other files give none', async () => {
  const encoded = [image.clone().png(), image.clone().jpeg(), image.clone().tiff(), image.clone().webp()]
  for (const [k, format] of encoded.entries()) {
    const bytes = await format.toBuffer()
    expect(await readComment(save(`none-${k}`, bytes)), `format ${k}`).toBeUndefined()
    for (const length of [0, 1, 7, 9, 20, 40, bytes.length - 3]) {
      expect(await readComment(save('cut', bytes.subarray(0, length))), `format ${k}, ${length}`).toBeUndefined()
    }
  }
  const broken = chunk('zTXt', Buffer.from('Comment\0\0nothing that inflates'))
  const png = await image.clone().png().toBuffer()
  const path = save('broken.png', Buffer.concat([png.subarray(0, 33), broken, png.subarray(33)]))
  expect(await readComment(path)).toBeUndefined()
})
