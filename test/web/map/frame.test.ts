import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Frame, fits, frameFor, pixelsOf, placeOf } from '../../../src/web/map/frame.ts'
import { FRACTION, type Place } from '../../../src/web/state/place.ts'

/** Any place of the pyramid, shallow and deep alike. */
const places = fc
  .oneof(fc.integer({ min: 0, max: 3000 }), fc.double({ min: 0, max: 3000, noNaN: true }))
  .chain((zoom) =>
    fc.record({
      zoom: fc.constant(zoom),
      x: fc.bigInt({ min: 0n, max: (1n << BigInt(Math.round(zoom) + FRACTION)) - 1n }),
      y: fc.bigInt({ min: 0n, max: (1n << BigInt(Math.round(zoom) + FRACTION)) - 1n }),
    }),
  )

describe('a frame', () => {
  test('fits the place it was made for, with small pixels', () => {
    fc.assert(
      fc.property(places, (place) => {
        const frame = frameFor(place)
        const pixels = pixelsOf(frame, place)
        expect(fits(frame, place.zoom, pixels)).toBe(true)
        expect(Math.abs(pixels.x)).toBeLessThanOrEqual(2 ** 28)
      }),
    )
  })

  test('converts places to pixels and back', () => {
    fc.assert(
      fc.property(places, (place) => {
        const back = placeOf(frameFor(place), place.zoom, pixelsOf(frameFor(place), place))
        // 28 bits of pixel leave 25 behind the point; a pixel is 40 bits of a place
        const error = (a: bigint, b: bigint) => (a > b ? a - b : b - a)
        expect(error(back.x, place.x) < 1n << 16n).toBe(true)
        expect(error(back.y, place.y) < 1n << 16n).toBe(true)
      }),
    )
  })

  test('is replaced when the view zooms in or out too far or is dragged away', () => {
    const frame = frameFor(middle(100))
    expect(frame.z).toBe(84)
    const at = { x: 0, y: 0 }
    expect([91, 92, 108, 109].map((zoom) => fits(frame, zoom, at))).toEqual([false, true, true, false])
    expect(fits(frame, 100, { x: 2 ** 30, y: 0 })).toBe(false)
    expect(fits(frame, 100, { x: 0, y: -(2 ** 30) })).toBe(false)
  })

  test('is never replaced again right after it was chosen, at any zoom on the way down and up', () => {
    for (const zooms of [range(0, 2100), range(0, 2100).reverse()]) {
      let frame: Frame = frameFor(middle(zooms[0]!))
      let changes = 0
      for (const zoom of zooms) {
        const place = middle(zoom)
        // the tiles that Leaflet will request lie below the frame, or relabelling would lose them
        expect(zoom).toBeGreaterThanOrEqual(frame.z)
        if (fits(frame, zoom, pixelsOf(frame, place))) continue
        frame = frameFor(place)
        changes++
        expect(fits(frame, zoom, pixelsOf(frame, place))).toBe(true)
      }
      expect(changes).toBeGreaterThan(200)
      expect(changes).toBeLessThan(300)
    }
  })
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, k) => from + k)
}

/** A point that is no corner of any tile. */
function middle(zoom: number): Place {
  const third = (1n << BigInt(zoom + FRACTION)) / 3n
  return { zoom, x: third, y: third }
}
