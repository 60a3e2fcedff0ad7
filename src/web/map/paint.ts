import { DEFAULT_LIGHT } from '../../colour/appearance.ts'
import { colourTable, SET } from '../../colour/palette.ts'
import { step } from '../../colour/phase.ts'
import { lit, nearestValue, toLight } from '../../colour/srgb.ts'
import { numbersOf, type SampleAttributes, shades, stylePhase } from '../../colour/style.ts'
import type { MapAppearance } from '../state/appearance.ts'

/**
 * Paints a canvas as the server does at this zoom, from the attributes of the sample at each pixel.
 */
export function paint(
  canvas: HTMLCanvasElement,
  zoom: number,
  appearance: MapAppearance,
  field: SampleAttributes,
): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const pixels = context.createImageData(canvas.width, canvas.height)
  const phase = stylePhase(appearance, zoom, appearance.density)
  const numbers = numbersOf(appearance, field, phase.density / appearance.density, new Float64Array(field.nu.length))
  const table = colourTable(appearance)
  const parts = shades(appearance.style, field, appearance.light ?? DEFAULT_LIGHT)?.part
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
