import { phaseAt, step } from '../colour.ts'
import { colourTable, SET } from '../palette.ts'
import type { Look } from './look.ts'

/** Paints a square canvas in a look as the server does at this zoom, from the smooth count at each pixel; below 0 is the set. */
export function paint(
  canvas: HTMLCanvasElement,
  zoom: number,
  look: Look,
  count: (i: number, j: number) => number,
): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const { width, height } = canvas
  const pixels = context.createImageData(width, height)
  const out = new Uint32Array(pixels.data.buffer)
  const phase = phaseAt(zoom, look.density)
  const colours = words(colourTable(look))
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      const nu = count(i, j)
      out[j * width + i] = colours[nu < 0 ? SET : step(nu, phase)]!
    }
  }
  context.putImageData(pixels, 0, 0)
}

// RGB triples as the 32-bit words of a canvas: alpha, blue, green, red from the top on every machine browsers run on
function words(table: Uint8Array): Uint32Array {
  return Uint32Array.from(
    { length: table.length / 3 },
    (_, k) => ((255 << 24) | (table[3 * k + 2]! << 16) | (table[3 * k + 1]! << 8) | table[3 * k]!) >>> 0,
  )
}
