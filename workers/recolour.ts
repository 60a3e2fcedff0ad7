// Cached samples of a tile in another appearance: the same palette indices or pixels, and so the
// same bytes, as from a fresh render in that appearance.

import { usesParts } from '../src/colour/appearance.ts'
import { stylePhase } from '../src/colour/style.ts'
import { reportExternalMemory } from '../src/kernel/externalmemory.ts'
import type { RecolourTask, TaskResult } from '../src/kernel/task.ts'
import { latticePlace } from '../src/plane/lattice.ts'
import { contrasted } from './contrast.ts'
import { paletteIndices, shade } from './shade.ts'
import { transferred } from './transfer.ts'

// allocated once for all tiles of a size
let scratch = new Float64Array(0)

export default function recolour(task: RecolourTask): TaskResult {
  const started = performance.now()
  const { samples, output, zoom, appearance, view } = task
  const { width, height } = view
  const steps = new Uint8Array(width * height)
  const parts = output === 'rgb' && usesParts(appearance) ? new Int8Array(width * height) : undefined
  reportExternalMemory(samples)
  if (scratch.length !== steps.length) scratch = new Float64Array(steps.length)
  const rows = { width, height, place: latticePlace(view) }
  const field = { ...samples, nu: contrasted(task, samples.nu) }
  paletteIndices(field, stylePhase(appearance, zoom, appearance.density), appearance, rows, scratch, steps, parts)
  const bytes = shade(samples, steps, output, parts, appearance, width, height)
  return transferred({ bytes, counts: undefined, limit: samples.limit, render: 0, encode: performance.now() - started })
}
