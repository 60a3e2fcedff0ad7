import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDecimal, toFixed } from '../../../src/plane/decimal.ts'
import { formatLink, LinkError, parseLink, type ServerBounds } from '../../../src/web/state/permalink.ts'
import { coordinates, digitsAt, FRACTION, magnification, PIXEL, placeAt } from '../../../src/web/state/place.ts'
import { juliaPlane } from '../../../src/web/state/plane.ts'

const bounds: ServerBounds = {
  maxZoom: 10_000,
  juliaMaxZoom: 40,
  limit: { min: 1, max: 1_000_000 },
}
const LOOK = { palette: 'tidal', offsetSteps: 0, density: 1, aa: 1, style: 'smooth', limit: 'auto' } as const

describe('a place', () => {
  test('changes by less than an eighth of a pixel when it is written and read again', () => {
    const places = fc.integer({ min: 0, max: 2000 }).chain((zoom) =>
      fc.record({
        zoom: fc.constant(zoom),
        x: fc.bigInt({ min: 0n, max: 1n << BigInt(zoom + FRACTION) }),
        y: fc.bigInt({ min: 0n, max: 1n << BigInt(zoom + FRACTION) }),
      }),
    )
    fc.assert(
      fc.property(places, (place) => {
        const { re, im } = coordinates(place)
        const back = placeAt(parseDecimal(re)!, parseDecimal(im)!, place.zoom)
        const eighth = 1n << BigInt(FRACTION - 8 - 3)
        for (const axis of ['x', 'y'] as const) {
          const error = back[axis] - place[axis]
          expect(error < eighth && -error < eighth).toBe(true)
        }
        // once written, it does not change again
        expect(coordinates(back)).toEqual({ re, im })
      }),
    )
  })

  test('of known coordinates maps to the known point of the pyramid', () => {
    // re -0.5 is half way across, im 0.75 a quarter of the way down
    const half = parseDecimal('-0.5')!
    const quarter = parseDecimal('0.75')!
    for (const zoom of [0, 10, 1000]) {
      const side = 1n << BigInt(zoom + FRACTION)
      expect(placeAt(half, quarter, zoom)).toEqual({ zoom, x: side / 2n, y: side / 4n })
    }
  })

  test('has as many digits as its zoom needs, and no more', () => {
    for (const zoom of [0, 40, 1000, 10_000]) {
      // an eighth of a pixel is 3 / 2^(zoom + 11); in units of 2^-(zoom + 64) that is 3 · 2^53
      const last = toFixed({ digits: 1n, scale: digitsAt(zoom) }, zoom + 64)
      expect(last < 3n << 53n).toBe(true)
      expect(last * 10n >= 3n << 53n).toBe(true)
    }
  })

  test('states its magnification as a power of ten that does not overflow', () => {
    expect(magnification(0)).toEqual({ mantissa: '1.0', exponent: 0 })
    expect(magnification(10)).toEqual({ mantissa: '1.0', exponent: 3 })
    expect(magnification(5000)).toEqual({ mantissa: '1.4', exponent: 1505 })
  })
})

describe('a link', () => {
  test('restores the place and the appearance it was made from', () => {
    const place = placeAt(parseDecimal('-1.25')!, parseDecimal('0.0625')!, 60)
    for (const appearance of [
      LOOK,
      { ...LOOK, palette: 'grey', limit: 5000 },
      { ...LOOK, offsetSteps: 200, density: 0.125 },
      { ...LOOK, gradient: '0a1128@0,6fb7dd@0.32,fbf6e6@0.5;set=040506' },
      { ...LOOK, style: 'distance' },
      { ...LOOK, style: 'slopes', light: 40 },
    ] as const) {
      const read = parseLink(formatLink(place, appearance), bounds)
      expect(read.place).toEqual(place)
      // a custom gradient replaces the palette
      expect({ ...LOOK, ...read.appearance }).toEqual(appearance)
    }
  })

  test('of a Julia set names its parameter, and counts from its own corner', () => {
    const julia = { re: '-0.8', im: '0.156' }
    const link = formatLink(placeAt(parseDecimal('1.5')!, parseDecimal('-2')!, 9, juliaPlane(julia)), LOOK, julia)
    expect(link).toBe('#9/1.5/-2&julia=-0.8,0.156&palette=tidal')
    const read = parseLink(link, bounds)
    expect(read.julia).toEqual(julia)
    // 1.5 is seven eighths across the square from -2 to 2, and -2 its lower side
    expect(read.place).toEqual({ zoom: 9, x: (7n << BigInt(9 + FRACTION)) / 8n, y: 1n << BigInt(9 + FRACTION) })
  })

  test('may leave out any part', () => {
    expect(parseLink('', bounds)).toEqual({ appearance: {}, problems: [] })
    expect(parseLink('#', bounds)).toEqual({ appearance: {}, problems: [] })
    expect(parseLink('#&palette=grey', bounds)).toEqual({ appearance: { palette: 'grey' }, problems: [] })
    expect(parseLink('#3/-0.5/0', bounds).place?.zoom).toBe(3)
  })

  test('that leads outside is clamped to the border', () => {
    expect(coordinates(parseLink('#3/900/-900', bounds).place!)).toEqual({ re: '1', im: '-1.5' })
  })

  test.each([
    '#nonsense',
    '#3/0',
    '#3/0/0/0',
    '#-1/0/0',
    '#3.5.1/0/0',
    '#3.123/0/0',
    '#3/NaN/0',
    '#3/0x10/0',
    '#3/1e99999/0',
    '#10001/0/0',
    '#3/0/0&julia=1',
    '#3/0/0&julia=1,two',
    '#41/0/0&julia=0,0',
  ])('that cannot be followed is refused with a message: %s', (link) => {
    expect(() => parseLink(link, bounds)).toThrow(LinkError)
  })

  test.each([
    ['palette=nacre', /^palette must be one of/],
    ['palette=%E0%A4%A', /^palette must be one of/],
    ['iter=0', /^iter must be a whole number from 1 to 1000000, it was "0"/],
    ['iter=1e3', /^iter must be/],
    ['iter=99999999999999999999', /^iter must be/],
    ['gradient=red,green', /^gradient must be/],
    ['offset=2', /^offset must be/],
    ['density=1e3', /^density must be/],
    ['density=', /^density must be/],
  ])('with one bad part keeps the place and everything else, and names that part: %s', (part, words) => {
    const { place, appearance, problems } = parseLink(`#3/0.25/0&${part}&style=stripe`, bounds)
    expect(place).toEqual(parseLink('#3/0.25/0', bounds).place)
    expect(appearance).toEqual({ style: 'stripe' })
    expect(problems).toEqual([expect.stringMatching(words)])
  })

  test('keeps a fractional zoom', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300_000 }), (hundredths) => {
        const place = placeAt(parseDecimal('-1.25')!, parseDecimal('0.0625')!, hundredths / 100)
        const read = parseLink(formatLink(place, LOOK), bounds).place!
        expect(read.zoom).toBe(place.zoom)
        const apart = (a: bigint, b: bigint) => Number(a > b ? a - b : b - a) / PIXEL
        expect(apart(read.x, place.x)).toBeLessThan(1 / 8)
        expect(apart(read.y, place.y)).toBeLessThan(1 / 8)
      }),
      { numRuns: 300 },
    )
  })

  test('that is garbage is either read or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^#\d{0,9}\/[-+.\de]{0,30}\/[-+.\de]{0,30}(&\w*=?[\w.,@-]*)?$/)),
        (text) => {
          try {
            parseLink(text, bounds)
          } catch (error) {
            expect(error).toBeInstanceOf(LinkError)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('of enormous length is refused before it is read', () => {
    const digits = '7'.repeat(5_000_000)
    expect(() => parseLink(`#3/0.${digits}/0`, bounds)).toThrow(/longer than/)
  })
})
