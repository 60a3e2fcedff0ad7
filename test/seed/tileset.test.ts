// Which tiles are seeded: areas, metatiles, parts and lists of places, against the plane's geometry
// in integers.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFlags } from '../../src/cli/flag.ts'
import { readTiles, TILE_FLAGS } from '../../src/cli/flags/tiles.ts'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { OPTIONS, type Options } from '../../src/core/options.ts'
import { ROOT } from '../../src/core/package.ts'
import { formatDecimal, parseDecimal, toFixed } from '../../src/plane/decimal.ts'
import { neighbourhood } from '../../src/plane/neighbourhood.ts'
import { isDeep } from '../../src/plane/precision.ts'
import type { TileAddress } from '../../src/plane/tile.ts'
import { tileView } from '../../src/plane/view.ts'
import { readLocations } from '../../src/seed/locations.ts'
import { metatilesOfPlan, planAreas, planLocations } from '../../src/seed/plan.ts'
import { packMetatile, unpackMetatile } from '../../src/seed/queue/codec.ts'
import {
  type Area,
  areaOfBounds,
  areaOfScreen,
  areaOfTile,
  mergedMetatiles,
  metatileOrbit,
  metatilesOf,
  type TileSpec,
  tileCount,
  tilesOf,
} from '../../src/seed/tileset.ts'

const SPEC: TileSpec = { size: 256, maxIter: 'auto', appearance: DEFAULT_APPEARANCE, format: 'png' }
const limits = Object.fromEntries(Object.entries(OPTIONS).map(([name, option]) => [name, option.default])) as Options
const decimal = (text: string) => parseDecimal(text)!
const named = ({ z, x, y }: TileAddress) => `${z}/${x}/${y}`

/** A coordinate that is a multiple of 3/2^20: on the edges of tiles as often as between them. */
const edge = fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((n) => ({
  text: formatDecimal({ digits: (3n * BigInt(n) * 10n ** 20n) / 2n ** 20n, scale: 20 }),
  n,
}))

test('bounds select the tiles whose interior they meet, and no others', () => {
  fc.assert(
    fc.property(edge, edge, edge, edge, fc.integer({ min: 0, max: 6 }), (re0, im0, re1, im1, z) => {
      const area = areaOfBounds(
        { re: decimal(re0.text), im: decimal(im0.text) },
        { re: decimal(re1.text), im: decimal(im1.text) },
        z,
      )
      const got = area ? [...metatilesOf(area, SPEC)].flatMap(tilesOf).map(named).sort() : []
      // in units of 2^-22: a tile is 3 · 2^(22 - z) of them wide
      const unit = 2n ** 22n
      const side = 3n * (unit >> BigInt(z))
      const place = ({ text }: { text: string }) => {
        const { digits, scale } = decimal(text)
        return { over: digits * unit, under: 10n ** BigInt(scale) }
      }
      const below = (a: { over: bigint; under: bigint }, whole: bigint) => a.over < whole * a.under
      const above = (a: { over: bigint; under: bigint }, whole: bigint) => a.over > whole * a.under
      const apart = (a: { text: string }, b: { text: string }, low: bigint, high: bigint) => {
        const [p, q] = [place(a), place(b)]
        // both at or beyond the same edge
        return (!above(p, low) && !above(q, low)) || (!below(p, high) && !below(q, high))
      }
      const expected: string[] = []
      if (re0.text !== re1.text && im0.text !== im1.text) {
        for (let x = 0n; x < 2n ** BigInt(z); x++) {
          for (let y = 0n; y < 2n ** BigInt(z); y++) {
            const left = -2n * unit + x * side
            const top = (3n * unit) / 2n - y * side
            if (apart(re0, re1, left, left + side) || apart(im0, im1, top - side, top)) continue
            expected.push(`${z}/${x}/${y}`)
          }
        }
        expect(got).toEqual(expected.sort())
      }
    }),
    { numRuns: 150 },
  )
})

test('a tile selects every tile inside it, and the tile that contains it', () => {
  const tile = { z: 5, x: 11n, y: 30n }
  expect(areaOfTile(tile, 7)).toEqual({ z: 7, x0: 44n, y0: 120n, x1: 47n, y1: 123n })
  expect(areaOfTile(tile, 2)).toEqual({ z: 2, x0: 1n, y0: 3n, x1: 1n, y1: 3n })
})

test('a screen around a place is covered at any depth', () => {
  const { places } = JSON.parse(readFileSync(new URL('bench/data/locations.json', ROOT), 'utf8'))
  const { re, im } = places.find(({ name }: { name: string }) => name === '1e1086_bench')
  for (const z of [3, 40, 900, 3600]) {
    const area = areaOfScreen({ re: decimal(re), im: decimal(im) }, 1920, 1080, z)!
    // in pixels from the left and from the top, by fixed point
    const bits = z + 40
    const whole = (distance: bigint) => ((distance << BigInt(z)) * 256n) / (3n << BigInt(bits))
    const x = toFixed(decimal(re), bits) + (2n << BigInt(bits))
    const y = (3n << BigInt(bits - 1)) - toFixed(decimal(im), bits)
    const last = 2n ** BigInt(z) - 1n
    const tile = (pixel: bigint) => (pixel < 0n ? 0n : pixel / 256n > last ? last : pixel / 256n)
    expect(area).toEqual({
      z,
      x0: tile(whole(x) - 960n),
      y0: tile(whole(y) - 540n),
      x1: tile(whole(x) + 960n),
      y1: tile(whole(y) + 540n),
    })
  }
})

describe('blocks', () => {
  const area = fc
    .tuple(fc.integer({ min: 0, max: 80 }), fc.bigInt(0n, 2n ** 30n), fc.bigInt(0n, 2n ** 30n), fc.nat(70), fc.nat(70))
    .map(([z, x, y, width, height]): Area => {
      const last = 2n ** BigInt(z) - 1n
      const [x0, y0] = [x > last ? last : x, y > last ? last : y]
      const end = (from: bigint, length: number) => (from + BigInt(length) > last ? last : from + BigInt(length))
      return { z, x0, y0, x1: end(x0, width), y1: end(y0, height) }
    })

  test('cover every tile of an area once, and each stays within one neighbourhood', () => {
    fc.assert(
      fc.property(area, (area) => {
        const blocks = [...metatilesOf(area, SPEC)]
        const tiles = blocks.flatMap(tilesOf)
        expect(new Set(tiles.map(named)).size).toBe(Number(tileCount(area)))
        expect(tiles.length).toBe(Number(tileCount(area)))
        for (const { x, y } of tiles) {
          expect(x >= area.x0 && x <= area.x1 && y >= area.y0 && y <= area.y1).toBe(true)
        }
        for (const block of blocks) {
          const orbit = metatileOrbit(block)
          const views = tilesOf(block).map((tile) => tileView(tile, 256))
          if (orbit) expect(new Set(views.map((view) => named(neighbourhood(view))))).toEqual(new Set([named(orbit)]))
          else expect(views.some((view) => isDeep(view))).toBe(false)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('of overlapping areas cover each tile once per iteration limit', () => {
    const one: Area = { z: 9, x0: 3n, y0: 5n, x1: 40n, y1: 20n }
    const other: Area = { z: 9, x0: 30n, y0: 1n, x1: 60n, y1: 9n }
    const count = (blocks: ReturnType<typeof mergedMetatiles>) => blocks.flatMap(tilesOf).length
    const same = mergedMetatiles([
      { area: one, spec: SPEC },
      { area: other, spec: { ...SPEC, appearance: { ...DEFAULT_APPEARANCE, palette: 'grey' } } },
    ])
    // 11 columns and 5 rows are in both; one cached PNG serves every palette
    expect(count(same)).toBe(38 * 16 + 31 * 9 - 11 * 5)
    expect(new Set(same.flatMap(tilesOf).map(named)).size).toBe(count(same))
    const apart = mergedMetatiles([
      { area: one, spec: SPEC },
      { area: other, spec: { ...SPEC, maxIter: 500 } },
    ])
    expect(count(apart)).toBe(38 * 16 + 31 * 9)
  })

  test('survive a round trip through JSON', () => {
    const x0 = 2n ** 3000n / 7n
    const [block] = metatilesOf({ z: 3001, x0, y0: 5n, x1: x0 + 3n, y1: 9n }, { ...SPEC, maxIter: 700, format: 'webp' })
    expect(unpackMetatile(JSON.parse(JSON.stringify(packMetatile(block!))))).toEqual(block)
  })
})

test('parts split the plan about evenly, and no two parts need the same orbit', () => {
  const shallow: Area[] = [4, 7, 8].map((z) => areaOfTile({ z: 0, x: 0n, y: 0n }, z))
  const deep: Area = { z: 66, x0: 2n ** 60n, y0: 2n ** 61n, x1: 2n ** 60n + 99n, y1: 2n ** 61n + 99n }
  const layers = planAreas([...shallow, deep], SPEC)
  const all = [...metatilesOfPlan(layers)].flatMap(tilesOf).map(named)
  expect(all.length).toBe(4 ** 4 + 4 ** 7 + 4 ** 8 + 100 ** 2)
  const parts = [0, 1, 2].map((index) => [...metatilesOfPlan(layers, { index, of: 3 })])
  expect(parts.flatMap((blocks) => blocks.flatMap(tilesOf).map(named)).sort()).toEqual(all.sort())
  const homes = parts.map((blocks) => new Set(blocks.flatMap((block) => metatileOrbit(block) ?? []).map(named)))
  const needed = layers.at(-1)!.orbits!.count
  expect(homes.reduce((sum, { size }) => sum + size, 0)).toBe(needed)
  for (const blocks of parts) {
    const share = blocks.filter(({ z }) => z < 66).flatMap(tilesOf).length / (all.length - 100 ** 2)
    expect(Math.abs(share - 1 / 3)).toBeLessThan(0.01)
  }
})

test('a sample takes tiles from the plan, at most one per cell, and a small layer whole', () => {
  const random = () => 0.999_999
  const [small, large] = planAreas([areaOfTile({ z: 0, x: 0n, y: 0n }, 1), areaOfTile({ z: 0, x: 0n, y: 0n }, 9)], SPEC)
  expect(small!.sample(4, random).map(({ tile }) => named(tile))).toEqual(['1/0/0', '1/1/0', '1/0/1', '1/1/1'])
  const picked = large!.sample(100, random).map(({ tile }) => named(tile))
  expect(new Set(picked).size).toBe(100)
  expect(picked.at(-1)).toBe('9/511/511')
  const place = { area: { z: 40, x0: 5n, y0: 5n, x1: 14n, y1: 14n }, spec: SPEC }
  expect(planLocations([place, place])[0]!.sample(10, random).length).toBe(10)
})

describe('a list of places', () => {
  const read = (text: string, name = 'list') => readLocations(name, text, limits)

  test('can be JSON, bookmarks, links, zoom/re/im, or a location file', () => {
    const gallery = readFileSync(new URL('src/web/gallery/places.json', ROOT), 'utf8')
    const places = read(gallery)
    expect(places.length).toBe(JSON.parse(gallery).length)
    expect(places.find(({ parameters }) => parameters.density === '4')).toBeDefined()
    const link = '#40/-1.25/0.25&palette=ember&iter=5000'
    const expected = {
      re: decimal('-1.25'),
      im: decimal('0.25'),
      zoom: 40,
      parameters: { palette: 'ember', max_iter: '5000' },
    }
    expect(read(`https://example.org/${link}\r\n\r\n${link}\n`)).toEqual([expected, expected])
    expect(read(JSON.stringify({ mandeltiles: 'bookmarks', bookmarks: [{ name: 'a', link, picture: '' }] }))).toEqual([
      expected,
    ])
    expect(read('9/-1/0')).toEqual([{ re: decimal('-1'), im: decimal('0'), zoom: 9, parameters: {} }])
    expect(read('Re: -1\nIm: 0\nZoom: 1e6\nIterations: 900', 'a.kfr')).toMatchObject([
      { parameters: { max_iter: '900' } },
    ])
  })

  test('is refused if it cannot be parsed, with the line number and the reason', () => {
    for (const [text, message] of [
      ['', 'list must be a file with at least one location'],
      ['9/-1/0\n9/-1', 'list, line 2, must be a link of the map, or zoom/re/im, it was "9/-1"'],
      ['9/-1/x', 'list, line 1, im must be a decimal number'],
      ['99999/-1/0', 'list, line 1, zoom must be a number from 0 to 10000, it was 99999'],
      ['#9/0/0&julia=0,1', 'list, line 1, must be a location in the Mandelbrot set'],
      ['[{"re": "0", "im": "0"}]', 'list, location 1: zoom must be a number'],
      ['[{', 'list begins like JSON, but is invalid: '],
      ['{"a": 1}', 'list must be a list of locations, or saved bookmarks'],
    ] as const) {
      expect(() => read(text), text).toThrow(message)
    }
  })
})

test('the error for a bad tile selection names the flag', async () => {
  for (const [flags, message] of [
    [{}, '--zooms or --locations must be given to select tiles'],
    [{ zooms: '0-99999' }, '--zooms must be zooms up to 10000, such as 0-8 or 3,10-12, it was "0-99999"'],
    [{ zooms: '0', bounds: '0,0,1' }, '--bounds must be re,im,re,im, two opposite corners, it was "0,0,1"'],
    [{ zooms: '0', bounds: '0,0,1,x' }, 'each of --bounds must be a decimal number'],
    [{ zooms: '0', bounds: '2,2,3,3' }, '--bounds must be two corners of an area that overlaps re from -2 to 1'],
    [{ zooms: '0', tile: '1/2/0' }, '--tile must be z/x/y with z at most 10000, x and y below 2^z, it was "1/2/0"'],
    [{ zooms: '0', tile: '1/0/0', bounds: '0,0,1,1' }, 'only one of --bounds and --tile may be given'],
    [{ zooms: '0', part: '3/3' }, '--part must be i/n with i from 0 to n - 1, it was "3/3"'],
    [{ zooms: '0', size: '100' }, '--size must be one of 256, 512, it was "100"'],
    [{ zooms: '0', format: 'gif' }, '--format must be one of png, webp, avif, jpg, it was "gif"'],
    [{ zooms: '0', density: '99' }, '--density must be a number from 0.0625 to 16, it was "99"'],
    [{ zooms: '0', 'max-iter': '0' }, '--max-iter must be a whole number from 1 to'],
    [{ zooms: '25' }, 'the tiles to seed must be at most 1000000000000, it was 1125899906842624'],
  ] as const) {
    const read = async () => readTiles(readFlags(TILE_FLAGS, { ...flags }), limits)
    await expect(read(), JSON.stringify(flags)).rejects.toThrow(message)
  }
})
