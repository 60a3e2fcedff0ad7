// A tile is the same whatever was rendered before it: the references and iteration limits that a
// dive leaves behind equal those of a fresh server.
import { afterAll, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { imageView, tileAround } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'

const { options } = resolveOptions({ threads: '1', 'cache-bytes': '0' })
const renderers = [new Renderer(options), new Renderer(options)] as const
afterAll(() => Promise.all(renderers.map((renderer) => renderer.close())))

const re = parseDecimal('-0.743643887037158704752191506114774')!
const im = parseDecimal('0.131825904205311970493132056385139')!
// across the hand-over to perturbation, and past the zooms where references get mixed steps
const ZOOMS = Array.from({ length: 14 }, (_, step) => 24 + 5 * step)

test('zooming in tile by tile gives the same bytes as zooming out from a cold start at the deepest tile', async () => {
  const tile = async (renderer: Renderer, zoom: number) => {
    const address = tileAround(imageView(re, im, zoom, 1, 1), zoom, 3)
    const request = { tile: address, size: 32, maxIter: 'auto' } as const
    return Buffer.from((await renderer.tile(request, DEFAULT_APPEARANCE, 'png').find()).bytes)
  }
  const [dive, climb] = renderers
  const down = new Map<number, Buffer>()
  for (const zoom of ZOOMS) down.set(zoom, await tile(dive, zoom))
  expect(dive.renders.orbit).toBeGreaterThan(3)
  for (const zoom of [...ZOOMS].reverse())
    expect((await tile(climb, zoom)).equals(down.get(zoom)!), `zoom ${zoom}`).toBe(true)
})
