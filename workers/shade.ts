// From what is known of samples to palette steps, and from these to bytes: what a fresh render and a kept field have in common.

import { DEFAULT_LIGHT, type Look } from '../src/colour/appearance.ts'
import type { Phase } from '../src/colour/phase.ts'
import { type Field, fillBasins, numbersOf, shades } from '../src/colour/style.ts'
import { indexedPng } from '../src/formats/png/indexed.ts'
import { kernel } from '../src/kernel/binding.ts'
import { paint } from './rgb8.ts'
import { paint16 } from './rgb16.ts'

/** Fills `steps` with each sample's step of the palette in a look; `scratch` has as many numbers. */
export function fillSteps(field: Field, phase: Phase, look: Look, scratch: Float64Array, steps: Uint8Array): void {
  const numbers = numbersOf(look, field, phase.density / look.density, scratch)
  kernel.index(numbers, phase.density, phase.bias, phase.offset, steps)
  if (field.cycle) fillBasins(look.style, field, look.density, steps)
}

/** A picture of width · height pixels of aa · aa samples each: as an indexed PNG, or as RGB. */
export function drawn(
  field: Field,
  steps: Uint8Array,
  want: 'png' | 'rgb',
  look: Look,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  if (want === 'png') return indexedPng(steps, width, height)
  return paint(steps, width, height, look, shades(look.style, field, look.light ?? DEFAULT_LIGHT))
}

/** The same in sixteen bits a channel: three numbers a pixel, high byte first. `scratch` has as many numbers as there are samples. */
export function drawn16(
  field: Field,
  steps: Uint8Array,
  phase: Phase,
  look: Look,
  width: number,
  height: number,
  scratch: Float64Array,
): Uint8Array<ArrayBuffer> {
  const numbers = numbersOf(look, field, phase.density / look.density, scratch)
  return paint16(numbers, steps, phase, width, height, look, shades(look.style, field, look.light ?? DEFAULT_LIGHT))
}
