import { ESCAPE_RADIUS } from '../limit.ts'

/** The smooth iteration count of an orbit whose point n, with |z|^2 = square, is the first past the escape radius. */
export function smooth(n: number, square: number): number {
  return Math.max(0, n - Math.log2(Math.log2(square) / 2))
}

/** The smooth iteration count of x + iy under z^2 + cx + i cy, the point itself being the first; or -1 where the limit came first. */
export function juliaCount(x: number, y: number, cx: number, cy: number, limit: number): number {
  for (let n = 1; n <= limit; n++) {
    const [xx, yy] = [x * x, y * y]
    if (xx + yy > ESCAPE_RADIUS ** 2) return smooth(n, xx + yy)
    y = 2 * x * y + cy
    x = xx - yy + cx
  }
  return -1
}
