import type { TaskResult } from '../src/kernel/task.ts'
import { transferred } from './transfer.ts'

/** A JSON document as a task's result; empty bytes if there is none. */
export function document(value: object | undefined, started: number): TaskResult {
  const bytes = new TextEncoder().encode(value === undefined ? '' : JSON.stringify(value))
  return transferred({ bytes, counts: undefined, limit: 0, render: performance.now() - started, encode: 0 })
}
