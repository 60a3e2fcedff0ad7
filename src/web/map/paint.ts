import { DEFAULT_LIGHT } from '../../colour/appearance.ts'
import { colourTable, INTERIOR_INDEX } from '../../colour/palette.ts'
import { paletteIndex } from '../../colour/phase.ts'
import { shadeLight, toLinear, toSrgbByte } from '../../colour/srgb.ts'
import { type SampleAttributes, sampleShades, stylePhase, styleValues } from '../../colour/style.ts'
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
  const numbers = styleValues(appearance, field, phase.density / appearance.density, new Float64Array(field.nu.length))
  const table = colourTable(appearance)
  const parts = sampleShades(appearance.style, field, appearance.light ?? DEFAULT_LIGHT)?.part
  numbers.forEach((number, at) => {
    const colour = 3 * (number < 0 ? INTERIOR_INDEX : paletteIndex(number, phase))
    const part = parts?.[at] ?? 1
    for (let c = 0; c < 3; c++) {
      const value = table[colour + c]!
      pixels.data[4 * at + c] = part === 1 ? value : toSrgbByte(shadeLight(part, toLinear(value)))
    }
    pixels.data[4 * at + 3] = 255
  })
  context.putImageData(pixels, 0, 0)
}
