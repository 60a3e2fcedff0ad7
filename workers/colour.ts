// A tile's kept counts in another phase: the same indices, and so the same bytes, as a fresh render in that phase gives.
import { indexedPng } from '../src/encode.ts'
import { kernel } from '../src/kernel.ts'
import type { ColourTask, TaskResult } from '../src/task.ts'
import { transferred } from './transfer.ts'

export default function colour({ kept, phase, width, height }: ColourTask): TaskResult {
  const started = performance.now()
  const index = new Uint8Array(width * height)
  kernel.index(Float64Array.from(kept.nu), phase.density, phase.bias, phase.offset, index)
  const bytes = indexedPng(index, width, height)
  return transferred({ bytes, counts: undefined, limit: kept.limit, render: 0, encode: performance.now() - started })
}
