// If a place's counts are nearly equal, their colours are stretched without seams.
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { readAppearance } from '../../src/colour/appearance.ts'
import { aroundOf, moreAt } from '../../src/colour/contrast.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { fromFixed, parseDecimal } from '../../src/plane/decimal.ts'
import { LEFT, SPAN, TOP } from '../../src/plane/tile.ts'
import { imageView, tileAround } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'

const renderers = ['2', '1'].map(
  (threads) => new Renderer(resolveOptions({ threads, ...(threads === '1' && { 'sample-cache-bytes': '0' }) }).options),
) as [Renderer, Renderer]
const [renderer, other] = renderers
afterAll(() => Promise.all(renderers.map((renderer) => renderer.close())))

// filaments beside the seahorses' island, and the corner of a zone there: a zone is four tiles wide
const Z = 30
const [re, im] = ['-0.743643887037151', '0.131825904205330'].map((text) => parseDecimal(text)!) as [never, never]
const beside = tileAround(imageView(re, im, Z, 1, 1), Z, SPAN)
const corner = { x: (beside.x >> 2n) << 2n, y: (beside.y >> 2n) << 2n }
// red rises with the step of the palette, and starts again after a cycle
const RISING = { gradient: '000000@0,ffffff@0.999' }

const red = async (bytes: Uint8Array) => {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, at: (x: number, y: number) => data[3 * (y * info.width + x)]! }
}

async function tile(x: bigint, y: bigint, text: Record<string, string> = {}, by = renderer) {
  const request = { tile: { z: Z, x, y }, size: 256, maxIter: 20_000 } as const
  return (await by.tile(request, readAppearance({ ...RISING, ...text }), 'png').find()).bytes
}

test('filaments of nearly equal counts get twice as many colours as by the zoom rule', async () => {
  const steps = async (contrast: string) => {
    const picture = await red(await tile(beside.x, beside.y, { contrast }))
    const counts = new Array(256).fill(0)
    for (let k = 0; k < 256 ** 2; k++) counts[picture.at(k % 256, k >> 8)]++
    // how many steps most pixels have
    counts.sort((a, b) => b - a)
    let [most, rest] = [0, 0.9 * 256 ** 2]
    for (; rest > 0; most++) rest -= counts[most]
    return most
  }
  expect(await steps('place')).toBeGreaterThan(2 * (await steps('zoom')))
})

test('an image across a corner of zones matches the tiles of all four, without a seam', async () => {
  const bits = Z + 4
  const unit = 1n << 4n
  const side = BigInt(SPAN) * unit
  const where = {
    re: fromFixed((BigInt(LEFT) << BigInt(bits)) + corner.x * side, bits, 60),
    im: fromFixed((BigInt(2 * TOP) << BigInt(bits)) / 2n - corner.y * side, bits, 60),
  }
  const request = {
    re: parseDecimal(where.re)!,
    im: parseDecimal(where.im)!,
    zoom: Z,
    width: 256,
    height: 256,
    maxIter: 20_000,
    appearance: readAppearance(RISING),
  }
  const image = await red((await renderer.image(request, 'png').find()).bytes)
  const tiles = await Promise.all(
    [0n, 1n, 2n, 3n].map(async (k) => red(await tile(corner.x - 1n + (k & 1n), corner.y - 1n + (k >> 1n)))),
  )
  let different = 0
  for (let y = 0; y < 256; y++) {
    for (let x = 0; x < 256; x++) {
      const of = tiles[2 * (y >> 7) + (x >> 7)]!
      if (of.at((x + 128) & 255, (y + 128) & 255) !== image.at(x, y)) different++
    }
  }
  // one sample in 500 lies so near the set that another reference orbit gives another count
  expect(different).toBeLessThan(256 ** 2 / 200)
  // a step across the border is no larger than elsewhere
  const step = (x: number) => {
    const all = Array.from({ length: 256 }, (_, y) => Math.abs(image.at(x, y) - image.at(x - 1, y)))
    return all.sort((a, b) => a - b)[128]!
  }
  const steps = Array.from({ length: 64 }, (_, k) => step(128 - 32 + k))
  expect(step(128)).toBeLessThanOrEqual(Math.max(...steps.toSpliced(32, 1)))
})

test('cached samples in another density have the colours of a fresh tile', async () => {
  await tile(beside.x, beside.y, { density: '3' })
  const again = await tile(beside.x, beside.y, { density: '2' })
  expect(Buffer.from(again)).toEqual(Buffer.from(await tile(beside.x, beside.y, { density: '2' }, other)))
})

test('areas of many cycles and bare skies are left unchanged', () => {
  const spirals = Array.from({ length: 256 }, (_, k) => 500 + 40 * k)
  expect(moreAt(aroundOf(spirals)!, 0.8)).toBe(0)
  expect(aroundOf(Array.from({ length: 256 }, (_, k) => 2 + k / 100))).toBeUndefined()
  expect(aroundOf(new Array(256).fill(-1))).toBeUndefined()
})
