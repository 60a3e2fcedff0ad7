// Threads that render. piscina keeps them; the queue (admission.ts) stands before it, because a
// task that piscina has given to a thread can only be aborted by killing that thread. So a waiting
// task is dropped by leaving the queue, a running one stops by a flag that the kernel polls, and a
// thread is killed only if it ignores the flag.
//
// A thread that dies for any reason is replaced, and only its one task fails. A thread that cannot
// start, for lack of memory or file descriptors, is replaced too: piscina gives up on such threads,
// so the pool starts others until one succeeds.
import { extname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { Failure } from '../core/errors.ts'
import { reportExternalMemory } from '../kernel/externalmemory.ts'
import type {
  Cancel,
  FeatureTask,
  FrameTask,
  GridTask,
  IteratesTask,
  OrbitResult,
  OrbitTask,
  ProbeResult,
  ProbeTask,
  RecolourTask,
  TaskResult,
  VerifyResult,
  VerifyTask,
  ViewTask,
} from '../kernel/task.ts'
import { type AdmissionLimits, AdmissionQueue } from './admission.ts'
import type { Work } from './backlog.ts'
import { cancelled, type TaskOptions } from './ticket.ts'

/**
 * The input and output of each kind of task; the pool adds the flag. There is a file in workers/
 * for each kind.
 */
interface Tasks {
  view: { takes: Omit<ViewTask, 'cancel'>; gives: TaskResult }
  recolour: { takes: Omit<RecolourTask, 'cancel'>; gives: TaskResult }
  frame: { takes: Omit<FrameTask, 'cancel'>; gives: TaskResult }
  grid: { takes: Uncancelled<GridTask>; gives: TaskResult }
  orbit: { takes: Omit<OrbitTask, 'cancel'>; gives: OrbitResult }
  probe: { takes: Omit<ProbeTask, 'cancel'>; gives: ProbeResult }
  nucleus: { takes: Omit<FeatureTask, 'cancel'>; gives: TaskResult }
  islands: { takes: Omit<FeatureTask, 'cancel'>; gives: TaskResult }
  misiurewicz: { takes: Omit<FeatureTask, 'cancel'>; gives: TaskResult }
  spirals: { takes: Omit<FeatureTask, 'cancel'>; gives: TaskResult }
  iterates: { takes: Omit<IteratesTask, 'cancel'>; gives: TaskResult }
  verify: { takes: Omit<VerifyTask, 'cancel'>; gives: VerifyResult }
}
type Kind = keyof Tasks
// Omit, but of each member of a union
type Uncancelled<T> = T extends unknown ? Omit<T, 'cancel'> : never
/** A task's result, and the milliseconds that it waited for a thread. */
type Done<K extends Kind> = Tasks[K]['gives'] & { queue: number }

// kernels poll the flag every few milliseconds: a thread that has not reacted after this time never
// will
const CANCEL_GRACE_MS = 5000

// with as many threads as cores, the main thread takes precedence over the render threads. Only
// Linux has a priority per thread
const NICE = process.platform === 'linux' ? 10 : 0

// between two attempts to start a thread, and attempts before the server says that it cannot start
const RESTART_MS = 200
const STARTS = 10

// the longest that an end waits for threads that are importing
const IMPORT_MS = 2000

export class Pool {
  readonly admission: AdmissionQueue
  /** running tasks that were stopped */
  cancelled = 0
  /** threads that died or ignored the flag, and were replaced */
  lost = 0
  readonly #piscina: Piscina
  readonly #running = new Set<(why: Failure) => void>()
  // flags that no thread polls now
  readonly #flags: Cancel[] = []
  // killed threads whose native code has not returned: JavaScript cannot stop it
  readonly #stuckThreads = new Set<Worker>()
  #restart: NodeJS.Timeout | undefined
  #closing = false

  constructor(limits: AdmissionLimits) {
    this.admission = new AdmissionQueue(limits)
    const { capacity } = this.admission
    this.#piscina = new Piscina({
      filename: WORKER,
      minThreads: capacity,
      maxThreads: capacity,
      idleTimeout: Number.POSITIVE_INFINITY,
      niceIncrement: NICE,
      // a thread that waits for its next task in Atomics.wait never collects garbage: after a
      // minute of deep zooming such threads held gigabytes of orbits
      atomics: 'disabled',
      // the admission queue measures it
      recordTiming: false,
    })
    this.#piscina.on('workerDestroy', () => {
      if (!this.#closing) this.lost++
    })
    // a thread that fails between two tasks fails no request
    this.#piscina.on('error', () => this.#replace())
  }

  /**
   * Resolves once every thread has imported what it runs.
   * @throws Failure `not_ready` if threads do not start
   */
  async opened(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await Promise.all(this.#start(this.admission.capacity))
        return
      } catch (cause) {
        const { message } = cause as Error
        if (attempt === STARTS) throw new Failure('not_ready', `the render threads do not start: ${message}`, { cause })
        await setTimeout(RESTART_MS)
      }
    }
  }

  /** Tasks that wait, and tasks that run. */
  get load(): { queued: number; running: number } {
    const { admission } = this
    return { queued: admission.queued('interactive') + admission.queued('bulk'), running: admission.running }
  }

  /**
   * Runs a task when its turn comes. Calls `onStart` when a thread takes it. Rejects with `busy`
   * where the queue refuses it, with `cancelled` once its signal has aborted, with `worker_lost` if
   * its thread died.
   */
  async run<K extends Kind>(
    kind: K,
    task: Tasks[K]['takes'],
    options: TaskOptions,
    onStart: () => void = () => {},
  ): Promise<Done<K>> {
    const { signal } = options
    const slot = await this.admission.acquire(workOf(kind, task), options)
    const cancel = this.#flags.pop() ?? new Int32Array(new SharedArrayBuffer(4))
    const kill = new Kill()
    let grace: NodeJS.Timeout | undefined
    let reason: Failure | undefined
    const stop = (why: Failure) => {
      if (reason) return
      reason = why
      this.cancelled++
      Atomics.store(cancel, 0, 1)
      grace = globalThis.setTimeout(() => this.#kill(kill), CANCEL_GRACE_MS)
    }
    const abort = () => stop(cancelled(signal))
    let finished = false
    try {
      if (signal.aborted) throw cancelled(signal)
      signal.addEventListener('abort', abort, { once: true })
      this.#running.add(stop)
      onStart()
      const result: Tasks[K]['gives'] | null = await this.#piscina.run(
        { ...task, cancel },
        { name: kind, signal: kill },
      )
      Atomics.store(cancel, 0, 0)
      this.#flags.push(cancel)
      if (!result) throw reason ?? cancelled(signal)
      finished = true
      return { ...reportExternalMemory(result), queue: slot.queue }
    } catch (error) {
      if (outOfMemory(error as Error)) throw noMemory(error)
      if (!died(error as Error)) throw error
      this.#replace()
      throw reason ?? lost(error)
    } finally {
      clearTimeout(grace)
      signal.removeEventListener('abort', abort)
      this.#running.delete(stop)
      slot.end(finished)
    }
  }

  /** Rejects the tasks that wait and stops those that run. */
  stop(why: Failure): void {
    this.admission.clear(why)
    for (const stop of this.#running) stop(why)
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    this.#closing = true
    this.stop(new Failure('cancelled', 'cancelled: the render threads have ended'))
    // Node 20 aborts the process when a thread is ended while it imports
    await settled(this.#start(this.#piscina.threads.length), IMPORT_MS)
    await this.#piscina.destroy()
  }

  /** Threads that were killed and have not ended: they keep the process from ending. */
  get stuckThreads(): number {
    return this.#stuckThreads.size
  }

  /**
   * Starts threads in the place of those that could not, until all tasks that may run have one.
   */
  #replace(): void {
    const missing = this.admission.capacity - this.#piscina.threads.length
    if (missing <= 0 || this.#closing || this.#restart) return
    this.#restart = globalThis.setTimeout(async () => {
      // a start that finds no thread waits in piscina's queue: the next try does not wait for it
      await settled(this.#start(missing), RESTART_MS)
      this.#restart = undefined
      this.#replace()
    }, RESTART_MS)
    this.#restart.unref()
  }

  /** Each resolves when an idle thread has started; makes threads where they are missing. */
  #start(count: number): Promise<unknown>[] {
    return Array.from({ length: count }, () => this.#piscina.run(undefined))
  }

  #kill(task: Kill): void {
    const before = this.#piscina.threads
    task.abort()
    for (const thread of before) {
      if (this.#piscina.threads.includes(thread)) continue
      this.#stuckThreads.add(thread)
      thread.once('exit', () => this.#stuckThreads.delete(thread))
    }
  }
}

/** Waits until all have settled, but not longer than this. */
async function settled(promises: Promise<unknown>[], milliseconds: number): Promise<void> {
  await Promise.race([Promise.allSettled(promises), setTimeout(milliseconds, undefined, { ref: false })])
}

/**
 * Ends the thread that a task runs in. As much of an AbortSignal as piscina needs (`off` by its
 * types, `removeListener` in fact): a real one takes a tenth of a task's time in the main thread.
 */
class Kill {
  #listener: () => void = () => {}

  once(_event: 'abort', listener: () => void): void {
    this.#listener = listener
  }

  off(): void {
    this.#listener = () => {}
  }

  removeListener(): void {
    this.off()
  }

  abort(): void {
    this.#listener()
  }
}

// the weight of the smallest task, relative to a tile: it has to reach a thread and return
const LEAST = 1 / 4

/** Work from which a task is a long one, in iterations in double precision: a second or so. */
export const LONG_WORK = 2 ** 31

/**
 * An iteration of the original's grid, in iterations of a tile: its loop is the original's own, one
 * sample after the other (0.3 G iterations a second, where tiles have 2.6).
 */
export const GRID_WEIGHT = 8

/** The work of a task: a deep view takes a hundred times as long as a shallow one. */
function workOf(kind: Kind, task: object): Work {
  const { reference, request, rows, view, work, plan, centre, ...own } = task as Partial<
    Omit<ViewTask, 'cancel'> & Pick<GridTask, 'request' | 'rows'> & OrbitTask & FeatureTask
  >
  if (plan) return orbitWork(own as Pick<OrbitTask, 'bits' | 'maxIter'>)
  if (centre) return searchWork(kind, centre)
  const { width, height } = view ?? ({ width: 256, height: 256, ...own } as { width: number; height: number })
  const samples = request ? request.grid * (typeof rows === 'object' ? rows.count : request.grid) : width * height
  const long = samples * (work ?? (request ? GRID_WEIGHT * request.maxIter : 0)) >= LONG_WORK
  const { kind: name, weight } = workFor(kind, samples, reference !== undefined)
  return { kind: long ? `long ${name}` : name, weight, long }
}

/**
 * The same for a future task of this many samples; `deep` ones have a reference orbit.
 */
export function workFor(kind: Kind, samples: number, deep: boolean): Work {
  return { kind: deep ? `deep ${kind}` : kind, weight: Math.max(samples / 256 ** 2, LEAST) }
}

// An iterate of an orbit takes the square of its limbs, of 64 bits each, and its share of the
// tables: as much as this many iterations in double precision. 16.7 million iterates of three limbs
// take 4.1 s
const TABULATE = 512

function orbitWork({ bits, maxIter }: Pick<OrbitTask, 'bits' | 'maxIter'>): Work {
  const each = (bits / 64) ** 2 + TABULATE
  const long = maxIter * each >= LONG_WORK
  return { kind: long ? 'long orbit' : 'orbit', weight: 1, long }
}

// Bits from which a search for a feature may take more than a second: at zoom 9999 it takes seven,
// and one whose orbit is followed to the longest period a minute
const LONG_SEARCH = 1024

function searchWork(kind: Kind, { bits }: FeatureTask['centre']): Work {
  const long = bits >= LONG_SEARCH
  return { kind: long ? `long ${kind}` : kind, weight: 1, long }
}

/** Is this the error of a thread that has ended or could not start, and not that of its task? */
function died({ name, message, code }: Error & { code?: string }): boolean {
  return (
    name === 'AbortError' ||
    (code !== undefined && /^(ERR_(WORKER|DLOPEN|MODULE)_|E[A-Z]+$)/.test(code)) ||
    /^(worker exited with code|Terminating worker thread)/.test(message)
  )
}

/** Was there not enough memory for an array, or for native code? */
function outOfMemory({ message }: Error): boolean {
  return /^(std::bad_alloc|Array buffer allocation failed)/.test(message)
}

function noMemory(cause: unknown): Failure {
  return new Failure('out_of_memory', 'there is not enough memory for this render now: try again', {
    cause,
    retryAfter: 10,
  })
}

function lost(cause: unknown): Failure {
  return new Failure('worker_lost', 'the thread that rendered this has ended: try again', { cause, retryAfter: 1 })
}

// the ending is that of this file: .js in dist, .ts where a loader reads TypeScript
const WORKER = fileURLToPath(new URL(`../../workers/main${extname(import.meta.url)}`, import.meta.url))
