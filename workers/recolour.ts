// Cached samples of a tile in another appearance: the same palette indices or pixels, and so the
// same bytes, as a fresh render in that appearance gives.

import { stylePhase } from '../src/colour/style.ts'
import { reportExternalMemory } from '../src/kernel/externalmemory.ts'
import type { RecolourTask, TaskResult } from '../src/kernel/task.ts'
import { paletteIndices, shade } from './shade.ts'
import { transferred } from './transfer.ts'

// allocated once for all tiles of a size
let scratch = new Float64Array(0)

export default function recolour({ samples, output, zoom, appearance, width, height }: RecolourTask): TaskResult {
  const started = performance.now()
  const steps = new Uint8Array(width * height)
  reportExternalMemory(samples)
  if (scratch.length !== steps.length) scratch = new Float64Array(steps.length)
  paletteIndices(samples, stylePhase(appearance, zoom, appearance.density), appearance, scratch, steps)
  const bytes = shade(samples, steps, output, appearance, width, height)
  return transferred({ bytes, counts: undefined, limit: samples.limit, render: 0, encode: performance.now() - started })
}
