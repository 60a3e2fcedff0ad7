// True colour with 8 bits a channel, for appearances that an indexed PNG cannot hold. The samples
// of a pixel are averaged as light, because the eye averages light and not the numbers of sRGB.
import { type Appearance, gridSide } from '../src/colour/appearance.ts'
import { colourTable, gradientOf, INTERIOR_INDEX } from '../src/colour/palette.ts'
import { PALETTE_STEPS } from '../src/colour/phase.ts'
import { shadeLight, toLinear, toSrgbByte } from '../src/colour/srgb.ts'
import type { Shades } from '../src/colour/style.ts'

// by table; palette.ts returns the same one for the same colours
const lights = new WeakMap<Uint8Array, Float32Array>()

function linear(table: Uint8Array): Float32Array {
  let light = lights.get(table)
  if (!light) {
    light = Float32Array.from(table, toLinear)
    lights.set(table, light)
  }
  return light
}

// the parts of a step that fmandel_step_parts counts
const PART = 254

/**
 * width · height pixels of RGB, rows from the top, from the palette indices of aa · aa samples a
 * pixel, the distances of their phases from these (see paletteIndices), and their shades. Bands of
 * one colour stay bands.
 */
export function shadeRgb8(
  index: Uint8Array,
  parts: Int8Array | undefined,
  width: number,
  height: number,
  appearance: Appearance,
  shades?: Shades,
): Uint8Array<ArrayBuffer> {
  const aa = gridSide(appearance)
  const light = linear(colourTable(appearance))
  const smooth = gradientOf(appearance).bands ? undefined : parts
  const base = shades?.base === 'set' ? light.slice(3 * INTERIOR_INDEX) : new Float32Array(3)
  const rgb = new Uint8Array(3 * width * height)
  const row = new Float32Array(3 * width)
  const share = 1 / (aa * aa)
  for (let y = 0; y < height; y++) {
    row.fill(0)
    for (let sub = 0; sub < aa; sub++) {
      let at = (y * aa + sub) * width * aa
      for (let x = 0; x < row.length; x += 3) {
        for (let end = at + aa; at < end; at++) {
          const step = index[at]!
          const part = shades ? shades.part[at]! : 1
          const beyond = smooth ? smooth[at]! / PART : 0
          const next = beyond === 0 ? step : (step + (beyond > 0 ? 1 : PALETTE_STEPS - 1)) % PALETTE_STEPS
          for (let c = 0; c < 3; c++) {
            const own = light[3 * step + c]!
            const mixed = beyond === 0 ? own : own + Math.abs(beyond) * (light[3 * next + c]! - own)
            row[x + c]! += shadeLight(part, mixed) + (1 - part) * base[c]!
          }
        }
      }
    }
    for (let x = 0; x < row.length; x++) rgb[y * row.length + x] = toSrgbByte(Math.min(row[x]! * share, 1))
  }
  return rgb
}
