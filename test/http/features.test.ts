// Islands, Misiurewicz points and orbits, against mathematics: all nuclei as roots of their
// polynomials, iterations in BigInt, and published counts.
import { expect, test } from 'vitest'
import { type Complex, iterate, nuclei, nucleiOfPeriod, size, sizeOf, times } from '../nuclei.ts'
import { get, serveAll } from '../served.ts'

serveAll()

const json = async (url: string) => {
  const answer = await get(url)
  expect(answer.statusCode, `${url}: ${answer.payload.slice(0, 300)}`).toBe(200)
  return answer.json()
}

// how many of them are attached to another component: sum over the divisors d below p of phi(p/d)
// times the nuclei of period d
const DISCS = [0, 1, 2, 3, 4, 7, 6, 12]

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'every nucleus of period %i is found at its place, with its size and kind',
  async (p) => {
    const all = nuclei(p)
    expect(all.length).toBe(nucleiOfPeriod(p))
    let discs = 0
    for (const c of all) {
      const expected = sizeOf(c, p)
      // a view half as wide again as the island, its centre a quarter of the island off
      const zoom = Math.max(0, Math.log2(2 / expected)).toFixed(3)
      const [re, im] = [(c[0] + expected / 4).toFixed(17), (c[1] - expected / 5).toFixed(17)]
      const found = await json(`/nucleus.json?re=${re}&im=${im}&zoom=${zoom}`)
      expect(found.period, `${re} ${im}`).toBe(p)
      expect(size([Number(found.re) - c[0], Number(found.im) - c[1]])).toBeLessThan(1e-14)
      expect(Number(found.size) / expected).toBeCloseTo(1, 6)
      expect(found.zoom).toBeCloseTo(Math.log2(1 / expected), 5)
      if (found.kind === 'disc') discs++
    }
    expect(discs).toBe(DISCS[p - 1])
  },
)

test('tiles list exactly the islands of periods 1 to 8 that are large enough, each once and in its place', async () => {
  const all = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((p) => nuclei(p).map((c) => ({ p, c, size: sizeOf(c, p) })))
  const nearest = ({ properties: { period, re, im } }: Feature) =>
    all.filter(({ p }) => p === period).sort((a, b) => apart(a.c, re, im) - apart(b.c, re, im))[0]!
  const apart = (c: Complex, re: string, im: string) => size([Number(re) - c[0], Number(im) - c[1]])
  for (const z of [0, 1, 2, 3]) {
    const listed: Feature[] = []
    for (let x = 0; x < 2 ** z; x++) {
      for (let y = 0; y < 2 ** z; y++) {
        const { type, features } = await json(`/tile/${z}/${x}/${y}.geojson`)
        expect(type).toBe('FeatureCollection')
        for (const feature of features as Feature[]) {
          const [re, im] = feature.geometry.coordinates
          expect(Math.floor(((re + 2) / 3) * 2 ** z)).toBe(x)
          // a point on the border belongs to the tile above it
          expect(Math.ceil(((1.5 - im) / 3) * 2 ** z) - 1).toBe(y)
          listed.push(feature)
        }
      }
    }
    const short = listed.filter(({ properties }) => properties.period <= 8)
    const expected = all.filter((one) => Math.log2(one.size) >= -z - 5)
    expect(short.length, `zoom ${z}`).toBe(expected.length)
    for (const one of short) expect(apart(nearest(one).c, one.properties.re, one.properties.im)).toBeLessThan(1e-12)
    expect(new Set(short.map((one) => nearest(one))).size).toBe(expected.length)
    // those of longer periods are nuclei too
    for (const { properties } of listed) {
      const c: Complex = [Number(properties.re), Number(properties.im)]
      const [value, slope] = iterate(c, properties.period)
      expect(size(value) / size(slope)).toBeLessThan(1e-14)
    }
  }
})

test('an island that a tile lists stays listed at all deeper zooms', async () => {
  let known = 0
  for (let z = 2; z <= 14; z++) {
    // towards the period 3 island on the real axis
    const [x, y] = [Math.floor(((-1.7548776662466927 + 2) / 3) * 2 ** z), 2 ** (z - 1) - 1]
    const { features } = await json(`/tile/${z}/${x}/${y}.geojson`)
    const found = features.some((feature: Feature) => feature.properties.period === 3)
    if (z >= 1) expect(found, `zoom ${z}`).toBe(z + 5 >= 5.715163)
    if (found) known++
  }
  expect(known).toBe(13)
})

interface Feature {
  geometry: { coordinates: [number, number] }
  properties: { period: number; re: string; im: string; size: string; zoom: number; kind: string }
}

// ---- in BigInt ----

const fixed = (text: string, bits: number) => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const value = (BigInt(whole + fraction) << BigInt(bits)) / 10n ** BigInt(fraction.length)
  return text.startsWith('-') ? -value : value
}

/** Z_0 … Z_count of a point in fixed point. */
function orbitOf(re: string, im: string, count: number, bits: number): [bigint, bigint][] {
  const [a, b] = [fixed(re, bits), fixed(im, bits)]
  const points: [bigint, bigint][] = [[0n, 0n]]
  for (let n = 0; n < count; n++) {
    const [x, y] = points.at(-1)!
    // beyond it the numbers double their digits with every iteration
    if (x * x + y * y > 1n << BigInt(2 * bits + 20)) break
    points.push([((x * x - y * y) >> BigInt(bits)) + a, ((2n * x * y) >> BigInt(bits)) + b])
  }
  return points
}
const magnitude = (value: bigint) => (value < 0n ? -value : value)

const DEEP = {
  re: '-0.0494700290631040937516922267273536301187457124882248793181049402326421947726869034279915499747594190000000000000000000',
  im: '-0.6747875758446753640113920531305976563347707068224034806979997947909941983454845111514208499540310299999999999999999880',
}

test.each([20, 60, 166])(
  'at zoom %i the orbit of the nucleus closes after the period, and not before',
  async (zoom) => {
    const { period, re, im, size } = await json(`/nucleus.json?re=${DEEP.re}&im=${DEEP.im}&zoom=${zoom}`)
    const bits = 3000
    const orbit = orbitOf(re, im, period, bits)
    const log2 = (n: number) => Math.max(...orbit[n]!.map((part) => magnitude(part).toString(2).length)) - bits
    // the place is exact to 2^-48 of the island, and Z_p grows by the derivative, at most 1/size
    // there
    const log2Size = Math.log2(Number(size.split('e')[0])) + Number(size.split('e')[1]) * Math.log2(10)
    expect(log2(period)).toBeLessThan(log2Size / 2 - 20)
    for (let n = 1; n < period; n++) if (period % n === 0) expect(log2(n)).toBeGreaterThan(log2(period) + 10)
    // the nucleus lies in the view
    const half = fixed('1.5', bits) >> BigInt(zoom)
    expect(magnitude(fixed(re, bits) - fixed(DEEP.re, bits)) <= half).toBe(true)
    expect(magnitude(fixed(im, bits) - fixed(DEEP.im, bits)) <= half).toBe(true)
  },
)

test('nuclei on the real axis are real, for either sign of zero', async () => {
  for (const im of ['0', '-0', '0.0', '-0e-9']) {
    expect(await json(`/nucleus.json?re=-1.7548&im=${im}&zoom=6`)).toMatchObject({ period: 3, im: '0', angle: 0 })
    expect(await json(`/nucleus.json?re=-1.6254&im=${im}&zoom=8`)).toMatchObject({ period: 5, im: '0' })
  }
})

test.each([
  ['re=-1.99&im=0.001&zoom=5', 2, 1],
  ['re=0.001&im=1.001&zoom=6', 2, 2],
  ['re=-0.1011&im=0.9563&zoom=10', 4, 1],
  ['re=-0.77568&im=0.13646&zoom=14', undefined, undefined],
  // the same as above, a quarter of the view beside it
  ['re=-0.101096363845622161025785445738622465&im=0.956286510809141500771096057729977436&zoom=110', 4, 1],
])(
  'a Misiurewicz point of %s runs into its cycle after its preperiod, and not sooner',
  async (query, preperiod, period) => {
    const found = await json(`/nucleus.json?kind=misiurewicz&${query}`)
    expect(found.kind).toBe('misiurewicz')
    const { preperiod: k, period: p } = found
    if (preperiod !== undefined) expect([k, p]).toEqual([preperiod, period])
    const bits = 1200
    const orbit = orbitOf(found.re, found.im, k + p, bits)
    const apart = (a: number, b: number) =>
      Math.max(...[0, 1].map((part) => magnitude(orbit[a]![part]! - orbit[b]![part]!).toString(2).length)) - bits
    expect(apart(k + p, k)).toBeLessThan(-60)
    expect(apart(k - 1 + p, k - 1)).toBeGreaterThan(-30)
    for (let m = 1; m < p; m++) if (p % m === 0) expect(apart(k + m, k)).toBeGreaterThan(-30)
  },
)

test.each([0, 50, 500])('the orbit of a point given to zoom %i matches BigInt arithmetic', async (zoom) => {
  const digits = Math.ceil(zoom * 0.302) + 4
  const [re, im] = [
    '-0.10109636384562216102578544573862256546380544282',
    '0.95628651080914150077109605772997743580983333651',
  ]
  const long = (text: string) => text.padEnd(digits + 3, '123456789').slice(0, Math.max(digits + 3, 12))
  const { points } = await json(`/orbit.json?re=${long(re)}&im=${long(im)}&n=300`)
  const bits = 2400
  const orbit = orbitOf(long(re), long(im), 300, bits)
  for (const [at, [x, y]] of points.entries()) {
    const [u, v] = orbit[at + 1]!
    const near = 1n << BigInt(bits - 66)
    expect(magnitude(fixed(x, bits) - u) <= near && magnitude(fixed(y, bits) - v) <= near, `${zoom}: ${at}`).toBe(true)
  }
  expect(points.length).toBeGreaterThan(20)
})

test('an orbit names the cycle that attracts it, and says when it escapes', async () => {
  expect(await json('/orbit.json?re=-1&im=0&n=3')).toEqual({
    points: [
      ['-1', '0'],
      ['0', '0'],
      ['-1', '0'],
    ],
    period: 2,
    multiplier: { re: 0, im: 0 },
    cycle: [
      ['-1', '0'],
      ['0', '0'],
    ],
  })
  // inside the main cardioid the multiplier m belongs to c = m/2 - m^2/4
  const m: Complex = [0.3, -0.6]
  const square = times(m, m)
  const inside = await json(`/orbit.json?re=${m[0] / 2 - square[0] / 4}&im=${m[1] / 2 - square[1] / 4}&n=1`)
  expect(inside.period).toBe(1)
  expect(inside.multiplier.re).toBeCloseTo(m[0], 10)
  expect(inside.multiplier.im).toBeCloseTo(m[1], 10)
  const outside = await json('/orbit.json?re=1&im=0&n=100')
  expect(outside).toEqual({
    points: [
      ['1', '0'],
      ['2', '0'],
      ['5', '0'],
      ['26', '0'],
      ['677', '0'],
    ],
    escaped: 3,
    // log2 log2 of the next iterate, 677^2 + 1
    nu: expect.closeTo(6 - Math.log2(Math.log2(677 ** 2 + 1)), 9),
    distance: expect.stringMatching(/^\d\.\d{7}e-1$/),
    atom_period: 1,
  })
  // the set ends at the tip of its antenna, -2
  const { distance } = await json('/orbit.json?re=-2.0000000001&im=0&n=1')
  expect(Number(distance)).toBeGreaterThan(0.5e-10)
  expect(Number(distance)).toBeLessThan(2.01e-10)
})

test('at any depth the orbit has as many digits as the point, and its cycle closes', async () => {
  // beside the nucleus at zoom 60, by a thousandth of its island: inside, where the multiplier is
  // small
  const { period, re, im, size } = await json(`/nucleus.json?re=${DEEP.re}&im=${DEEP.im}&zoom=60`)
  const beside = `${re.slice(0, 4)}${(BigInt(re.slice(4)) + BigInt(`1${'0'.repeat(re.length - 4 + Number(size.split('e')[1]) - 3)}`)).toString().padStart(re.length - 4, '0')}`
  const orbit = await json(`/orbit.json?re=${beside}&im=${im}&n=20`)
  expect(orbit.period).toBe(period)
  expect(Math.hypot(orbit.multiplier.re, orbit.multiplier.im)).toBeLessThan(0.1)
  expect(orbit.points[1][0].length).toBeGreaterThan(re.length - 5)
  const bits = 3000
  // the cycle's first point leads to its second, and back to itself after the period
  const [first, second] = orbit.cycle.map((pair: [string, string]) => pair.map((part) => fixed(part, bits)))
  const [a, b] = [fixed(beside, bits), fixed(im, bits)]
  const step = ([x, y]: [bigint, bigint]): [bigint, bigint] => [
    ((x * x - y * y) >> BigInt(bits)) + a,
    ((2n * x * y) >> BigInt(bits)) + b,
  ]
  // the error of the last digits
  const near = (1n << BigInt(bits)) / 10n ** BigInt(re.length - 8)
  expect(step(first).every((part, k) => magnitude(part - second[k]) < near)).toBe(true)
  let at = first
  for (let n = 0; n < period; n++) at = step(at)
  expect(at.every((part: bigint, k: number) => magnitude(part - first[k]) < near)).toBe(true)
  // as many as requested, of which the last may be zero
  const { points } = await json('/orbit.json?re=0.3&im=0.2&n=3&digits=7')
  expect(points).toEqual([
    ['0.3', '0.2'],
    ['0.35', '0.32'],
    ['0.3201', '0.424'],
  ])
  const long = await get('/orbit.json?re=0.3&im=0.2&n=1000&digits=2001')
  expect(long.statusCode).toBe(400)
  expect(long.json().detail).toBe('digits must be at most 2000 for 1000 iterates, or auto, it was "2001"')
})

test('a missing feature gets 404, and a wrong parameter is named', async () => {
  for (const query of ['re=0.5&im=0.5&zoom=9', 're=50&im=0&zoom=3', 're=1.9&im=1.9&zoom=20&kind=misiurewicz']) {
    const answer = await get(`/nucleus.json?${query}`)
    expect(answer.statusCode, answer.payload).toBe(404)
    expect(answer.json().detail).toMatch(/^no (island|Misiurewicz point) was found within 2\^-?\d+ of this place$/)
  }
  const refused = async (url: string) => (await get(url)).json().detail
  expect(await refused('/nucleus.json?kind=cusp')).toBe('kind must be one of nucleus, misiurewicz, it was "cusp"')
  expect(await refused('/orbit.json?n=0')).toBe('n must be a whole number from 1 to 10000, it was "0"')
  expect(await refused('/orbit.json?n=10001')).toBe('n must be a whole number from 1 to 10000, it was "10001"')
})

test('documents have their own ETag, which gets 304', async () => {
  const first = await get('/nucleus.json?re=-1.75&im=0.01&zoom=4')
  const again = await get('/nucleus.json?re=-1.75&im=0.01&zoom=4', { 'if-none-match': String(first.headers.etag) })
  expect([again.statusCode, again.payload]).toEqual([304, ''])
})
