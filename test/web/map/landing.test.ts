// External rays, against angles that are known, and against the potential's own formula.
import { describe, expect, test } from 'vitest'
import { fractionOf, raysOfMisiurewicz, raysOfRoot } from '../../../src/web/map/landing.ts'
import { type Complex, iterate, nuclei, over, size, sizeOf, times } from '../../nuclei.ts'

const angles = (rays: { angle: { numerator: bigint; denominator: bigint } }[]) =>
  rays.map((ray) => fractionOf(ray.angle))

test.each([
  [2, 1, '-2', '0', ['1/2']],
  [2, 2, '0', '1', ['1/6']],
  [2, 2, '0', '-1', ['5/6']],
  // the branch point of the largest antenna of the bulb 1/3
  [
    4,
    1,
    '-0.101096363845622161025785445738622465',
    '0.956286510809141500771096057729977436',
    ['9/56', '11/56', '15/56'],
  ],
  // the band-merging point on the real axis
  [3, 1, '-1.543689012692076361570855971801747986', '0', ['5/12', '7/12']],
])(
  'at the Misiurewicz point of preperiod %i and period %i, %s %s, rays land of %j',
  (preperiod, period, re, im, expected) => {
    expect(angles(raysOfMisiurewicz({ preperiod, period, re, im }, 1e-9))).toEqual(expected)
  },
)

// the roots of the set's largest parts: their angles, and where they lie
describe.each([
  [1, [0, 0], 0, 'cardioid', ['0/1'], [0.25, 0]],
  [2, [-1, 0], 1, 'disc', ['1/3', '2/3'], [-0.75, 0]],
  [3, [-0.1225611668766536, 0.7448617666197442], 2.4, 'disc', ['1/7', '2/7'], [-0.125, 0.649519052838329]],
  [3, [-1.7548776662466927, 0], 5.7, 'cardioid', ['3/7', '4/7'], [-1.75, 0]],
  // by Newton's method for f^4(z) = z and the multiplier 1
  [
    4,
    [-0.156520166833755, 1.0322471089228318],
    6.9,
    'cardioid',
    ['1/5', '4/15'],
    [-0.15472460551192518, 1.031047227748952],
  ],
] as const)('at the root of period %i beside %j', (period, [re, im], zoom, kind, expected, root) => {
  const rays = raysOfRoot({ period, re: String(re), im: String(im), zoom, angle: 0, kind })
  test(`rays land of ${expected}`, () => expect(angles(rays)).toEqual(expected))
  test('it lies at its known place', () => {
    const { re: x, im: y } = rays[0]!.points.at(-1)!
    expect(Math.hypot(re + x - root[0], im + y - root[1])).toBeLessThan(1e-6)
  })
})

test('two rays land at every root of periods 2 to 6, with distinct angles that are fractions over 2^p - 1', () => {
  const seen = new Set<string>()
  for (let period = 2; period <= 6; period++) {
    const all = nuclei(period)
    for (const c of all) {
      const scale = sizeOf(c, period)
      for (const kind of ['cardioid', 'disc'] as const) {
        const found = angles(
          raysOfRoot({ period, re: String(c[0]), im: String(c[1]), zoom: -Math.log2(scale), angle: 0, kind }),
        )
        if (found.length !== 2) continue
        for (const angle of found) seen.add(angle)
        break
      }
    }
  }
  // all angles whose period under doubling is 2 to 6
  const expected = new Set<string>()
  for (let period = 2; period <= 6; period++) {
    const denominator = 2n ** BigInt(period) - 1n
    for (let numerator = 1n; numerator < denominator; numerator++) expected.add(fractionOf({ numerator, denominator }))
  }
  expect(seen).toEqual(expected)
})

test('the points of a ray have its angle by the defining product', () => {
  const c = { re: -0.10109636384562216, im: 0.9562865108091415 }
  const [ray] = raysOfMisiurewicz({ preperiod: 4, period: 1, re: String(c.re), im: String(c.im) }, 1e-3)
  // the angle of each factor follows from that at the point before: far outside all are 0
  const factors: number[] = []
  let [worst, last, compared] = [0, 0, 0]
  for (const d of ray!.points.slice(0, -1)) {
    const at: Complex = [c.re + d.re, c.im + d.im]
    let turns = Math.atan2(at[1], at[0])
    for (let n = 1; n < 60; n++) {
      const [z] = iterate(at, n)
      if (size(z) > 1e100) break
      const [x, y] = over(at, times(z, z))
      const angle = Math.atan2(y, 1 + x)
      factors[n] = angle - 2 * Math.PI * Math.round((angle - (factors[n] ?? 0)) / (2 * Math.PI))
      turns += factors[n]! / 2 ** n
    }
    const off = turns / (2 * Math.PI) - 9 / 56
    last = Math.abs(off - Math.round(off))
    worst = Math.max(worst, last)
    compared++
  }
  // at its first points z is not yet the power of the angle
  expect(worst).toBeLessThan(1e-5)
  expect(last).toBeLessThan(1e-9)
  expect(compared).toBeGreaterThan(50)
})

test('rays land as deep as the digits of their place allow', () => {
  const [re, im] = ['-0.101096363845622161025785445738622465', '0.956286510809141500771096057729977436']
  const rays = raysOfMisiurewicz({ preperiod: 4, period: 1, re, im }, 2 ** -300)
  expect(angles(rays)).toEqual(['9/56', '11/56', '15/56'])
  for (const { points } of rays) expect(Math.hypot(points.at(-2)!.re, points.at(-2)!.im)).toBeLessThan(2 ** -300)
})
