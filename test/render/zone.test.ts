// max_iter=auto: what a zone's views share, what differs where two zones meet, and the result at
// well-known places.
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { phaseAt } from '../../src/colour/phase.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { neighbourhood } from '../../src/plane/neighbourhood.ts'
import { isDeep } from '../../src/plane/precision.ts'
import type { TileAddress } from '../../src/plane/tile.ts'
import { imageView, juliaView, tileAround, tileView, type View } from '../../src/plane/view.ts'
import { prepareView } from '../../src/render/prepare.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { chosenLimit, enough, LOWEST, limitFrom, zoneOf } from '../../src/render/zone.ts'
import { ancestor } from '../ancestor.ts'
import { readNpy } from '../npy.ts'
import { ownTask } from '../task.ts'

// in doubles the limit of a neighbouring zone may exceed a request's cost limit
const { options } = resolveOptions({ threads: '2', 'cache-bytes': '0', 'max-cost': '1e12' })
const renderer = new Renderer(options)
afterAll(() => renderer.close())

interface Place {
  name: string
  re: string
  im: string
  zoom: string
  max_iter: number
}
const { places }: { places: Place[] } = JSON.parse(
  readFileSync(new URL('../../bench/data/locations.json', import.meta.url), 'utf8'),
)

/** The map's zoom at which a place's own picture, 4/zoom high, is 256 pixels. */
function ownZoom({ zoom }: Place): number {
  const [mantissa, exponent = '0'] = zoom.toLowerCase().split('e')
  return Math.log2(Number(mantissa)) + Number(exponent) * Math.log2(10) + Math.log2(3 / 4)
}

const around = ({ re, im }: { re: string; im: string }, z: number): TileAddress =>
  tileAround(imageView(parseDecimal(re)!, parseDecimal(im)!, z, 1, 1), z, 3)

async function counts(tile: TileAddress, maxIter: number | 'auto') {
  const { bytes, limit } = await renderer.numbers({ tile, size: 256, maxIter }, 'npy').find()
  return { nu: readNpy(bytes), limit }
}

/** The share of samples that are black in only one of the two. */
function differing(a: Float64Array, b: Float64Array): number {
  return a.filter((nu, at) => nu < 0 !== b[at]! < 0).length / a.length
}

describe('a zone', () => {
  test('is a tile two or three zooms above the views it serves, in the neighbourhood whose reference they share', () => {
    for (let z = 3; z < 80; z++) {
      const x = BigInt('0x5f3759df5f3759df5f3759df') >> (96n - BigInt(z))
      const tile = { z, x, y: x ^ 1n }
      const zone = zoneOf(tileView(tile, 256), false)
      expect(zone).toEqual(ancestor(tile, z - zone.z))
      expect([2, 3]).toContain(z - zone.z)
      expect(zoneOf(tileView(tile, 512), false)).toEqual(zone)
      expect(zoneOf(juliaView(tile, 256), true)).toEqual(zone)
      const place = neighbourhood(tileView(tile, 256))
      expect(ancestor(zone, zone.z - place.z)).toEqual(place)
    }
  })

  test('has a power of four as its limit: eight times the last escape, or four periods', () => {
    expect(limitFrom(511.5, 0)).toBe(4 ** 6)
    expect(limitFrom(10_000, 0)).toBe(4 ** 9)
    expect(limitFrom(0, 0)).toBe(4 ** 6)
    expect(limitFrom(0, 5000)).toBe(4 ** 8)
  })

  test('has a lower limit where a higher one takes too much work, whatever has escaped by then', () => {
    const level = (power: number, work: number, escaped: number) => ({
      to: 4 ** power,
      work,
      escaped,
      limited: 1024 - escaped,
      limit: 4 ** (power + 1),
    })
    const cheap = [level(6, 3000, 400), level(7, 9000, 600), level(8, 30_000, 610)]
    expect([chosenLimit(cheap, 1), enough(cheap, 4 ** 12, 1), enough(cheap, 4 ** 8, 1)]).toEqual([4 ** 9, false, true])
    const expensive = [...cheap, level(9, 2e6, 900)]
    expect([chosenLimit(expensive, 1), enough(expensive, 4 ** 12, 1)]).toEqual([4 ** 8, true])
    const dense = [level(6, 3000, 0), level(7, 2e6, 29)]
    expect([chosenLimit(dense, 1), enough(dense, 4 ** 12, 1)]).toEqual([4 ** 6, true])
    const dearest = [level(6, 2e6, 0)]
    expect([chosenLimit(dearest, 1), enough(dearest, 4 ** 12, 1)]).toEqual([4 ** 6, true])
    // iterations beyond the probe are assumed to cost as much as those within
    const steep = [...cheap, level(9, 600_000, 900)]
    expect([chosenLimit(steep, 1), enough(steep, 4 ** 12, 1)]).toEqual([4 ** 9, false])
    // black at once if it is black anyway
    const black = [level(6, 0, 0), level(7, 0, 0), level(8, 250_000, 0), level(9, 1.8e6, 29)]
    expect(chosenLimit(black, 1)).toBe(4 ** 6)
    expect(chosenLimit([level(6, 0, 0), level(7, 0, 0), level(8, 250_000, 1), level(9, 1.8e6, 29)], 1)).toBe(4 ** 8)
    // where its views take eight times as long as its grid
    expect([chosenLimit(steep, 8), enough(steep, 4 ** 12, 8)]).toEqual([4 ** 8, true])
  })

  test.each([29, 30, 34])('never costs more than its tiles may, at zoom %i beside a Siegel disc', async (z) => {
    const siegel = { re: '-0.390540870218400050669762600713798', im: '-0.586787907346968751196714643055715' }
    const view = tileView(around(siegel, z), 256)
    expect(await renderer.limits.auto({ view, deep: isDeep(view) }, ownTask())).toBeGreaterThanOrEqual(LOWEST)
  })
})

// beside islands and cusps, where most samples escape late; a border of zones at its zoom runs
// through the middle of each pair
const BORDERS = [
  { name: 'an island of period 3', re: '-1.7549', im: '0', z: 7 },
  { name: 'Feigenbaum’s point', re: '-1.401155189', im: '0', z: 9 },
  { name: 'the elephants', re: '0.2501', im: '0.0001', z: 13 },
  { name: 'the seahorses', re: '-0.7436438', im: '0.1318259', z: 18 },
  { name: 'spirals', re: '-1.759817130804847813610825', im: '-0.012593310799749865383746', z: 46 },
  { name: 'spirals in the seahorse valley', re: '-0.7436438870371587', im: '0.1318259042053119', z: 35 },
]

describe('pictures agree', () => {
  // black samples may differ by no more than this between limits; render/zone.ts has the
  // measurements
  const SEAM = 0.0025

  test.each(BORDERS)('where zones meet: $name', async ({ re, im, z }) => {
    const { x, y } = around({ re, im }, z)
    const border = x - (x % 8n)
    const tiles = [border - 1n, border].map((x) => ({ z, x, y }))
    const [left, right] = await Promise.all(tiles.map((tile) => counts(tile, 'auto')))
    const again = await Promise.all([counts(tiles[0]!, right!.limit), counts(tiles[1]!, left!.limit)])
    expect(differing(left!.nu, again[0]!.nu)).toBeLessThanOrEqual(SEAM)
    expect(differing(right!.nu, again[1]!.nu)).toBeLessThanOrEqual(SEAM)
  })

  test.each(BORDERS)('from zoom to zoom: $name', async ({ re, im, z }) => {
    for (const zoom of [z, z + 1, z + 2]) {
      const here = await counts(around({ re, im }, zoom), 'auto')
      const above = (await counts(around({ re, im }, zoom - 1), 'auto')).limit
      const asAbove = await counts(around({ re, im }, zoom), above)
      expect(differing(here.nu, asAbove.nu)).toBeLessThanOrEqual(SEAM)
    }
  })

  test('within a zone exactly: its tiles of both zooms and a picture share one limit', async () => {
    const { x, y } = around({ re: '-0.7436438', im: '0.1318259' }, 15)
    const first = { x: x - (x % 4n), y: y - (y % 4n) }
    const tiles = [0n, 1n, 3n].flatMap((i) => [
      { z: 15, x: first.x + i, y: first.y + 3n - i },
      { z: 16, x: 2n * first.x + 2n * i, y: 2n * first.y + i },
    ])
    const limits = await Promise.all(tiles.map(async (tile) => (await counts(tile, 'auto')).limit))
    const view = { ...tileView(tiles[0]!, 256) }
    expect(new Set([...limits, await renderer.limits.auto({ view, deep: isDeep(view) }, ownTask())]).size).toBe(1)
  })

  test('whatever was requested before', async () => {
    const tile = around({ re: '-1.7549', im: '0' }, 8)
    const other = new Renderer(options)
    await other.numbers({ tile: ancestor(tile, 1), size: 512, maxIter: 100_000 }, 'npy').find()
    await other.numbers({ tile: ancestor(tile, 3), size: 256, maxIter: 'auto' }, 'npy').find()
    const { bytes } = await other.numbers({ tile, size: 256, maxIter: 'auto' }, 'npy').find()
    expect(
      Buffer.from(bytes).equals(
        Buffer.from((await renderer.numbers({ tile, size: 256, maxIter: 'auto' }, 'npy').find()).bytes),
      ),
    ).toBe(true)
    await other.close()
  })
})

describe('by default a well-known place shows', () => {
  // super_dense costs more than a request may; deadline.test.ts has it
  const shown = places.filter(({ name }) => name !== 'super_dense')

  /** Counts of a place's own picture: `stride` of its 256 pixels from one sample to the next. */
  const view = ({ re, im, ...place }: Place, samples: number, stride: number): View =>
    imageView(parseDecimal(re)!, parseDecimal(im)!, ownZoom({ re, im, ...place }) - Math.log2(stride), samples, samples)

  async function render(place: Place, view: View, maxIter: number | 'auto'): Promise<Float64Array> {
    const zoom = ownZoom(place)
    const spec = { view, deep: isDeep(view), zoom, perPixel: 1, maxIter, appearance: DEFAULT_APPEARANCE }
    const { orbit, ...task } = await prepareView(renderer, spec, 'float64', ownTask())
    const { bytes } = await renderer.orbits.use(orbit, ownTask(), (reference) =>
      renderer.pool.run('view', { ...task, reference }, ownTask()),
    )
    return new Float64Array(bytes.buffer)
  }

  test.each(shown)('what its listed limit shows: $name', async (place) => {
    const whole = view(place, 32, 8)
    const [auto, listed] = [await render(place, whole, 'auto'), await render(place, whole, place.max_iter)]
    // a sample or two may escape between the two limits
    expect(auto.filter((nu, at) => nu < 0 !== listed[at]! < 0).length).toBeLessThanOrEqual(1)
    // if both escaped, it is after the same iterations
    expect(auto.filter((nu, at) => nu >= 0 && listed[at]! >= 0 && nu !== listed[at]!)).toEqual(new Float64Array(0))

    // neither flat: many steps of colour; nor noise: from pixel to pixel less than a quarter of a
    // cycle, nearly everywhere
    const { density, bias, offset } = phaseAt(ownZoom(place))
    const indices = (nu: Float64Array) => {
      const index = new Uint8Array(nu.length)
      kernel.paletteIndices(nu, density, bias, offset, index)
      return index
    }
    expect(new Set(indices(auto)).size).toBeGreaterThan(40)
    const size = 64
    const close = indices(await render(place, view(place, size, 1), 'auto'))
    const jumps = close.filter((step, at) => {
      if (at % size === 0) return false
      const apart = Math.abs(step - close[at - 1]!)
      return Math.min(apart, 255 - apart) > 64
    })
    expect(jumps.length / close.length).toBeLessThan(0.25)
  })
})
