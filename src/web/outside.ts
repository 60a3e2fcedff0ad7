// The plane beyond the pyramid. The server has no tiles there, and a flat colour would show where they end. But outside
// every point escapes within a few iterations, so the page draws these tiles itself, with the server's own numbers.
//
// Just left of -2, the tip of the antenna, depth matters: c = -2 + d with d of any smallness. The orbit of -2 is
// 0, -2, 2, 2, 2, …, and iterating the difference from it keeps all of d's digits, as the server's perturbation does.

import { ESCAPE_RADIUS } from '../limit.ts'
import type { TileAddress } from '../tile.ts'
import { juliaView, samples, tileView } from '../view.ts'
import { juliaCount, smooth } from './escape.ts'
import type { Look } from './look.ts'
import { paint } from './paint.ts'
import type { Plane } from './plane.ts'

/** Draws a tile outside a plane's pyramid into a canvas of `size` pixels a side. */
export function drawOutside(
  canvas: HTMLCanvasElement,
  address: TileAddress,
  size: number,
  look: Look,
  plane: Plane,
): void {
  canvas.width = size
  canvas.height = size
  const limit = look.limit === 'auto' ? Number.POSITIVE_INFINITY : look.limit
  paint(
    canvas,
    address.z,
    look,
    plane.julia ? beyondJulia(plane, address, size, limit) : beyondTip(address, size, limit),
  )
}

type Count = (i: number, j: number) => number

function beyondTip(address: TileAddress, size: number, limit: number): Count {
  // real parts counted from the tip
  const view = tileView(address, size)
  const { re, im } = samples({ ...view, re: view.re + (2n << BigInt(view.bits)) })
  return (i, j) => outsideCount(re[i]!, im[j]!, limit)
}

function beyondJulia({ julia }: Plane, address: TileAddress, size: number, limit: number): Count {
  const { re, im } = samples(juliaView(address, size))
  const [cx, cy] = [Number(julia!.re), Number(julia!.im)]
  return (i, j) => juliaCount(re[i]!, im[j]!, cx, cy, limit)
}

/** The smooth iteration count of c = -2 + x + iy, or -1 where the limit came first. */
export function outsideCount(x: number, y: number, limit: number): number {
  // Z + d is the orbit's point: Z is -2 at n = 1 and 2 from then on
  let Z = -2
  let [dx, dy] = [x, y]
  for (let n = 1; n <= limit; n++) {
    const square = (Z + dx) ** 2 + dy ** 2
    if (square > ESCAPE_RADIUS ** 2) return smooth(n, square)
    // d <- 2 Z d + d^2 + (x + iy); a d of zero is the tip itself and never escapes
    if (dx === 0 && dy === 0) return -1
    const nextX = 2 * Z * dx + (dx * dx - dy * dy) + x
    dy = 2 * Z * dy + 2 * dx * dy + y
    dx = nextX
    Z = 2
  }
  return -1
}
