// The original's plain version, translated from Python to TypeScript line by line: slow, obvious,
// and the oracle that the native kernels are held to. It is also the other half of `npm run
// compare`.

/** The square and the limits that the original draws by default. */
export const DEFAULTS = { x0: -2, y0: -1.5, x1: 1, y1: 1.5, grid: 50, max_iter: 1000 }

export interface GridOptions {
  x0?: number
  y0?: number
  x1?: number
  y1?: number
  grid?: number
  max_iter?: number
}

/**
 * z <- z^2 + c from z = 0, c = x + iy: 1 - n/max_iter, n the iteration after which |z| > 2, or 0 at
 * the limit.
 */
export function f(x: number, y: number, max_iter: number = DEFAULTS.max_iter): number {
  let re = 0
  let im = 0
  for (let n = 0; n < max_iter; n++) {
    const product = re * im
    re = re * re - im * im + x
    im = product + product + y
    if (beyondTwo(re, im)) return 1 - n / max_iter
  }
  return 0
}

/** The grid as rows from y0 on: row m, column n is f(x0 + n dx, y0 + m dy). */
export function mandelbrot(options: GridOptions = {}): number[][] {
  const { x0, y0, x1, y1, grid, max_iter } = { ...DEFAULTS, ...options }
  const dx = (x1 - x0) / grid
  const dy = (y1 - y0) / grid
  return Array.from({ length: grid }, (_, m) =>
    Array.from({ length: grid }, (_, n) => f(x0 + n * dx, y0 + m * dy, max_iter)),
  )
}

// The original asks abs(z) > 2, which rounds the root: true from 2 + 2^-52 on, half an ulp past 2.
// Squares decide it but for a sliver round the circle, where whole numbers do: both parts as
// multiples of 2^-120, exact for anything that counts.
function beyondTwo(re: number, im: number): boolean {
  const square = re * re + im * im
  if (square > 4 + SLIVER || Number.isNaN(square)) return true
  if (square < 4 - SLIVER) return false
  const a = BigInt(Math.trunc(re * UNIT))
  const b = BigInt(Math.trunc(im * UNIT))
  return a * a + b * b > EDGE * EDGE
}

const SLIVER = 2 ** -46 // squares carry at most 2^-50 of rounding here: a margin of 16
const UNIT = 2 ** 120
const EDGE = (1n << 121n) + (1n << 68n) // 2 + 2^-52 in units of 2^-120
