/**
 * The original's module, over the native kernel: `f`, `mandelbrot`, and the plain version beside
 * them.
 *
 *     import { mandelbrot, f, plain } from 'mandeltiles'
 *     const values = mandelbrot({ grid: 200 })   // Float32Array of 200 x 200, rows from y0 on
 *
 * @module
 */
import { kernel } from './kernel/binding.ts'
import { DEFAULTS, type GridOptions } from './plain.ts'

export type { GridOptions } from './plain.ts'
export * as plain from './plain.ts'

/**
 * 1 - n/max_iter, n the iteration of z <- z^2 + x + iy, from z = 0, after which |z| > 2; 0 where
 * the limit was reached. In single precision throughout, bit for bit the original's C.
 *
 * @param max_iter the iteration limit, a whole number from 1 to 2^31 - 1
 * @throws TypeError or RangeError with a sentence, where an argument is not a finite number or out
 * of range
 */
export function f(x: number, y: number, max_iter: number = DEFAULTS.max_iter): number {
  return kernel.f(x, y, max_iter)
}

/**
 * `f` over a grid: row m, column n is f(x0 + n (x1 - x0)/grid, y0 + m (y1 - y0)/grid), row-major,
 * in single precision.
 *
 * @param options corners (default -2, -1.5, 1, 1.5), `grid` samples a side (50) and the iteration
 * limit `max_iter` (1000)
 * @param out the caller's own array of grid · grid numbers, filled in place; a new one when left
 * out
 * @returns `out`
 * @throws TypeError or RangeError with a sentence, where an option is out of range or `out` has
 * another length
 */
export function mandelbrot(options: GridOptions = {}, out?: Float32Array): Float32Array {
  const { x0, y0, x1, y1, grid, max_iter } = { ...DEFAULTS, ...options }
  const values = out ?? new Float32Array(grid * grid)
  kernel.grid32(x0, y0, x1, y1, grid, max_iter, values)
  return values
}
