// What shared memory weighs. V8 does not count SharedArrayBuffers as memory that garbage holds, since several threads may hold one: it would collect
// those that nobody needs when its own small heap is full, which is after hours, with gigabytes of reference orbits left behind until then. So each
// thread tells its own collector of those that it holds.
import { kernel } from './binding.ts'

// below this it is not worth a finalizer
const LIGHT = 4096

/** Tells this thread's collector of all shared arrays in what it has made or been sent, at any place in it; gives the same back. */
export function reportExternalMemory<T>(value: T): T {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof SharedArrayBuffer && value.byteLength > LIGHT) kernel.weigh(value)
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) reportExternalMemory(part)
  }
  return value
}
