// Strips in order, made by all threads. A few are made ahead of the one that is waited for, and no
// more than these are ever held in memory, whatever the number of all.
import { setMaxListeners } from 'node:events'

// strips under way for each thread: one that runs, and enough that wait for those before them
const AHEAD = 4

/** Strips that are held at once: made, or under way. */
export function stripsHeld(slots: number): number {
  return AHEAD * slots
}

/**
 * Strips `from` to `count` - 1, in order. If one fails, or nobody takes them any more, the others
 * stop too: `start` gets a signal for that.
 */
export async function* inOrder<T>(
  { from = 0, count, slots }: { from?: number; count: number; slots: number },
  caller: AbortSignal,
  start: (k: number, signal: AbortSignal) => Promise<T>,
): AsyncGenerator<T> {
  const stopped = new AbortController()
  const signal = AbortSignal.any([caller, stopped.signal])
  // every strip that is under way listens, which is no leak
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
