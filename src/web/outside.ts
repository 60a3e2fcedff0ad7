// The plane beyond the pyramid. The server has no tiles there, and a flat colour would show where they end. But outside
// every point escapes within a few iterations, so the page draws these tiles itself, with the server's own numbers.
//
// Just left of -2, the tip of the antenna, depth matters: c = -2 + d with d of any smallness. The orbit of -2 is
// 0, -2, 2, 2, 2, …, and iterating the difference from it keeps all of d's digits, as the server's perturbation does.
import { phaseAt, step as stepOf } from '../colour.ts'
import { ESCAPE_RADIUS } from '../limit.ts'
import { paletteTable, SET } from '../palette.ts'
import type { PaletteName } from '../palettes.ts'
import type { TileAddress } from '../tile.ts'
import { samples, tileView } from '../view.ts'
import type { Look } from './permalink.ts'

/** Draws a tile outside the pyramid into a canvas of `size` pixels a side. */
export function drawOutside(canvas: HTMLCanvasElement, address: TileAddress, size: number, look: Look): void {
  canvas.width = size
  canvas.height = size
  const context = canvas.getContext('2d')
  if (!context) return
  const pixels = context.createImageData(size, size)
  const words = new Uint32Array(pixels.data.buffer)
  const phase = phaseAt(address.z)
  const colours = colourWords(look.palette as PaletteName)
  const limit = look.limit === 'auto' ? Number.POSITIVE_INFINITY : look.limit

  // real parts counted from the tip
  const view = tileView(address, size)
  const { re, im } = samples({ ...view, re: view.re + (2n << BigInt(view.bits)) })
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const nu = outsideCount(re[i]!, im[j]!, limit)
      words[j * size + i] = colours[nu < 0 ? SET : stepOf(nu, phase)]!
    }
  }
  context.putImageData(pixels, 0, 0)
}

/** The smooth iteration count of c = -2 + x + iy, or -1 where the limit came first. */
export function outsideCount(x: number, y: number, limit: number): number {
  // Z + d is the orbit's point: Z is -2 at n = 1 and 2 from then on
  let Z = -2
  let [dx, dy] = [x, y]
  for (let n = 1; n <= limit; n++) {
    const square = (Z + dx) ** 2 + dy ** 2
    if (square > ESCAPE_RADIUS ** 2) return Math.max(0, n - Math.log2(Math.log2(square) / 2))
    // d <- 2 Z d + d^2 + (x + iy); a d of zero is the tip itself and never escapes
    if (dx === 0 && dy === 0) return -1
    const nextX = 2 * Z * dx + (dx * dx - dy * dy) + x
    dy = 2 * Z * dy + 2 * dx * dy + y
    dx = nextX
    Z = 2
  }
  return -1
}

// a palette's table as the 32-bit words of a canvas: alpha, blue, green, red from the top on every machine browsers run on
const words = new Map<PaletteName, Uint32Array>()

function colourWords(name: PaletteName): Uint32Array {
  const known = words.get(name)
  if (known) return known
  const table = paletteTable(name)
  const made = Uint32Array.from(
    { length: table.length / 3 },
    (_, k) => ((255 << 24) | (table[3 * k + 2]! << 16) | (table[3 * k + 1]! << 8) | table[3 * k]!) >>> 0,
  )
  words.set(name, made)
  return made
}
