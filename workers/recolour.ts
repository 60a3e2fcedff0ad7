// What is kept of a tile in another look: the same indices or pixels, and so the same bytes, as a fresh render in that look gives.

import { weigh } from '../src/kernel/externalmemory.ts'
import type { ColourTask, TaskResult } from '../src/kernel/task.ts'
import { drawn, fillSteps } from './shade.ts'
import { transferred } from './transfer.ts'

// allocated once for tiles of one size
let scratch = new Float64Array(0)

export default function colour({ kept, phase, want, look, width, height }: ColourTask): TaskResult {
  const started = performance.now()
  const steps = new Uint8Array(width * height)
  weigh(kept)
  if (scratch.length !== steps.length) scratch = new Float64Array(steps.length)
  fillSteps(kept, phase, look, scratch, steps)
  const bytes = drawn(kept, steps, want, look, width, height)
  return transferred({ bytes, counts: undefined, limit: kept.limit, render: 0, encode: performance.now() - started })
}
