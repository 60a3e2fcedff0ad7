// Where log lines go: standard output, in batches.
//
// Lines are collected and written ten times a second, or sooner when there are many. A write for
// each line wakes one of libuv's threads, which then wakes this one; that took a tenth of a cold
// tile's time outside the kernel. Remaining lines are written when the process ends.
import { pino } from 'pino'

const FLUSH_EVERY = 100 // milliseconds
const BATCH = 4096 // characters: some fifteen lines

/** What a logger writes its lines to. */
export const LOG = pino.destination({ dest: 1, sync: false, minLength: BATCH, periodicFlush: FLUSH_EVERY })

/**
 * Resolves to true when all lines are written or their reader has gone, and to false after
 * `patience` milliseconds. Call it before the process ends. Otherwise the last lines are written at
 * the very end, and a stalled reader would block that forever (sonic-boom 4.2 tries again whatever
 * the error).
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
