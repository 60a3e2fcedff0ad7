// True colour with 16 bits a channel: each smooth count has its own colour, where 8 bits have 255
// steps.

import { type Appearance, gridSide } from '../src/colour/appearance.ts'
import { gradientLinear, gradientOf, INTERIOR_INDEX, parseColour } from '../src/colour/palette.ts'
import { PALETTE_STEPS, type Phase } from '../src/colour/phase.ts'
import { shadeLight, toLinear, toSrgb } from '../src/colour/srgb.ts'
import type { Shades } from '../src/colour/style.ts'

// points of the cycle between which light is interpolated linearly: so close that a spline is
// nearly straight there
const FINE = 4096

/**
 * Pixels of three big-endian 16-bit numbers, rows from the top. The aa · aa samples of a pixel are
 * averaged as light, each in its shade. A sample with a number below 0 has the colour of its
 * palette index.
 */
export function shadeRgb16(
  numbers: Float64Array,
  steps: Uint8Array,
  { density, bias, offset }: Phase,
  width: number,
  height: number,
  appearance: Appearance,
  shades?: Shades,
): Uint8Array<ArrayBuffer> {
  const { offsetSteps } = appearance
  const aa = gridSide(appearance)
  const gradient = gradientOf(appearance)
  const cycle = gradientLinear(gradient, FINE)
  const set = parseColour(gradient.set).map(toLinear) as [number, number, number]
  const base = shades?.base === 'set' ? set : [0, 0, 0]
  const bytes = new Uint8Array(6 * width * height)
  const row = new Float64Array(3 * width)
  const share = 1 / (aa * aa)
  const colour = [0, 0, 0]
  const pick = (at: number) => {
    if (numbers[at]! < 0 && steps[at] === INTERIOR_INDEX) {
      for (let channel = 0; channel < 3; channel++) colour[channel] = set[channel]!
      return
    }
    const own = numbers[at]! < 0 ? steps[at]! / PALETTE_STEPS : density * Math.log2(numbers[at]! + bias) + offset
    const phase = own + offsetSteps / PALETTE_STEPS
    const place = FINE * (phase - Math.floor(phase))
    const [from, part] = [Math.floor(place) % FINE, place - Math.floor(place)]
    const to = (from + 1) % FINE
    for (let channel = 0; channel < 3; channel++) {
      colour[channel] = (1 - part) * cycle[3 * from + channel]! + part * cycle[3 * to + channel]!
    }
  }
  for (let y = 0; y < height; y++) {
    row.fill(0)
    for (let sub = 0; sub < aa; sub++) {
      let at = (y * aa + sub) * width * aa
      for (let x = 0; x < row.length; x += 3) {
        for (let end = at + aa; at < end; at++) {
          pick(at)
          const part = shades ? shades.part[at]! : 1
          for (let channel = 0; channel < 3; channel++) {
            row[x + channel]! += shadeLight(part, colour[channel]!) + (1 - part) * base[channel]!
          }
        }
      }
    }
    for (let x = 0; x < row.length; x++) {
      // 257 of these are one of 255
      const value = Math.round(257 * toSrgb(row[x]! * share))
      const to = 2 * (y * row.length + x)
      bytes[to] = value >> 8
      bytes[to + 1] = value & 255
    }
  }
  return bytes
}
