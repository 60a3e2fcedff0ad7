// Somebody with write access to a cache below memory has put something else under a key, in a valid
// record. It is neither sent nor decoded: the answer is rendered anew, and the record removed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { IMAGE_FORMATS, PICTURE_FORMATS } from '../../src/formats/format.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import type { Answer, RenderHandle } from '../../src/render/handle.ts'
import { Renderer } from '../../src/render/renderer.ts'

const folder = mkdtempSync(join(tmpdir(), 'forged-'))
let renderer: Renderer
beforeAll(() => {
  renderer = new Renderer(resolveOptions({ threads: '1', 'cache-bytes': '0', 'cache-dir': folder }).options)
})
afterAll(async () => {
  await renderer.close()
  rmSync(folder, { recursive: true })
})

const tile = (size: number, x = 20n) => ({ tile: { z: 6, x, y: 30n }, size, maxIter: 300 })
const place = { re: parseDecimal('-0.5')!, im: parseDecimal('0.6')!, zoom: 3, maxIter: 300 }
const image = (width: number, height: number) => ({ ...place, width, height, appearance: DEFAULT_APPEARANCE })
const shaded = { ...DEFAULT_APPEARANCE, style: 'slopes' } as const

/** Requests, and genuine answers to other requests. */
const ASKED: [what: string, handle: () => RenderHandle, others: () => RenderHandle[]][] = [
  ...PICTURE_FORMATS.map((format): (typeof ASKED)[number] => [
    `a tile as ${format}`,
    () => renderer.tile(tile(256), DEFAULT_APPEARANCE, format),
    () => PICTURE_FORMATS.map((other) => renderer.tile(tile(other === format ? 512 : 256), shaded, other)),
  ]),
  ...PICTURE_FORMATS.map((format): (typeof ASKED)[number] => [
    `a tile in true colour as ${format}`,
    () => renderer.tile(tile(256), shaded, format),
    () => [renderer.tile(tile(512), DEFAULT_APPEARANCE, format)],
  ]),
  ...IMAGE_FORMATS.map((format): (typeof ASKED)[number] => [
    `an image as ${format}`,
    () => renderer.image(image(200, 100), format),
    () => [renderer.image(image(100, 200), format), renderer.image(image(200, 101), format)],
  ]),
  ['levels', () => renderer.levels(image(200, 100)), () => [renderer.image(image(200, 100), 'png')]],
  [
    'islands',
    () => renderer.listed('nucleus', { z: 3, x: 1n, y: 3n }),
    () => [renderer.image(image(200, 100), 'webp')],
  ],
]

/**
 * The answer, once it is in the cache folder too: a late write would overwrite the next forgery.
 */
async function find(handle: RenderHandle): Promise<Answer> {
  let stored: Promise<unknown> | undefined
  const answer = await handle.find({
    onStored: (storing) => {
      stored = storing
    },
  })
  await stored
  return answer
}
const bytesOf = async (handle: RenderHandle) => (await find(handle)).bytes

describe('a forged record', () => {
  test.each(ASKED)('of %s is removed, and the answer is right', async (_what, ask, others) => {
    const right = await bytesOf(ask())
    const wrong = [...(await Promise.all(others().map(bytesOf))), new Uint8Array(0), new Uint8Array(10)]
    wrong.push(
      right.slice(0, 20),
      Uint8Array.from({ length: 5000 }, (_, k) => k),
    )
    const [disk] = renderer.tiers.states
    const before = disk!.requests.damaged
    for (const [at, bytes] of wrong.entries()) {
      const { cacheKey } = ask()
      await renderer.tiers.set(cacheKey, { bytes, limit: 300 })
      const answer = await find(ask())
      expect(answer.cache, `forgery ${at}`).toBe('miss')
      expect(Buffer.compare(answer.bytes, right), `forgery ${at}`).toBe(0)
    }
    expect(disk!.requests.damaged - before).toBe(wrong.length)
  })

  test('with a valid header but wrong pixels is removed', async () => {
    const ask = () => renderer.tile(tile(256, 21n), DEFAULT_APPEARANCE, 'png')
    const right = Buffer.from(await bytesOf(ask()))
    const { cacheKey } = ask()
    const at = right.indexOf('IDAT') - 4
    const withPixels = (stream: Uint8Array, tail: Uint8Array = new Uint8Array(0)) => {
      const data = Buffer.concat([Buffer.from('IDAT'), stream])
      const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
      length.writeUInt32BE(stream.length)
      sum.writeUInt32BE(crc32(data))
      return Buffer.concat([right.subarray(0, at), length, data, sum, tail, right.subarray(-12)])
    }
    const rows = Buffer.alloc(256 * 257)
    // of these only the genuine one is accepted
    const black = withPixels(deflateSync(rows))
    await renderer.tiers.set(cacheKey, { bytes: new Uint8Array(black), limit: 300 })
    expect((await find(ask())).cache).toBe('hit')
    const forged = [
      withPixels(Buffer.from('no zlib stream')),
      withPixels(deflateSync(rows.subarray(257))),
      withPixels(deflateSync(Buffer.alloc(200 * 2 ** 20), { level: 1 })),
      withPixels(deflateSync(Buffer.alloc(rows.length, 9))),
      withPixels(deflateSync(rows), black.subarray(at, -12)),
      Buffer.concat([black.subarray(0, -13), Buffer.from([0]), black.subarray(-12)]),
    ]
    for (const [k, bytes] of forged.entries()) {
      await renderer.tiers.set(cacheKey, { bytes: new Uint8Array(bytes), limit: 300 })
      const answer = await find(ask())
      expect([answer.cache, Buffer.compare(answer.bytes, right)], `forgery ${k}`).toEqual(['miss', 0])
    }
  })
})
