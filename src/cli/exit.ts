// How a command ends: its exit code, its one-line error, and its reaction to signals.
import { constants } from 'node:os'
import { debuglog } from 'node:util'
import { Failure } from '../core/errors.ts'

/** The exit codes, for the help and the manual page. */
export const EXIT_CODES = {
  0: 'success',
  1: 'something failed; one line on standard error says what',
  2: 'it could not start: a flag, a file or an address is wrong, or a service does not answer',
  130: 'stopped by Ctrl-C (SIGINT)',
  143: 'stopped by SIGTERM',
} as const

/** A command that a signal has stopped. */
class Stopped extends Failure {
  readonly exitCode: number

  constructor(signal: NodeJS.Signals, sentence: string) {
    super('cancelled', sentence)
    this.exitCode = 128 + constants.signals[signal]
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** Milliseconds for a stopped command to clean up. Then the process ends anyway. */
const GRACE = 10_000

/** The message of a stopped command that can be resumed. */
export const RESUME = 'stopped; run the same command with --resume to continue'

/** Calls `stop` at the first SIGINT or SIGTERM. A second one ends the process at once. */
function onSignal(stop: (signal: NodeJS.Signals) => void): () => void {
  const off = () => {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
  const listener = (signal: NodeJS.Signals) => {
    off()
    stop(signal)
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return off
}

/**
 * Aborts at SIGINT or SIGTERM. For `work`, which has nothing to continue: a signal is its normal
 * end.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  onSignal(() => {
    controller.abort(new Failure('cancelled', 'stopped'))
    // connections to an unreachable Redis would keep the process alive forever
    setTimeout(() => process.exit(), GRACE).unref()
  })
  return controller.signal
}

/**
 * Runs work that SIGINT and SIGTERM stop.
 * @param sentence the message after that
 * @throws Stopped, whatever error the stopped work throws
 */
export async function stoppable<T>(
  work: (signal: AbortSignal) => Promise<T>,
  sentence: () => string = () => RESUME,
): Promise<T> {
  const controller = new AbortController()
  let stopped: NodeJS.Signals | undefined
  const off = onSignal((signal) => {
    stopped = signal
    controller.abort(new Failure('cancelled', 'stopped'))
    setTimeout(() => process.exit(fail(new Stopped(signal, sentence()))), GRACE).unref()
  })
  try {
    return await work(controller.signal)
  } catch (error) {
    throw stopped ? new Stopped(stopped, sentence()) : error
  } finally {
    off()
  }
}

const debug = debuglog('mandeltiles')

/** Writes the one line that says why a command failed. @returns the exit code */
export function fail(error: unknown): number {
  debug('%o', error)
  const { line, code } = explain(error)
  console.error(`mandeltiles: ${line}`)
  return code
}

/** Writes a note; the command continues. */
export function warn(sentence: string): void {
  console.error(`mandeltiles: ${oneLine(sentence)}`)
}

function explain(error: unknown): { line: string; code: number } {
  if (error instanceof Stopped) return { line: oneLine(error.message), code: error.exitCode }
  if (error instanceof Failure) {
    const { status, code, message } = error
    return { line: oneLine(message), code: status < 500 || code === 'not_ready' ? 2 : 1 }
  }
  const { code, path, syscall, message } = error as NodeJS.ErrnoException
  if (syscall !== undefined && code !== undefined) {
    const what = path === undefined ? message : `${path}: ${FAULTS[code] ?? message}`
    return { line: oneLine(what), code: code in FAULTS ? 2 : 1 }
  }
  const hint = 'this is a fault of mandeltiles; NODE_DEBUG=mandeltiles shows where'
  return { line: `${oneLine(message ?? String(error))} (${hint})`, code: 1 }
}

/** Errors of the file system, in words. */
export const FAULTS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'it exists already',
}

function oneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '').join('; ')
}
