// Threads that render. piscina keeps them; the queue stands before it (lanes.ts), since a task that piscina has handed to a thread can only
// be aborted by killing that thread. So queued work is dropped by leaving its lane, running work stops by a flag that the kernel polls, and
// a thread is killed only where it does not heed the flag. A thread that dies, whatever of, is replaced, and its one task fails.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { Failure } from '../core/errors.ts'
import { reportExternalMemory } from '../kernel/externalmemory.ts'
import type {
  Cancel,
  FrameTask,
  GridTask,
  OrbitResult,
  OrbitTask,
  ProbeResult,
  ProbeTask,
  RecolourTask,
  TaskResult,
  ViewTask,
} from '../kernel/task.ts'
import { type AdmissionLimits, AdmissionQueue, type Lane, type Work } from './admission.ts'

/** What each kind of task takes, the flag apart, which the pool makes, and gives. One file of workers/ per kind. */
interface Tasks {
  view: { takes: Omit<ViewTask, 'cancel'>; gives: TaskResult }
  recolour: { takes: Omit<RecolourTask, 'cancel'>; gives: TaskResult }
  frame: { takes: Omit<FrameTask, 'cancel'>; gives: TaskResult }
  grid: { takes: Uncancelled<GridTask>; gives: TaskResult }
  orbit: { takes: Omit<OrbitTask, 'cancel'>; gives: OrbitResult }
  probe: { takes: Omit<ProbeTask, 'cancel'>; gives: ProbeResult }
}
type Kind = keyof Tasks
// Omit, but of each member of a union
type Uncancelled<T> = T extends unknown ? Omit<T, 'cancel'> : never
/** A task's result, and the milliseconds that it waited for a thread. */
type Done<K extends Kind> = Tasks[K]['gives'] & { queue: number }

/** How a task runs. */
export interface TaskOptions {
  /** nobody waits any more once it aborts */
  signal: AbortSignal
  lane: Lane
  /** let in already, as one of many parts */
  admitted?: boolean
  /** told when a thread takes it */
  begun?: () => void
}

// kernels look at the flag every few milliseconds: a thread that has not heeded it for so long never will
const CANCEL_GRACE_MS = 5000 // milliseconds

// on as many cores as there are threads, the one that answers waits for none that renders. Elsewhere than on Linux a priority is the process's
const NICE = process.platform === 'linux' ? 10 : 0

export class Pool {
  readonly admission: AdmissionQueue
  /** running tasks that were stopped */
  cancelled = 0
  /** threads that died or did not heed the flag, and were replaced */
  lost = 0
  readonly #piscina: Piscina
  readonly #running = new Set<(why: Failure) => void>()
  // flags that no thread polls now
  readonly #flags: Cancel[] = []
  // killed threads whose native code has not returned: no signal of JavaScript reaches it
  readonly #stuckThreads = new Set<Worker>()
  #closing = false

  constructor({ slots, ...bounds }: AdmissionLimits) {
    this.admission = new AdmissionQueue({ slots, ...bounds })
    this.#piscina = new Piscina({
      minThreads: slots,
      maxThreads: slots,
      idleTimeout: Number.POSITIVE_INFINITY,
      niceIncrement: NICE,
      // a thread that waited for its next task in Atomics.wait would never come round to collect garbage: it held gigabytes of orbits after a minute
      atomics: 'disabled',
      // lanes.ts keeps its own account
      recordTiming: false,
    })
    this.#piscina.on('workerDestroy', () => {
      if (!this.#closing) this.lost++
    })
    // a thread that fails between two tasks fails nobody
    this.#piscina.on('error', () => {})
  }

  /** Tasks that wait, and tasks that run. */
  get load(): { queued: number; running: number } {
    const { admission } = this
    return { queued: admission.queued('interactive') + admission.queued('bulk'), running: admission.running }
  }

  /**
   * Runs a task when its turn comes. Rejects with `busy` when it would wait or has waited too long, with `cancelled` once its signal has aborted,
   * with `worker_lost` when its thread died.
   */
  async run<K extends Kind>(kind: K, task: Tasks[K]['takes'], taskOptions: TaskOptions): Promise<Done<K>> {
    const { signal, lane, admitted, begun } = taskOptions
    const slot = await this.admission.acquire(work(kind, task), lane, signal, admitted)
    const cancel = this.#flags.pop() ?? new Int32Array(new SharedArrayBuffer(4))
    const kill = new Kill()
    let heed: NodeJS.Timeout | undefined
    let reason: Failure | undefined
    const stop = (why: Failure) => {
      if (reason) return
      reason = why
      this.cancelled++
      Atomics.store(cancel, 0, 1)
      heed = setTimeout(() => this.#kill(kill), CANCEL_GRACE_MS)
    }
    const abort = () => stop(left())
    let finished = false
    try {
      if (signal.aborted) throw left()
      signal.addEventListener('abort', abort, { once: true })
      this.#running.add(stop)
      begun?.()
      const options = { filename: WORKERS[kind], signal: kill }
      const result: Tasks[K]['gives'] | null = await this.#piscina.run({ ...task, cancel }, options)
      Atomics.store(cancel, 0, 0)
      this.#flags.push(cancel)
      if (!result) throw reason ?? left()
      finished = true
      return { ...reportExternalMemory(result), queue: slot.queue }
    } catch (error) {
      throw died(error as Error) ? (reason ?? lost(error)) : error
    } finally {
      clearTimeout(heed)
      signal.removeEventListener('abort', abort)
      this.#running.delete(stop)
      slot.end(finished)
    }
  }

  /** Sends away what waits, and stops what runs. */
  stop(why: Failure): void {
    this.admission.clear(why)
    for (const stop of this.#running) stop(why)
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    this.#closing = true
    this.stop(left())
    await this.#piscina.destroy()
  }

  /** Threads that were killed and have not ended: they would hold up the end of the process for as long as they run. */
  get stuckThreads(): number {
    return this.#stuckThreads.size
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

/** Ends the thread that a task runs in: as much of a signal as piscina wants, `off` by its types and `removeListener` in fact. A true one takes a tenth of a task's way through this process. */
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

// what the smallest task takes, of what a tile's samples do: it has to reach a thread and come back
const LEAST = 1 / 4

/** What a task is taken for: a deep view takes a hundred times what a shallow one does, and each by its samples. */
function work(kind: Kind, task: object): Work {
  const { reference, request, view, ...own } = task as Partial<ViewTask & Pick<GridTask, 'request'>>
  const { width, height } = view ?? ({ width: 256, height: 256, ...own } as { width: number; height: number })
  const samples = request ? request.grid ** 2 : width * height
  return { kind: reference ? `deep ${kind}` : kind, weight: Math.max(samples / 256 ** 2, LEAST) }
}

/** Is this how piscina tells that a thread has ended, or Node that its memory ran out? */
function died({ name, message, code }: Error & { code?: string }): boolean {
  return (
    name === 'AbortError' ||
    code === 'ERR_WORKER_OUT_OF_MEMORY' ||
    /^(worker exited with code|Terminating worker thread)/.test(message)
  )
}

function lost(cause: unknown): Failure {
  return new Failure('worker_lost', 'the thread that rendered this has ended: try again', { cause, retryAfter: 1 })
}

function left(): Failure {
  return new Failure('cancelled', 'nobody waits for this render any more')
}

// the ending is this file's own: .js in dist, .ts where a loader reads TypeScript
const WORKERS = Object.fromEntries(
  (['view', 'recolour', 'grid', 'frame', 'orbit', 'probe'] as const).map((kind) => [
    kind,
    // piscina would make it a path of its own accord, for each task anew
    fileURLToPath(new URL(`../../workers/${kind}${extname(import.meta.url)}`, import.meta.url)),
  ]),
) as Record<Kind, string>
