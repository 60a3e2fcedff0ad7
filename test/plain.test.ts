import { expect, test } from 'vitest'
import { f, mandelbrot } from '../src/plain.ts'

test('the plain version gives 0 inside the set, 1 far outside, and 0 at the tip of the antenna', () => {
  expect(f(0, 0)).toBe(0)
  expect(f(-2, 0)).toBe(0)
  expect(f(5, 5)).toBe(1)
  expect(f(1, 0, 10)).toBe(1 - 2 / 10) // 1, 2, 5: the third leaves
})

test('the default grid has 50 rows of 50, starting at y0', () => {
  const rows = mandelbrot()
  expect(rows.length).toBe(50)
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([50]))
  expect(rows[25]![25]).toBe(f(-2 + 25 * (3 / 50), -1.5 + 25 * (3 / 50)))
})
