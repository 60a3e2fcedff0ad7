// The log's way to standard output: lines gather, and go ten times a second or when there are many. A write for each, which one of libuv's threads is woken for
// and which wakes this one, took a tenth of a cold tile's time outside the kernel. What waits when the process ends is written then.
import { pino } from 'pino'

const EVERY = 100 // milliseconds
const MANY = 4096 // characters: some fifteen lines

/** What a logger writes its lines to. */
export const LOG = pino.destination({ dest: 1, sync: false, minLength: MANY, periodicFlush: EVERY })
