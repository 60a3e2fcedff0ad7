import { DEFAULT_LIGHT } from '../colour/appearance.ts'
import { colourTable, SET } from '../colour/palette.ts'
import { step } from '../colour/phase.ts'
import { lit, nearestValue, toLight } from '../colour/srgb.ts'
import { type Field, numbersOf, shades, stylePhase } from '../colour/style.ts'
import type { Look } from './look.ts'

/** Paints a canvas in a look as the server does at this zoom, from what is known of the sample at each pixel. */
export function paint(canvas: HTMLCanvasElement, zoom: number, look: Look, field: Field): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const pixels = context.createImageData(canvas.width, canvas.height)
  const phase = stylePhase(look, zoom, look.density)
  const numbers = numbersOf(look, field, phase.density / look.density, new Float64Array(field.nu.length))
  const table = colourTable(look)
  const parts = shades(look.style, field, look.light ?? DEFAULT_LIGHT)?.part
  numbers.forEach((number, at) => {
    const colour = 3 * (number < 0 ? SET : step(number, phase))
    const part = parts?.[at] ?? 1
    for (let c = 0; c < 3; c++) {
      const value = table[colour + c]!
      pixels.data[4 * at + c] = part === 1 ? value : nearestValue(lit(part, toLight(value)))
    }
    pixels.data[4 * at + 3] = 255
  })
  context.putImageData(pixels, 0, 0)
}
