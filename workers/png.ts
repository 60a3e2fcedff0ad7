// A large picture's indices, gathered from many strips, as an indexed PNG.
import { indexedPng } from '../src/encode.ts'
import type { PngTask, TaskResult } from '../src/task.ts'
import { transferred } from './transfer.ts'

export default function png({ index, width, height }: PngTask): TaskResult {
  const started = performance.now()
  const bytes = indexedPng(index, width, height)
  return transferred({ bytes, counts: undefined, limit: 0, render: 0, encode: performance.now() - started })
}
