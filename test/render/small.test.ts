// Images of at most so many bytes: previews of links.
import { afterAll, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { Renderer } from '../../src/render/renderer.ts'

const renderer = new Renderer(resolveOptions({ threads: '1' }).options)
afterAll(() => renderer.close())

const request = {
  re: parseDecimal('-0.7436')!,
  im: parseDecimal('0.1318')!,
  zoom: 9,
  width: 300,
  height: 200,
  maxIter: 300,
  appearance: DEFAULT_APPEARANCE,
} as const

test('an image of at most so many bytes is encoded once, and then comes from the cache', async () => {
  const whole = await renderer.image(request, 'webp').find()
  const most = Math.round(whole.bytes.length / 2)
  const small = await renderer.image(request, 'webp', { maxBytes: most }).find()
  expect(small.bytes.length).toBeLessThanOrEqual(most)
  const again = await renderer.image(request, 'webp', { maxBytes: most }).find()
  expect(again.cache).toBe('hit')
  expect(again.bytes).toBe(small.bytes)
  // and what fits stays as it is, under a name of its own
  const fits = renderer.image(request, 'webp', { maxBytes: 2 * whole.bytes.length })
  expect((await fits.find()).bytes).toEqual(whole.bytes)
  expect(fits.etag).not.toBe(renderer.image(request, 'webp').etag)
})
