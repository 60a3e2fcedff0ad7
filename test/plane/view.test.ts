import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { isDeep, log2Spacing } from '../../src/plane/precision.ts'
import { sampleAxes } from '../../src/plane/samples.ts'
import { inPyramid, TILE_SIZE } from '../../src/plane/tile.ts'
import { imageView, tileView } from '../../src/plane/view.ts'

test('the tile of zoom 0 samples pixel centres of [-2, 1] x [-1.5, 1.5], the first row at the top', () => {
  const { re, im } = sampleAxes(tileView({ z: 0, x: 0n, y: 0n }, 256))
  expect(re[0]).toBe(-2 + (3 * 0.5) / 256)
  expect(re[255]).toBe(-2 + (3 * 255.5) / 256)
  expect(im[0]).toBe(1.5 - (3 * 0.5) / 256)
  expect(im[255]).toBe(-1.5 + (3 * 0.5) / 256)
})

test('any sample of any tile is at the exact coordinate of the contract', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400 }),
      fc.bigInt({ min: 0n, max: 1n << 500n }),
      fc.nat(511),
      (z, seed, i) => {
        const x = seed % (1n << BigInt(z))
        const size = 512
        const view = tileView({ z, x, y: x }, size)
        // re + 2 = 3 (x + (i + 1/2)/N) / 2^z, both sides times 2^z 2N
        const scale = (1n << BigInt(z)) * 2n * BigInt(size)
        const unit = 1n << BigInt(view.bits)
        const right = 3n * (2n * BigInt(size) * x + 2n * BigInt(i) + 1n)
        expect((view.re + BigInt(i) * view.columnStep.re + 2n * unit) * scale).toBe(right * unit)
        // 3/2 - im is the same number, since x = y
        expect((3n * unit - 2n * (view.im + BigInt(i) * view.rowStep.im)) * scale).toBe(2n * right * unit)
      },
    ),
  )
})

test('neighbouring tiles continue each other', () => {
  const left = tileView({ z: 9, x: 100n, y: 7n }, TILE_SIZE)
  const right = tileView({ z: 9, x: 101n, y: 7n }, TILE_SIZE)
  expect(right.re - left.re).toBe(left.columnStep.re * BigInt(TILE_SIZE))
  expect(right.im).toBe(left.im)
})

test('a picture at an integer zoom, centred on a tile, matches that tile to far below a pixel', () => {
  const tile = sampleAxes(tileView({ z: 6, x: 20n, y: 11n }, 256))
  const re = parseDecimal(String(-2 + (3 * 20.5) / 64))!
  const im = parseDecimal(String(1.5 - (3 * 11.5) / 64))!
  const image = sampleAxes(imageView(re, im, 6, 256, 256))
  for (const i of [0, 1, 100, 255]) {
    expect(image.re[i]).toBeCloseTo(tile.re[i]!, 14)
    expect(image.im[i]).toBeCloseTo(tile.im[i]!, 14)
  }
})

test('a fractional zoom shrinks a pixel by its power of two', () => {
  const centre = parseDecimal('0')!
  expect(log2Spacing(imageView(centre, centre, 3.5, 100, 100))).toBeCloseTo(Math.log2(3 / 256) - 3.5, 12)
  expect(log2Spacing(imageView(centre, centre, 900.25, 100, 100))).toBeCloseTo(Math.log2(3 / 256) - 900.25, 9)
})

test('doubles resolve tiles to zoom 29, and no deeper', () => {
  const at = (z: number) => !isDeep(tileView({ z, x: 0n, y: 0n }, 256))
  expect([0, 20, 29].map(at)).toEqual([true, true, true])
  expect([30, 50, 1000].map(at)).toEqual([false, false, false])
})

test('the pyramid has 2^z columns, at any depth', () => {
  expect(inPyramid(0n, 0)).toBe(true)
  expect(inPyramid(1n, 0)).toBe(false)
  expect(inPyramid((1n << 3000n) - 1n, 3000)).toBe(true)
  expect(inPyramid(1n << 3000n, 3000)).toBe(false)
  expect(inPyramid(-1n, 5)).toBe(false)
})
