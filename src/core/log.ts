// The log's way to standard output: lines gather, and go ten times a second or when there are many. A write for each, which one of libuv's threads is woken for
// and which wakes this one, took a tenth of a cold tile's time outside the kernel. What waits when the process ends is written then.
import { pino } from 'pino'

const EVERY = 100 // milliseconds
const MANY = 4096 // characters: some fifteen lines

/** What a logger writes its lines to. */
export const LOG = pino.destination({ dest: 1, sync: false, minLength: MANY, periodicFlush: EVERY })

/**
 * Resolves when all lines are written, or nobody reads them any more; false where they are not after `patience` milliseconds. To be waited for before the process
 * ends: what is left is written at the very end, and a reader that is gone or stands still would hold that up for ever (sonic-boom 4.2 tries again whatever the
 * fault).
 */
export function written(patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), patience)
    LOG.flush(() => {
      clearTimeout(late)
      resolve(true)
    })
  })
}
