import { move, transferableSymbol, valueSymbol } from 'piscina'
import { reportExternalMemory } from '../src/kernel/externalmemory.ts'
import type { TaskResult } from '../src/kernel/task.ts'

/** Tells piscina to transfer the result's bytes to the main thread instead of copying them. */
export function transferred(result: TaskResult): TaskResult {
  // move() is typed for bare buffers, but takes any object that names its value and what to
  // transfer
  const transferable = { [transferableSymbol]: [result.bytes.buffer], [valueSymbol]: reportExternalMemory(result) }
  return move(transferable as unknown as ArrayBuffer) as unknown as TaskResult
}
