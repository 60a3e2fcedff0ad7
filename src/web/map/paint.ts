import { DEFAULT_LIGHT } from '../../colour/appearance.ts'
import { colourTable, INTERIOR_INDEX } from '../../colour/palette.ts'
import { paletteIndex } from '../../colour/phase.ts'
import { shadeLight, toLinear, toSrgbByte } from '../../colour/srgb.ts'
import { type SampleAttributes, sampleShades, stylePhase, styleValues } from '../../colour/style.ts'
import type { MapAppearance } from '../state/appearance.ts'

/**
 * A picture without its colours: an index into the palette for each pixel, and for shaded styles
 * the part of its light.
 */
export interface IndexedPicture {
  size: number
  indices: Uint8Array<ArrayBuffer>
  light?: Float32Array<ArrayBuffer>
}

/**
 * The indices as the server computes them at this zoom, from the attributes of the sample at each
 * pixel.
 */
export function indexPicture(
  size: number,
  zoom: number,
  appearance: MapAppearance,
  field: SampleAttributes,
): IndexedPicture {
  const phase = stylePhase(appearance, zoom, appearance.density)
  const numbers = styleValues(appearance, field, phase.density / appearance.density, new Float64Array(field.nu.length))
  const indices = Uint8Array.from(numbers, (number) => (number < 0 ? INTERIOR_INDEX : paletteIndex(number, phase)))
  const light = sampleShades(appearance.style, field, appearance.light ?? DEFAULT_LIGHT)?.part
  return { size, indices, ...(light && { light: Float32Array.from(light) }) }
}

/** Paints a square picture on a canvas in the colours of an appearance. */
export function paintPicture(canvas: HTMLCanvasElement, picture: IndexedPicture, appearance: MapAppearance): void {
  const { size, indices, light } = picture
  canvas.width = size
  canvas.height = size
  const context = canvas.getContext('2d')
  if (!context) return
  const pixels = context.createImageData(size, size)
  const table = colourTable(appearance)
  const words = new Uint32Array(pixels.data.buffer)
  // little-endian, as every machine is that runs a browser: red is the lowest byte
  const colours = Uint32Array.from({ length: 256 }, (_, index) => {
    const [red, green, blue] = table.subarray(3 * index)
    return (255 << 24) | (blue! << 16) | (green! << 8) | red!
  })
  for (let at = 0; at < indices.length; at++) words[at] = colours[indices[at]!]!
  if (light) {
    light.forEach((part, at) => {
      if (part === 1) return
      for (let c = 4 * at; c < 4 * at + 3; c++) pixels.data[c] = toSrgbByte(shadeLight(part, toLinear(pixels.data[c]!)))
    })
  }
  context.putImageData(pixels, 0, 0)
}
