import { expect, test } from 'vitest'
import { f, mandelbrot } from '../src/plain.ts'

test('the plain version knows the set: its middle is 0, far outside is 1, the tip of the antenna belongs to it', () => {
  expect(f(0, 0)).toBe(0)
  expect(f(-2, 0)).toBe(0)
  expect(f(5, 5)).toBe(1)
  expect(f(1, 0, 10)).toBe(1 - 2 / 10) // 1, 2, 5: the third leaves
})

test('the default grid has 50 rows of 50, from y0 on', () => {
  const rows = mandelbrot()
  expect(rows.length).toBe(50)
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([50]))
  expect(rows[25]![25]).toBe(f(-2 + 25 * (3 / 50), -1.5 + 25 * (3 / 50)))
})
