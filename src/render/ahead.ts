// Strips in order, made by all threads. A few strips are made ahead of the one that the caller
// waits for. Only these are in memory, however many strips there are.
import { setMaxListeners } from 'node:events'

// strips in progress for each thread: one that runs, and some that wait for earlier ones
const AHEAD = 4

/** Strips that are held at once: finished or in progress. */
export function stripsHeld(slots: number): number {
  return AHEAD * slots
}

/**
 * Strips `from` to `count` - 1, in order. If one fails, or the caller stops reading, the others
 * stop too: `start` gets a signal for that.
 */
export async function* inOrder<T>(
  { from = 0, count, slots }: { from?: number; count: number; slots: number },
  caller: AbortSignal,
  start: (k: number, signal: AbortSignal) => Promise<T>,
): AsyncGenerator<T> {
  const stopped = new AbortController()
  const signal = AbortSignal.any([caller, stopped.signal])
  // every strip in progress adds a listener; this is not a leak
  setMaxListeners(0, signal)
  const ahead: Promise<T>[] = []
  try {
    for (let next = from; next < count || ahead.length > 0; ) {
      while (next < count && ahead.length < stripsHeld(slots)) {
        const strip = start(next++, signal)
        // a failure is handled where the strip is awaited
        strip.catch(() => {})
        ahead.push(strip)
      }
      yield await ahead.shift()!
    }
  } finally {
    stopped.abort()
  }
}
