import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chainOf, levelUnder, planTiles, rangeOf, type View, within } from '../../../src/web/map/tileplan.ts'
import { atZoom, FRACTION, levelOf, movedBy, type Place, tileAt } from '../../../src/web/state/place.ts'

/** Any view of the pyramid, shallow and deep, at integer and fractional zooms. */
const zooms = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.double({ min: 0, max: 3000, noNaN: true }))
const views: fc.Arbitrary<View> = zooms.chain((zoom) => {
  const coordinate = fc.bigInt({ min: 0n, max: (1n << BigInt(levelOf(zoom) + FRACTION)) - 1n })
  return fc.record({
    place: fc.record({ zoom: fc.constant(zoom), x: coordinate, y: coordinate }),
    width: fc.integer({ min: 100, max: 4000 }),
    height: fc.integer({ min: 100, max: 3000 }),
  })
})

/** The tile of a level under a point of the screen, in parts of its sides from the centre. */
function under({ place, width, height }: View, z: number, right: number, down: number) {
  const point = movedBy(place, right * width, down * height)
  return tileAt(atZoom(point, z))
}

const part = fc.double({ min: -0.499, max: 0.499, noNaN: true })

describe('a plan', () => {
  test('covers every point of the screen with a tile of the view’s level and of the two levels above', () => {
    fc.assert(
      fc.property(views, part, part, (view, right, down) => {
        const level = levelOf(view.place.zoom)
        const plan = planTiles(view, view, false)
        for (const z of [level, levelUnder(level)]) {
          const { x, y } = under(view, z, right, down)
          const found = plan.find(({ spot }) => spot.z === z && spot.x === x && spot.y === y)
          expect(found?.needed).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('begins with a few coarse tiles under the screen, then continues from the centre outwards', () => {
    const view = { place: middle(40), width: 1280, height: 800 }
    const plan = planTiles(view, view, true)
    const first = plan.findIndex(({ spot }) => spot.z === 40)
    expect(plan.slice(0, first).every(({ spot }) => spot.z === 38)).toBe(true)
    expect(first).toBeLessThanOrEqual(6)
    const { x, y } = under(view, 40, 0, 0)
    expect(plan[first]!.spot).toEqual({ z: 40, x, y })
  })

  test('requests nothing twice, and while the map moves requests only what the screen needs', () => {
    fc.assert(
      fc.property(views, fc.boolean(), (view, resting) => {
        const plan = planTiles(view, view, resting)
        const keys = plan.map(({ spot: { z, x, y } }) => `${z}/${x}/${y}`)
        expect(new Set(keys).size).toBe(keys.length)
        if (!resting) expect(plan.every(({ needed }) => needed)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  test('skips the levels in between when zooming out', () => {
    const view = { place: middle(9), width: 900, height: 600 }
    const goal = { ...view, place: atZoom(view.place, 4) }
    expect(new Set(planTiles(view, goal, false).map(({ spot }) => spot.z))).toEqual(new Set([7, 2, 4]))
  })

  test('covers every view that zooming out by two levels shows', () => {
    fc.assert(
      fc.property(views, part, part, (view, right, down) => {
        for (const { z, view: wider } of chainOf(view, 4)) {
          const { x, y } = under(wider, z, right, down)
          expect(within({ z, x, y }, rangeOf(wider, z))).toBe(true)
        }
      }),
    )
    const chain = chainOf({ place: middle(25), width: 900, height: 600 }, 4)
    expect(chain.map(({ z, view }) => [z, view.width])).toEqual([
      [21, 900 * 4],
      [19, 900 * 16],
      [17, 900 * 64],
      [15, 900 * 256],
    ])
  })
})

/** A point that is no corner of any tile. */
function middle(zoom: number): Place {
  const third = (1n << BigInt(zoom + FRACTION)) / 3n
  return { zoom, x: third, y: third }
}
