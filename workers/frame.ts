// A frame of a film from its key frames, as a PNG.

import { pngHead, pngStrip, pngTail } from '../src/formats/png/strips.ts'
import type { FrameTask, TaskResult } from '../src/kernel/task.ts'
import { compose } from './compose.ts'
import { transferred } from './transfer.ts'

export default function frame({ key, next, part, width, height, metadata }: FrameTask): TaskResult {
  const started = performance.now()
  const strip = pngStrip(compose(key, next, part, width, height), width, 'rgb8')
  const pieces = [pngHead(width, height, 'rgb8', undefined, metadata), strip.bytes, pngTail(strip.sum)]
  const bytes = new Uint8Array(Buffer.concat(pieces))
  return transferred({ bytes, counts: undefined, limit: 0, render: 0, encode: performance.now() - started })
}
