// A frame of a film, made from its key frames, as a PNG.

import { pngHead, pngStrip, pngTail } from '../src/formats/png/strips.ts'
import { kernel } from '../src/kernel/binding.ts'
import type { FrameTask, TaskResult } from '../src/kernel/task.ts'
import { transferred } from './transfer.ts'

export default function frame(task: FrameTask): TaskResult | null {
  const { key, next, part, width, height, metadata, cancel } = task
  const started = performance.now()
  const rgb = new Uint8Array(3 * width * height)
  if (!kernel.frame(key.rgb, key.width, key.height, next?.rgb, part, width, height, rgb, cancel)) return null
  const rendered = performance.now()
  const strip = pngStrip(rgb, width, 'rgb8')
  const pieces = [pngHead(width, height, 'rgb8', undefined, metadata), strip.bytes, pngTail(strip.sum)]
  const bytes = new Uint8Array(Buffer.concat(pieces))
  return transferred({
    bytes,
    counts: undefined,
    limit: 0,
    render: rendered - started,
    encode: performance.now() - rendered,
  })
}
