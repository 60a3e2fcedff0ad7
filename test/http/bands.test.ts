// Wide skies, where a step of the palette is many pixels wide, show no contours: a band is a run of
// one colour along a row or column that is wider than 16 pixels and ends in a step of more than 1.5
// levels.
import { expect, test } from 'vitest'
import { paletteTable } from '../../src/colour/palette.ts'
import { PALETTE_NAMES } from '../../src/colour/palettes.ts'
import { paletteIndex, phaseAt } from '../../src/colour/phase.ts'
import { get, pixels, serveAll } from '../served.ts'

serveAll()

const WIDEST = 16
const STEP = 1.5
const SIZE = 256

const SKIES = [
  { z: 15, re: -1.29094946, im: 0.43354082 },
  { z: 17, re: -1.29094946, im: 0.43354082 },
  { z: 3, re: -1.9, im: 1.2 },
  { z: 6, re: 0.9, im: 0.6 },
  { z: 9, re: -1.4, im: 0.2 },
  { z: 10, re: -1.8, im: 0.05 },
  { z: 11, re: 0.4, im: 0.5 },
  { z: 8, re: 0.3, im: -0.9 },
  { z: 14, re: -0.3, im: 0.9 },
  { z: 20, re: -1.29094946, im: 0.43354082 },
]

/** The bands of a picture SIZE pixels wide and high. */
function bands(rgb: Buffer): number {
  let count = 0
  for (const [along, across] of [
    [1, SIZE],
    [SIZE, 1],
  ] as const) {
    for (let line = 0; line < SIZE; line++) {
      for (let at = 1, from = 0; at < SIZE; at++) {
        const [here, before] = [3 * (line * across + at * along), 3 * (line * across + (at - 1) * along)]
        if (rgb.compare(rgb, here, here + 3, before, before + 3) === 0) continue
        if (at - from > WIDEST && step(rgb, here, before) > STEP) count++
        from = at
      }
    }
  }
  return count
}

// the largest difference of a channel of two pixels
const step = (rgb: Buffer, a: number, b: number) =>
  Math.max(...[0, 1, 2].map((c) => Math.abs(rgb[a + c]! - rgb[b + c]!)))

const tileOf = ({ z, re, im }: (typeof SKIES)[number]) =>
  `/tile/${z}/${Math.floor(((re + 2) / 3) * 2 ** z)}/${Math.floor(((1.5 - im) / 3) * 2 ** z)}`

test('255 steps alone show bands', async () => {
  const [sky] = SKIES
  const numbers: number[] = (await get(`${tileOf(sky!)}.json?max_iter=2000`)).json().values.flat()
  const table = paletteTable('tidal')
  const steps = numbers.map((nu) => 3 * paletteIndex(nu, phaseAt(sky!.z)))
  expect(bands(Buffer.concat(steps.map((at) => table.subarray(at, at + 3))))).toBeGreaterThan(50)
})

test.each(SKIES)('a smooth area at zoom $z shows no bands in a tile, in any palette', async (sky) => {
  for (const palette of PALETTE_NAMES) {
    const data = await pixels(`${tileOf(sky)}.png?max_iter=2000&palette=${palette}`)
    expect(bands(data), palette).toBe(0)
  }
})

test('a smooth area shows no bands in a picture, antialiased or not, upright or rotated', async () => {
  // every palette has its turn
  let turn = 0
  for (const { z, re, im } of SKIES) {
    const place = `re=${re}&im=${im}&zoom=${z}&width=${SIZE}&height=${SIZE}&max_iter=2000`
    for (const more of ['', '&aa=2', '&aa=auto', '&aa=2&rotation=30']) {
      const query = `${place}${more}&palette=${PALETTE_NAMES[turn++ % PALETTE_NAMES.length]}`
      expect(bands(await pixels(`/image.png?${query}`)), query).toBe(0)
    }
  }
})
