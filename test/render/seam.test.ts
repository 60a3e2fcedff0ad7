// Past double precision, against integer arithmetic that shares no code with the kernels: z <- z^2
// + c in bigint fixed point.
import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { neighbourhood, offsetFrom } from '../../src/plane/neighbourhood.ts'
import { ESCAPE_RADIUS } from '../../src/plane/precision.ts'
import { imageView, tileAround, tileView } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { readNpy } from '../npy.ts'
import { ownTask } from '../task.ts'

const { options } = resolveOptions({ threads: '2' })
const renderer = new Renderer(options)
afterAll(() => renderer.close())

describe('two tiles with different references show no seam at the border of their neighbourhoods', () => {
  const SPIRAL = {
    re: '-1.759817130804847813610825010561798238243999999999999999999800',
    im: '-0.012593310799749865383746631843264858450340000000000000000000',
  }
  const listed = (name: string) => {
    const { places }: { places: { name: string; re: string; im: string }[] } = JSON.parse(
      readFileSync(new URL('../../bench/data/locations.json', import.meta.url), 'utf8'),
    )
    return places.find((place) => place.name === name)!
  }
  // the first zooms that a neighbourhood serves, so that a border is near the place
  const BORDERS = [
    { name: 'the spiral at 1e14', ...SPIRAL, z: 48, limit: 6000 },
    { ...listed('floral_fantasy'), z: 276, limit: 12_000 },
    // past the range of doubles
    { ...listed('1e1086_bench'), z: 1107, limit: 60_000 },
    { ...listed('4e533_bench'), z: 1692, limit: 120_000 },
  ]

  /**
   * Two adjacent tiles near a place, in different neighbourhoods, with different references.
   */
  async function meeting({ re, im, z, limit }: (typeof BORDERS)[number]) {
    const { x: beside, y } = tileAround(imageView(parseDecimal(re)!, parseDecimal(im)!, z, 1, 1), z, 3)
    const across = BigInt(z - neighbourhood(tileView({ z, x: beside, y }, 256)).z)
    // to the nearer border
    const x = ((beside + (1n << (across - 1n))) >> across) << across
    const addresses = [x - 1n, x].map((x) => ({ z, x, y }))
    const tiles = addresses.map((address) => tileView(address, 256))
    const references = await Promise.all(tiles.map((view) => renderer.orbits.get(view, limit, ownTask())))
    const points = references.map(({ point }) => point)
    expect(points[0]).not.toEqual(points[1])
    return { x, y, addresses, tiles, references }
  }

  test.each(BORDERS)('in their counts, at $name', async (border) => {
    const { addresses, tiles, references } = await meeting(border)
    const answers = addresses.map((tile) => renderer.numbers({ tile, size: 256, maxIter: border.limit }, 'npy').find())
    const own = (await Promise.all(answers)).map(({ bytes }) => readNpy(bytes))
    // the place is not uniform
    expect(new Set(own[0]!.map(Math.round)).size).toBeGreaterThan(5)
    // the columns beside the border again, with the other side's reference
    for (const [side, first] of [
      [0, 248],
      [1, 0],
    ] as const) {
      const view = tiles[side]!
      const strip = { ...view, re: view.re + BigInt(first) * view.columnStep.re, width: 8 }
      const { reference, point } = references[1 - side]!
      const nu = new Float64Array(8 * 256)
      kernel.deep(
        {
          reference,
          ...offsetFrom(point, strip),
          width: 8,
          height: 256,
          maxIter: border.limit,
          escapeRadius: ESCAPE_RADIUS,
        },
        nu,
      )
      const off = nu.filter(
        (value, at) => Math.abs(value - own[side]![256 * Math.floor(at / 8) + first + (at % 8)]!) > 0.01,
      )
      expect(off.length / nu.length).toBeLessThanOrEqual(0.005)
    }
  })

  test.each(BORDERS.slice(-1))('at $name, in relief', async (border) => {
    const { x, y, addresses, references } = await meeting(border)
    const { z, limit } = border
    const appearance = { ...DEFAULT_APPEARANCE, style: 'slopes' } as const
    // a picture that covers both, and lies with its centre, eight pixels beside the border, in the
    // left one's neighbourhood
    const half = 5n ** BigInt(z)
    const wide = {
      re: { digits: (3n * (32n * x - 1n) - (64n << BigInt(z))) * half * 5n ** 5n, scale: z + 5 },
      im: { digits: ((3n << BigInt(z)) - 3n * (2n * y + 1n)) * half * 5n, scale: z + 1 },
      zoom: z,
      width: 512,
      height: 256,
    }
    const view = imageView(wide.re, wide.im, z, 512, 256)
    const { point } = await renderer.orbits.get(view, limit, ownTask())
    expect(point).not.toEqual(references[1]!.point)
    const both = await pixels(renderer.image({ ...wide, maxIter: limit, appearance }, 'png').find())
    for (const side of [0, 1]) {
      const tile = await pixels(
        renderer.tile({ tile: addresses[side]!, size: 256, maxIter: limit }, appearance, 'png').find(),
      )
      let [off, all] = [0, 0]
      for (let at = 0; at < 256 ** 2; at++) {
        const column = (at % 256) + 256 * side + 8
        if (column >= 512) continue
        const there = 3 * (512 * Math.floor(at / 256) + column)
        all++
        if ([0, 1, 2].some((c) => Math.abs(tile[3 * at + c]! - both[there + c]!) > 3)) off++
      }
      expect(off / all).toBeLessThanOrEqual(0.005)
    }
  })
})

async function pixels(answer: { bytes: Uint8Array } | Promise<{ bytes: Uint8Array }>): Promise<Buffer> {
  return sharp((await answer).bytes)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer()
}
