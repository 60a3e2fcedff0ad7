import { transferableSymbol, valueSymbol } from 'piscina'
import type { TaskResult } from '../src/task.ts'

/** Tells piscina to hand the result's bytes over to the main thread instead of copying them. */
export function transferred(result: TaskResult): TaskResult {
  return {
    get [transferableSymbol]() {
      return [result.bytes.buffer]
    },
    get [valueSymbol]() {
      return result
    },
  } as unknown as TaskResult
}
