// Concurrent work with a limit.
import pLimit from 'p-limit'

/**
 * Works on each item, `atOnce` of them at a time, and returns the results in order. After a failure
 * no other item starts; running ones end first, then the failure is thrown.
 *
 * Items are read one by one, when there is room: a pyramid has millions of tiles, and p-limit's own
 * `map` would queue all of them first.
 */
export async function inParallel<T, R>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const rest = entries(items)
  // the runners share one iterator: a failure closes it, and so ends all of them
  const runner = async () => {
    for (const [at, item] of rest) results[at] = await work(item)
  }
  const runners = await Promise.allSettled(Array.from({ length: atOnce }, runner))
  for (const runner of runners) if (runner.status === 'rejected') throw runner.reason
  return results
}

function* entries<T>(items: Iterable<T>): Generator<[number, T]> {
  let at = 0
  for (const item of items) yield [at++, item]
}

/** Runs work in the order in which it arrives. */
export type Limit = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

/**
 * Runs at most `atOnce` pieces of work at a time. Work that is still queued when its signal aborts
 * is rejected at once, and never run.
 */
export function limitTo(atOnce: number): Limit {
  const limit = pLimit(atOnce)
  return (work, signal) => {
    if (!signal) return limit(work)
    return new Promise((resolve, reject) => {
      const leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      void limit(async () => {
        signal.removeEventListener('abort', leave)
        if (signal.aborted) return leave()
        await work().then(resolve, reject)
      })
    })
  }
}
