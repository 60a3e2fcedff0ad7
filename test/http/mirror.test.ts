// Mirrored images through the server: the imaginary axis points down at any depth, with any
// rotation and style.
import { expect, test } from 'vitest'
import { get, pixels, serveAll } from '../served.ts'

serveAll()

const [WIDTH, HEIGHT] = [60, 44]
const PLACES = [
  ['a seahorse tail', '-0.743643887037', '0.131825904205', 9.3],
  ['a seahorse at depth', '-0.743643887037158704752191506114774', '0.131825904205311970493132056385139', 62],
] as const
const address = (re: string, im: string, zoom: number, more: string) =>
  `/image.png?re=${re}&im=${im}&zoom=${zoom}&width=${WIDTH}&height=${HEIGHT}&max_iter=${zoom > 30 ? 200_000 : 3000}&${more}`

/** Rows of a picture, the last one first. */
function flipped(rgb: Buffer): Buffer {
  const rows = Array.from({ length: HEIGHT }, (_, j) => rgb.subarray(3 * WIDTH * j, 3 * WIDTH * (j + 1)))
  return Buffer.concat(rows.reverse())
}

/** Pixels that differ by more than rounding. */
function different(a: Buffer, b: Buffer): number {
  let count = 0
  for (let at = 0; at < a.length; at += 3) {
    if ([0, 1, 2].some((channel) => Math.abs(a[at + channel]! - b[at + channel]!) > 6)) count++
  }
  return count
}

test.each(PLACES)('%s: a mirrored image is the picture upside down', async (_, re, im, zoom) => {
  const upright = await pixels(address(re, im, zoom, ''))
  const mirror = await pixels(address(re, im, zoom, 'mirror=true'))
  // at depth, counts of a hundred thousand differ by rounding in a few pixels
  expect(different(mirror, flipped(upright))).toBeLessThan(zoom > 30 ? WIDTH * HEIGHT * 0.01 : 1)
  expect(different(mirror, upright)).toBeGreaterThan(WIDTH * HEIGHT * 0.2)
  expect((await pixels(address(re, im, zoom, 'mirror=false'))).equals(upright)).toBe(true)
})

test.each(PLACES)(
  '%s: a mirrored image is rotated like any other, and lit from the same side',
  async (_, re, im, zoom) => {
    for (const style of ['smooth', 'slopes']) {
      // upside down it is the picture turned the other way, with the light from below
      const other = await pixels(address(re, im, zoom, `style=${style}&rotation=-33.5&light=250&density=2`))
      const mirror = await pixels(address(re, im, zoom, `style=${style}&rotation=33.5&light=110&density=2&mirror=true`))
      expect(different(mirror, flipped(other)), style).toBeLessThan(WIDTH * HEIGHT * 0.01)
    }
  },
)

test('a mirrored image shows the conjugate place, and its histogram levels stay the same', async () => {
  const upright = await pixels(address('-0.75', '-0.1', 5.5, ''))
  const mirror = await pixels(address('-0.75', '0.1', 5.5, 'mirror=true'))
  expect(different(mirror, upright)).toBe(0)
  const levels = async (more: string) =>
    (await get(`/levels.json?re=-0.75&im=0.1&zoom=5.5&width=60&height=44&max_iter=3000&${more}`)).json()
  expect(await levels('mirror=true')).toEqual(await levels(''))
  expect((await get(address('0', '0', 1, 'mirror=yes'))).statusCode).toBe(400)
})
