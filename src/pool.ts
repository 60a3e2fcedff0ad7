// Threads that render, and who goes next. piscina keeps the threads; the queue stands here, before it, since a task
// that piscina has handed to a thread can only be aborted by killing that thread. So a task waits in one of two bounded
// lanes until a thread is free: queued work is dropped by leaving its lane, running work by the flag that the kernel polls.
import { extname } from 'node:path'
import { Piscina } from 'piscina'
import { Failure } from './errors.ts'
import type { ColourTask, GridTask, OrbitResult, OrbitTask, TaskResult, ViewTask } from './task.ts'

export type Lane = 'interactive' | 'bulk'

/** What each kind of task takes, the flag apart, which the pool makes, and gives. One file of workers/ per kind. */
interface Tasks {
  view: { takes: Omit<ViewTask, 'cancel'>; gives: TaskResult }
  colour: { takes: Omit<ColourTask, 'cancel'>; gives: TaskResult }
  grid: { takes: Uncancelled<GridTask>; gives: TaskResult }
  orbit: { takes: Omit<OrbitTask, 'cancel'>; gives: OrbitResult }
}
type Kind = keyof Tasks
// Omit, but of each member of a union
type Uncancelled<T> = T extends unknown ? Omit<T, 'cancel'> : never
/** A task's result, and the milliseconds that it waited for a thread. */
type Done<K extends Kind> = Tasks[K]['gives'] & { queue: number }

interface Job {
  filename: string
  task: Record<string, unknown>
  cancel: Int32Array<SharedArrayBuffer>
  queued: number
  resolve: (result: Done<Kind>) => void
  reject: (reason: unknown) => void
}

// after this many interactive tasks in a row a waiting bulk task has its turn, so that bulk never starves
const BULK_EVERY = 8

export class Pool {
  readonly threads: number
  readonly #piscina: Piscina
  readonly #capacity: number
  readonly #lanes: Record<Lane, Set<Job>> = { interactive: new Set(), bulk: new Set() }
  readonly #running = new Set<Job>()
  #row = 0

  /** `threads` threads; at most `capacity` tasks waiting in each lane. */
  constructor(threads: number, capacity: number) {
    this.threads = threads
    this.#capacity = capacity
    this.#piscina = new Piscina({ minThreads: threads, maxThreads: threads, idleTimeout: Number.POSITIVE_INFINITY })
  }

  /** Tasks that wait, and tasks that run. */
  get load(): { queued: number; running: number } {
    return { queued: this.#lanes.interactive.size + this.#lanes.bulk.size, running: this.#running.size }
  }

  /** Runs a task when its turn comes. Rejects with `busy` when the lane is full, with `left` once `signal` has aborted. */
  run<K extends Kind>(kind: K, task: Tasks[K]['takes'], lane: Lane, signal: AbortSignal): Promise<Done<K>> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) throw new Failure('left', 'nobody waits for this render any more')
      const waiting = this.#lanes[lane]
      if (waiting.size >= this.#capacity) {
        throw new Failure('busy', `${waiting.size} renders are waiting already: try again soon`, { retryAfter: 2 })
      }
      const cancel = new Int32Array(new SharedArrayBuffer(4))
      const job: Job = {
        filename: WORKERS[kind],
        task: { ...task, cancel },
        cancel,
        queued: performance.now(),
        resolve: resolve as Job['resolve'],
        reject,
      }
      signal.addEventListener('abort', () => this.#abandon(job, waiting), { once: true })
      waiting.add(job)
      this.#dispatch()
    })
  }

  /** Ends the threads; what still waits or runs is rejected. */
  async close(): Promise<void> {
    for (const lane of Object.values(this.#lanes)) for (const job of lane) this.#abandon(job, lane)
    for (const job of this.#running) Atomics.store(job.cancel, 0, 1)
    await this.#piscina.destroy()
  }

  #abandon(job: Job, lane: Set<Job>): void {
    if (lane.delete(job)) job.reject(new Failure('left', 'nobody waits for this render any more'))
    else Atomics.store(job.cancel, 0, 1)
  }

  #dispatch(): void {
    while (this.#running.size < this.threads) {
      const job = this.#next()
      if (!job) return
      this.#running.add(job)
      void this.#execute(job)
    }
  }

  #next(): Job | undefined {
    const { interactive, bulk } = this.#lanes
    const lane = interactive.size === 0 || (bulk.size > 0 && this.#row >= BULK_EVERY) ? bulk : interactive
    this.#row = lane === bulk ? 0 : this.#row + 1
    const [job] = lane
    if (job) lane.delete(job)
    return job
  }

  async #execute(job: Job): Promise<void> {
    const queue = performance.now() - job.queued
    try {
      const result: Done<Kind> | null = await this.#piscina.run(job.task, { filename: job.filename })
      if (result) job.resolve({ ...result, queue })
      else job.reject(new Failure('left', 'nobody waits for this render any more'))
    } catch (error) {
      job.reject(error)
    } finally {
      this.#running.delete(job)
      this.#dispatch()
    }
  }
}

// the ending is this file's own: .js in dist, .ts where a loader reads TypeScript
const WORKERS = Object.fromEntries(
  (['view', 'colour', 'grid', 'orbit'] as const).map((kind) => [
    kind,
    new URL(`../workers/${kind}${extname(import.meta.url)}`, import.meta.url).href,
  ]),
) as Record<Kind, string>
