// Tells V8 how much shared memory a thread holds. V8 does not count a SharedArrayBuffer as memory
// that garbage holds, because several threads may share it. It would collect unused buffers only
// when its own small heap is full: after hours, with gigabytes of unused reference orbits. So each
// thread reports to its own collector the buffers that it holds.
import { kernel } from './binding.ts'

// a smaller buffer is not worth a finalizer
const SMALLEST = 4096 // bytes

/**
 * Reports all shared arrays, at any depth, in a value that this thread has made or received.
 * @returns the same value
 */
export function reportExternalMemory<T>(value: T): T {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof SharedArrayBuffer && value.byteLength > SMALLEST) kernel.reportExternalMemory(value)
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) reportExternalMemory(part)
  }
  return value
}
