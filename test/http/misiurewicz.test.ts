// The Misiurewicz points of tiles, against published counts and against what they are: points whose
// orbit runs into a cycle after their preperiod, and not sooner.
import { expect, test } from 'vitest'
import { iterate, minus, misiurewiczPoints, size } from '../nuclei.ts'
import { get, serveAll } from '../served.ts'

serveAll()

interface Point {
  preperiod: number
  period: number
  re: string
  im: string
}

async function listed(z: number, x: bigint | number, y: bigint | number): Promise<Point[]> {
  const answer = await get(`/tile/${z}/${x}/${y}.geojson?kind=misiurewicz`)
  expect(answer.statusCode, answer.payload.slice(0, 300)).toBe(200)
  return answer.json().features.map(({ properties }: { properties: Point }) => properties)
}

test('the tiles of zoom 3 list every point of orders 3 to 7 exactly once, and no other', async () => {
  const all: Point[] = []
  for (let x = 0; x < 8; x++) for (let y = 0; y < 8; y++) all.push(...(await listed(3, x, y)))
  expect(new Set(all.map(({ re, im }) => `${re} ${im}`)).size).toBe(all.length)
  let expected = 0
  for (let order = 3; order <= 7; order++) {
    for (let p = 1; p <= order - 2; p++) {
      const found = all.filter(({ preperiod, period }) => preperiod === order - p && period === p)
      expect(found.length, `preperiod ${order - p}, period ${p}`).toBe(misiurewiczPoints(order - p, p))
      expected += found.length
    }
  }
  expect(all.length).toBe(expected)
  for (const { preperiod: k, period: p, re, im } of all) {
    const z = (n: number) => iterate([Number(re), Number(im)], n)[0]
    expect(size(minus(z(k + p), z(k)))).toBeLessThan(1e-10)
    expect(size(minus(z(k + p - 1), z(k - 1)))).toBeGreaterThan(1e-3)
    for (let m = 1; m < p; m++) if (p % m === 0) expect(size(minus(z(k + m), z(k)))).toBeGreaterThan(1e-3)
  }
})

test('a listed point stays listed at all deeper zooms, with the digits of the tile, by exactly one tile', async () => {
  // i lies in no border; -2 is the corner of two tiles, and belongs to the upper one
  for (const z of [0, 1, 2, 5, 30, 200]) {
    const side = 1n << BigInt(z)
    // re 0 is 2/3 of the way, im 1 is 1/6
    const i = (await listed(z, (2n * side) / 3n, side / 6n)).find(({ period, im }) => period === 2 && Number(im) > 0)
    expect(i, `zoom ${z}`).toEqual({ preperiod: 2, period: 2, re: '0', im: '1', kind: 'misiurewicz' })
    const half = z === 0 ? 0n : side / 2n
    const tip = { preperiod: 2, period: 1, re: '-2', im: '0', kind: 'misiurewicz' }
    expect(await listed(z, 0n, half === 0n ? 0n : half - 1n)).toContainEqual(tip)
    if (half !== 0n) expect(await listed(z, 0n, half)).not.toContainEqual(tip)
  }
})

test('an unknown kind is refused', async () => {
  const { statusCode, payload } = await get('/tile/0/0/0.geojson?kind=cusp')
  expect(statusCode).toBe(400)
  expect(JSON.parse(payload).detail).toBe('kind must be one of nucleus, misiurewicz, it was "cusp"')
})
