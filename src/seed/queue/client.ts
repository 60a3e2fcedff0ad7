// Puts jobs into the queue, and waits for their results. BullMQ's QueueEvents, a stream in Redis,
// reports each job as it ends. Now and then all unfinished jobs are also looked up: a Redis that
// restarts, or is a cache, may lose jobs, attachments and events.
import { Job, Queue, QueueEvents } from 'bullmq'
import type { Redis } from 'ioredis'
import { FIRST_PAUSE_MS, TRIES } from '../local.ts'
import { connect, disconnect, type OnQueue } from './connection.ts'
import { attachmentKey, type JobResult, type JobSpec, jobName, LOST, PREFIX, QUEUE } from './jobs.ts'

export interface ResultOptions {
  /** are results of an earlier run used, or is the work done anew? */
  resume: boolean
  signal: AbortSignal
  /** called with the unfinished jobs, and the finished fraction of each */
  onProgress?: (jobs: { spec: JobSpec; done: number }[]) => void
}

/** Seconds that results are kept for the client, and failures for inspection. */
const KEEP_RESULTS = 86_400
const KEEP_FAILURES = 7 * 86_400
/** Seconds that an attachment stays once no client needs it any more. */
const KEEP_ATTACHMENTS = 60
/**
 * Unfinished jobs in the queue, at most: minutes of work for hundreds of threads, 1 MB of Redis.
 */
const MOST_JOBS = 1000
/**
 * Events that the stream keeps. The event of a job that is done holds its result, of up to some 100
 * KB for a strip: BullMQ's own 10,000 would be a gigabyte of Redis.
 */
const MOST_EVENTS = MOST_JOBS
/** How often every job is looked up: at most 200 a second. */
const RECONCILE_MS = 5000

export class JobClient {
  /** the version that workers must have */
  readonly version = QUEUE
  readonly #redis: Redis
  readonly #queue: Queue

  private constructor(redis: Redis) {
    this.#redis = redis
    this.#queue = new Queue(QUEUE, {
      connection: redis,
      prefix: PREFIX,
      skipVersionCheck: true,
      streams: { events: { maxLen: MOST_EVENTS } },
    })
    // connection.ts reports an unavailable Redis
    this.#queue.on('error', () => {})
  }

  /** @throws Failure if no Redis answers */
  static async open(url: string, onQueue?: OnQueue): Promise<JobClient> {
    return new JobClient(await connect(url, onQueue))
  }

  /** The versions of the workers that are connected now. */
  async workerVersions(): Promise<string[]> {
    // a worker names its connection after its queue, which is named after the version
    const clients = String(await this.#redis.client('LIST'))
    const names = clients.matchAll(new RegExp(`name=${PREFIX}:([\\w+/=-]+) `, 'g'))
    return [...new Set([...names].map(([, name]) => Buffer.from(name!, 'base64').toString()))]
  }

  /** Puts all jobs into the queue and leaves them there. Resolves to their number. */
  async leave(specs: Iterable<JobSpec>, resume: boolean): Promise<number> {
    let count = 0
    for (const batch of inBatches(specs, MOST_JOBS)) {
      await this.#add(batch, resume)
      count += batch.length
    }
    return count
  }

  /**
   * Puts jobs into the queue until every one is done or has failed permanently. Yields the outcome
   * of each, in the order in which they end.
   * @param next the next job; undefined if there are no more, `later` if a result must be taken
   *   first
   */
  async *results(next: () => JobSpec | 'later' | undefined, options: ResultOptions): AsyncGenerator<JobResult> {
    const { resume, signal } = options
    const pending = new Pending(options)
    const events = await abortable(this.#listen(pending), signal)
    try {
      let [more, reconciled] = [true, performance.now()]
      for (;;) {
        const specs: JobSpec[] = []
        while (more && pending.size + specs.length < MOST_JOBS) {
          const spec = next()
          if (spec === 'later') break
          if (spec) specs.push(spec)
          else more = false
        }
        // before the jobs are in the queue, so that no event is missed
        pending.add(specs)
        await abortable(this.#add(specs, resume, pending), signal)
        if (pending.size === 0 && !more) return
        const ended = pending.take()
        for (const { id, ...result } of ended) {
          yield result
          if (result.result) await abortable(this.#queue.remove(id), signal)
        }
        if (ended.length === 0) await pending.wait(RECONCILE_MS, signal)
        if (performance.now() - reconciled < RECONCILE_MS) continue
        await abortable(this.#reconcile(pending), signal)
        reconciled = performance.now()
      }
    } finally {
      await events.close()
    }
  }

  async close(): Promise<void> {
    await this.#queue.close()
    disconnect(this.#redis)
  }

  // every event from now on, because it begins behind the last one of the stream
  async #listen(pending: Pending): Promise<QueueEvents> {
    const [last] = await this.#redis.xrevrange(`${PREFIX}:${QUEUE}:events`, '+', '-', 'COUNT', 1)
    // it blocks its connection
    const connection = this.#redis.duplicate()
    connection.on('error', () => {})
    const events = new QueueEvents(QUEUE, {
      connection,
      prefix: PREFIX,
      skipVersionCheck: true,
      lastEventId: last?.[0] ?? '0-0',
    })
    events.on('error', () => {})
    // the event has the result as parsed JSON, whatever its type says
    events.on('completed', ({ jobId, returnvalue }) => pending.end(jobId, returnvalue as unknown as object))
    events.on('failed', ({ jobId, failedReason }) => {
      if (failedReason === LOST) this.#queue.remove(jobId).catch(() => {})
      else pending.end(jobId, undefined, failedReason)
    })
    events.on('progress', ({ jobId, data }) => pending.progress(jobId, Number(data) || 0))
    return events
  }

  // puts jobs into the queue; a job whose name is there already is not added again
  async #add(specs: JobSpec[], resume: boolean, pending?: Pending): Promise<void> {
    if (specs.length === 0) return
    await this.#attach(specs)
    const named = specs.map((spec) => ({ spec, id: jobName(spec) }))
    const known = await Promise.all(named.map(({ id }) => Job.fromId(this.#queue, id)))
    for (const job of known) {
      if (job?.finishedOn === undefined) continue
      if (!resume || (await job.isFailed())) await this.#queue.remove(job.id!)
      else pending?.end(job.id!, job.returnvalue)
    }
    await this.#queue.addBulk(
      named.map(({ spec: { kind, data, hint }, id }) => ({
        name: kind,
        data: { ...data, ...hint },
        opts: {
          jobId: id,
          attempts: TRIES,
          backoff: { type: 'exponential', delay: FIRST_PAUSE_MS, jitter: 0.5 },
          removeOnComplete: { age: KEEP_RESULTS },
          removeOnFail: { age: KEEP_FAILURES },
        },
      })),
    )
  }

  // keeps attachments alive, and puts missing ones into Redis
  async #attach(specs: readonly JobSpec[]): Promise<void> {
    const attachments = new Map(specs.flatMap(({ attachments = [] }) => attachments).map((one) => [one.name, one]))
    for (const { name, bytes } of attachments.values()) {
      const there = await this.#redis.expire(attachmentKey(name), KEEP_ATTACHMENTS)
      if (!there) await this.#redis.set(attachmentKey(name), await bytes(), 'EX', KEEP_ATTACHMENTS)
    }
  }

  // looks up every unfinished job: some may have vanished, and events of others may be lost
  async #reconcile(pending: Pending): Promise<void> {
    const specs = pending.specs
    await this.#attach(specs)
    const jobs = await Promise.all(specs.map((spec) => Job.fromId(this.#queue, jobName(spec))))
    await this.#add(
      specs.filter((_, at) => jobs[at] === undefined),
      true,
      pending,
    )
    for (const job of jobs) {
      if (job?.finishedOn === undefined) continue
      // a job that succeeded at a later try still says why the first try failed
      if (job.failedReason === LOST) await this.#queue.remove(job.id!)
      else if (job.failedReason && (await job.isFailed())) pending.end(job.id!, undefined, job.failedReason)
      else pending.end(job.id!, job.returnvalue)
    }
  }
}

/** Unfinished jobs in the queue, and results not taken yet. */
class Pending {
  readonly #specs = new Map<string, JobSpec>()
  readonly #done = new Map<string, number>()
  readonly #onProgress: ResultOptions['onProgress']
  #ended: (JobResult & { id: string })[] = []
  #wake = () => {}

  constructor({ onProgress }: ResultOptions) {
    this.#onProgress = onProgress
  }

  get size(): number {
    return this.#specs.size + this.#ended.length
  }

  get specs(): JobSpec[] {
    return [...this.#specs.values()]
  }

  add(specs: readonly JobSpec[]): void {
    for (const spec of specs) this.#specs.set(jobName(spec), spec)
  }

  progress(id: string, done: number): void {
    if (!this.#specs.has(id)) return
    this.#done.set(id, done)
    this.#report()
  }

  end(id: string, result: object | undefined, error = 'no reason was given'): void {
    const spec = this.#specs.get(id)
    // it has ended already, or belongs to another client
    if (!spec) return
    this.#specs.delete(id)
    this.#done.delete(id)
    this.#ended.push(result ? { id, spec, result } : { id, spec, error })
    this.#report()
    this.#wake()
  }

  /** The results that have come since the last time. */
  take(): (JobResult & { id: string })[] {
    const ended = this.#ended
    this.#ended = []
    return ended
  }

  /** Resolves when there is a result, or after some milliseconds. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#ended.length > 0) return
    let timer: NodeJS.Timeout | undefined
    const result = new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, milliseconds)
    })
    await abortable(result, signal).finally(() => clearTimeout(timer))
  }

  #report(): void {
    this.#onProgress?.([...this.#done].map(([id, done]) => ({ spec: this.#specs.get(id)!, done })))
  }
}

/**
 * Waits for a promise, unless a signal aborts first: commands wait while Redis cannot be reached.
 */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let abort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
  })
  // a failure after the race is ignored
  promise.catch(() => {})
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort!))
}

function* inBatches<T>(items: Iterable<T>, length: number): Generator<T[], undefined> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < length) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
