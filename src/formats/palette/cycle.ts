// Turns a function of the position in the cycle into a palette: one band for each of the cycle's
// steps, because a picture shows nothing finer.
import { bandsOf, type Gradient } from '../../colour/gradient.ts'
import { PALETTE_STEPS } from '../../colour/phase.ts'

/** Red, green and blue, from 0 to 255. */
export type Rgb = readonly [number, number, number]

export const BLACK = '#000000'

/** A palette from its colour at each position, from 0 to below 1, in the middle of each step. */
export function sampled(colourAt: (position: number) => Rgb, set: string = BLACK): Gradient {
  const colours = Array.from({ length: PALETTE_STEPS }, (_, k) => hex(colourAt((k + 0.5) / PALETTE_STEPS)))
  return bandsOf(colours, set)
}

/** The colour as `#rrggbb`; values outside 0 to 255 are clamped. */
export function hex(colour: Rgb): string {
  const byte = (value: number) => Math.round(Math.min(Math.max(value, 0), 255))
  return `#${colour.map((value) => byte(value).toString(16).padStart(2, '0')).join('')}`
}

/** Between two colours, in sRGB values as the programs do it. */
export function mix(from: Rgb, to: Rgb, part: number): Rgb {
  const at = (k: 0 | 1 | 2) => from[k] + (to[k] - from[k]) * part
  return [at(0), at(1), at(2)]
}
