import { describe, expect, test } from 'vitest'
import { ESCAPE_RADIUS } from '../../../src/plane/precision.ts'
import { observe } from '../../../src/web/map/escape.ts'
import { TipOrbit } from '../../../src/web/map/exterior.ts'

const outsideCount = (x: number, y: number, limit: number) => observe(new TipOrbit(x, y), limit, 1, 1).nu

/** The smooth count as the kernel's contract defines it, iterated plainly. */
function count(re: number, im: number): number {
  let [x, y] = [re, im]
  for (let n = 1; n < 10_000; n++) {
    if (Math.hypot(x, y) > ESCAPE_RADIUS) return Math.max(0, n - Math.log2(Math.log2(Math.hypot(x, y))))
    ;[x, y] = [x * x - y * y + re, 2 * x * y + im]
  }
  return -1
}

describe('the smooth count outside the pyramid', () => {
  test('matches the plain iteration', () => {
    for (let re = -6; re <= 6; re += 0.37) {
      for (let im = -6; im <= 6; im += 0.41) {
        if (re > -2 && re < 1 && Math.abs(im) < 1.5) continue
        expect(outsideCount(re + 2, im, Number.POSITIVE_INFINITY)).toBeCloseTo(count(re, im), 9)
      }
    }
  })

  test('grows by half an iteration a zoom towards the tip, as far as doubles go', () => {
    // |z - 2| grows fourfold an iteration near 2, so halving the distance costs half of one
    const counts = [100, 101, 500, 501, 1000, 1001].map((zoom) =>
      outsideCount(-(2 ** -zoom), 0, Number.POSITIVE_INFINITY),
    )
    for (const k of [0, 2, 4]) expect(counts[k + 1]! - counts[k]!).toBeCloseTo(0.5, 1)
    expect((counts[4]! - counts[0]!) / 900).toBeCloseTo(0.5, 2)
  })

  test('stops at the limit, and at the tip itself, which never escapes', () => {
    expect(outsideCount(-1e-9, 0, 5)).toBe(-1)
    expect(outsideCount(0, 0, Number.POSITIVE_INFINITY)).toBe(-1)
  })
})
