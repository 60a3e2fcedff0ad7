import { move, transferableSymbol, valueSymbol } from 'piscina'
import { reportExternalMemory } from '../src/kernel/externalmemory.ts'
import type { TaskResult } from '../src/kernel/task.ts'

/** Tells piscina to hand the result's bytes over to the main thread instead of copying them. */
export function transferred(result: TaskResult): TaskResult {
  // move() is typed for bare buffers, though it takes whatever says what is to be transferred and what is meant
  const parcel = { [transferableSymbol]: [result.bytes.buffer], [valueSymbol]: reportExternalMemory(result) }
  return move(parcel as unknown as ArrayBuffer) as unknown as TaskResult
}
