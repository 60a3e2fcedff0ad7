// From samples to palette indices, and from these to bytes: the same for a fresh render and for
// cached samples.

import { type Appearance, DEFAULT_LIGHT } from '../src/colour/appearance.ts'
import type { Phase } from '../src/colour/phase.ts'
import { fillInteriorIndices, type SampleAttributes, sampleShades, styleValues } from '../src/colour/style.ts'
import { indexedPng } from '../src/formats/png/indexed.ts'
import { kernel } from '../src/kernel/binding.ts'
import type { LatticePlace } from '../src/plane/lattice.ts'
import { shadeRgb8 } from './rgb8.ts'
import { shadeRgb16 } from './rgb16.ts'

/** Rows of samples, and their place in the lattice of thresholds. */
export interface SampleRows {
  width: number
  height: number
  place: LatticePlace
}

/**
 * Fills `steps` with each sample's palette index, dithered where bands would show. With `parts`,
 * nothing is dithered; instead they get the distance of each phase from its step, in 1/254 of a
 * step. `scratch` has as many numbers.
 */
export function paletteIndices(
  field: SampleAttributes,
  phase: Phase,
  appearance: Appearance,
  { width, height, place }: SampleRows,
  scratch: Float64Array,
  steps: Uint8Array,
  parts: Int8Array | undefined,
): void {
  const numbers = styleValues(appearance, field, phase.density / appearance.density, scratch)
  const { density, bias, offset } = phase
  kernel.paletteIndices(numbers, density, bias, offset, steps)
  if (parts) kernel.stepParts(numbers, width, height, density, bias, offset, parts)
  else kernel.ditherIndices(numbers, width, height, place, density, bias, offset, steps)
  if (field.cycle) fillInteriorIndices(appearance.style, field, appearance.density, steps)
}

/** width · height pixels of aa · aa samples each, as an indexed PNG or as RGB. */
export function shade(
  field: SampleAttributes,
  steps: Uint8Array,
  output: 'png' | 'rgb',
  parts: Int8Array | undefined,
  appearance: Appearance,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  if (output === 'png') return indexedPng(steps, width, height)
  const shades = sampleShades(appearance.style, field, appearance.light ?? DEFAULT_LIGHT)
  const rgb = shadeRgb8(steps, parts, width, height, appearance, shades)
  // a number for each sample, which the collector would free much later
  if (shades) kernel.discard(shades.part)
  return rgb
}

/**
 * The same with 16 bits a channel: three big-endian numbers a pixel. `scratch` has as many numbers
 * as there are samples.
 */
export function shade16(
  field: SampleAttributes,
  steps: Uint8Array,
  phase: Phase,
  appearance: Appearance,
  width: number,
  height: number,
  scratch: Float64Array,
): Uint8Array<ArrayBuffer> {
  const numbers = styleValues(appearance, field, phase.density / appearance.density, scratch)
  return shadeRgb16(
    numbers,
    steps,
    phase,
    width,
    height,
    appearance,
    sampleShades(appearance.style, field, appearance.light ?? DEFAULT_LIGHT),
  )
}
