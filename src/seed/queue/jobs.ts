// Bulk work over several machines: jobs in a Redis, by BullMQ. Who gives them out waits for the results of all; any number of workers take them. A
// job is a pure function of its data and the renderer's version, and is named by their hash: so the same work asked for twice is one job, and
// one that was lost, with a worker or out of Redis, is done again to the same bytes.
//
// The queue is named by the version: workers of another one do not see it. A worker that dies holds its job's lock for LOCK; then another takes
// it. One that is told to end gives its jobs back at once.
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { Job, Queue, WaitingError, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { Failure } from '../../core/errors.ts'
import { RENDERER_VERSION } from '../../core/version.ts'
import { PAUSE, TRIES } from '../local.ts'

/** A job before it is given out: what kind of work, on what, which names it, what else its worker is told, and what it may fetch. */
export interface JobSpec {
  kind: string
  data: object
  hint?: object
  attachments?: Attachment[]
}

/** What is too large for a job's data, and serves many jobs: bytes, and a name that no others have. */
export interface Attachment {
  name: string
  bytes(): Promise<Buffer>
}

/** What became of a job: its result, or why it was given up. */
export type JobResult =
  | { order: JobSpec; result: object; why?: undefined }
  | { order: JobSpec; result?: undefined; why: string }

export interface ResultOptions {
  /** are results that an earlier run left taken, or is the work looked at anew? */
  continuing: boolean
  signal: AbortSignal
  /** the jobs that are not done, each with the part of it that is */
  onUnderWay?: (jobs: { order: JobSpec; done: number }[]) => void
}

/** What a handler works with: `report` is told the part that is done, `fetch` gives a parcel of the job's. */
export interface JobContext {
  signal: AbortSignal
  report: (done: number) => void
  /** @throws Failure `worker_lost` where it is not there: the next try may find it */
  fetch: (name: string) => Promise<Buffer>
}

/** Works on a job's data. What it returns is the job's result, as JSON. */
export type Handler = (data: never, desk: JobContext) => Promise<object>

const PREFIX = 'mandeltiles-jobs'
// long enough for a busy machine to say that it lives, which it does every half of it
const LOCK = 6000 // milliseconds
const STALLED_EVERY = 2000 // milliseconds
/** Workers that a job may take down with them before it is given up. */
const DEATHS = 5
/** Seconds that results wait for whoever gave the jobs out, and failures for somebody who looks into them. */
const KEEP_RESULTS = 86_400
const KEEP_FAILURES = 7 * 86_400
/** Seconds that a parcel stays once nobody waits for its jobs any more. */
const KEEP_PARCELS = 60
/** Jobs given out and not done, at most: some minutes' work of hundreds of threads, and a megabyte of Redis. */
const GIVEN_OUT = 1000
const LOOK_EVERY = 250 // milliseconds
const REPORT_EVERY = 1000 // milliseconds

/** Gives jobs out. */
export class JobClient {
  readonly #client: Redis
  readonly #queue: Queue

  private constructor(client: Redis) {
    this.#client = client
    this.#queue = new Queue(RENDERER_VERSION, { connection: client, prefix: PREFIX, skipVersionCheck: true })
  }

  /** @throws Failure where no Redis answers */
  static async open(url: string): Promise<JobClient> {
    return new JobClient(await connect(url))
  }

  /** Workers of this version that are there now. */
  async workers(): Promise<number> {
    return this.#queue.getWorkersCount()
  }

  /** Puts all jobs into the queue and leaves them there. Resolves to their number. */
  async leave(orders: Iterable<JobSpec>, continuing: boolean): Promise<number> {
    let count = 0
    for (const some of inBatches(orders, GIVEN_OUT)) {
      await this.#add(some, continuing)
      count += some.length
    }
    return count
  }

  /**
   * Gives jobs out, and sees to it that every one is done or has failed for good: what became of each, in the order in which they end.
   * @param next the next job, undefined when there are no more, or `later` where none is to be given out before a result is taken
   */
  async *results(next: () => JobSpec | 'later' | undefined, options: ResultOptions): AsyncGenerator<JobResult> {
    const { continuing, signal, onUnderWay } = options
    const given = new Map<string, JobSpec>()
    let more = true
    for (;;) {
      const some: JobSpec[] = []
      while (more && given.size + some.length < GIVEN_OUT) {
        const order = next()
        if (order === 'later') break
        if (order) some.push(order)
        else more = false
      }
      await this.#supply([...given.values(), ...some])
      await this.#add(some, continuing)
      for (const order of some) given.set(jobName(order), order)
      if (given.size === 0 && !more) return
      const jobs = await Promise.all([...given.keys()].map((id) => Job.fromId(this.#queue, id)))
      const vanished: JobSpec[] = []
      const underWay: { order: JobSpec; done: number }[] = []
      const ended: { job: Job; order: JobSpec }[] = []
      for (const [at, order] of [...given.values()].entries()) {
        const job = jobs[at]
        if (!job) vanished.push(order)
        else if (job.finishedOn === undefined) underWay.push({ order, done: Number(job.progress) || 0 })
        else ended.push({ job, order })
      }
      // a Redis that was restarted, or has thrown them out
      await this.#add(vanished, true)
      onUnderWay?.(underWay)
      for (const { job, order } of ended) {
        given.delete(job.id!)
        // one that was done at a later try still says why the first one failed
        if (job.failedReason && (await job.isFailed())) yield { order, why: job.failedReason }
        else {
          yield { order, result: job.returnvalue }
          await this.#queue.remove(job.id!)
        }
      }
      if (ended.length === 0) await setTimeout(LOOK_EVERY, undefined, { signal })
      signal.throwIfAborted()
    }
  }

  async close(): Promise<void> {
    await this.#queue.close()
    this.#client.disconnect()
  }

  // looked after for as long as somebody waits, since a Redis that is a cache may throw them out
  async #supply(orders: JobSpec[]): Promise<void> {
    const attachments = new Map(
      orders.flatMap(({ attachments = [] }) => attachments).map((parcel) => [parcel.name, parcel]),
    )
    for (const { name, bytes } of attachments.values()) {
      const there = await this.#client.expire(attachmentKey(name), KEEP_PARCELS)
      if (!there) await this.#client.set(attachmentKey(name), await bytes(), 'EX', KEEP_PARCELS)
    }
  }

  // a job that is there already, by its name, is not put in again
  async #add(orders: JobSpec[], continuing: boolean): Promise<void> {
    if (orders.length === 0) return
    const named = orders.map((order) => ({ order, id: jobName(order) }))
    const known = await Promise.all(named.map(({ id }) => Job.fromId(this.#queue, id)))
    for (const job of known) {
      if (job?.finishedOn !== undefined && (!continuing || (await job.isFailed()))) await this.#queue.remove(job.id!)
    }
    await this.#queue.addBulk(
      named.map(({ order: { kind, data, hint }, id }) => ({
        name: kind,
        data: { ...data, ...hint },
        opts: {
          jobId: id,
          attempts: TRIES,
          backoff: { type: 'exponential', delay: PAUSE, jitter: 0.5 },
          removeOnComplete: { age: KEEP_RESULTS },
          removeOnFail: { age: KEEP_FAILURES },
        },
      })),
    )
  }
}

/** Takes jobs, `atOnce` of them, until `signal` aborts; then those under way are given back. `told` hears of each that ends. */
export async function takeJobs(
  url: string,
  handlers: Record<string, Handler>,
  {
    atOnce,
    signal,
    told,
  }: {
    atOnce: number
    signal: AbortSignal
    told: (job: { id: string; kind: string; milliseconds: number; error?: string }) => void
  },
): Promise<void> {
  const client = await connect(url)
  const fetch = async (name: string) => {
    const bytes = await client.getBuffer(attachmentKey(name))
    if (!bytes) throw new Failure('worker_lost', 'what this is made of has gone from the queue')
    return bytes
  }
  const work = async (job: Job, token?: string) => {
    let last = 0
    const report = (done: number) => {
      if (performance.now() - last < REPORT_EVERY) return
      last = performance.now()
      job.updateProgress(done).catch(() => {})
    }
    try {
      return await handlers[job.name]!(job.data as never, { signal, report, fetch })
    } catch (error) {
      if (!signal.aborted) throw error
      await job.moveToWait(token)
      throw new WaitingError()
    }
  }
  const worker = new Worker(RENDERER_VERSION, work, {
    connection: client,
    prefix: PREFIX,
    skipVersionCheck: true,
    concurrency: atOnce,
    lockDuration: LOCK,
    stalledInterval: STALLED_EVERY,
    maxStalledCount: DEATHS,
  })
  const tell = (job: Job | undefined, error?: Error) => {
    if (!job) return
    const milliseconds = Math.round((job.finishedOn ?? Date.now()) - (job.processedOn ?? Date.now()))
    told({ id: job.id!, kind: job.name, milliseconds, ...(error && { error: error.message }) })
  }
  worker.on('completed', (job) => tell(job))
  worker.on('failed', tell)
  // a connection that is lost comes back by itself
  worker.on('error', () => {})
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await worker.close()
  client.disconnect()
}

/** A job's name: the hash of its kind and data. */
function jobName({ kind, data }: JobSpec): string {
  return `${kind}-${createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 40)}`
}

function attachmentKey(name: string): string {
  return `${PREFIX}:${RENDERER_VERSION}:parcel:${name}`
}

async function connect(url: string): Promise<Redis> {
  // what is asked for while it is away waits for it
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, connectTimeout: 5000 })
  let fault = 'no answer'
  client.on('error', (error) => {
    fault = error.message
  })
  try {
    await client.connect()
    return client
  } catch {
    client.disconnect()
    throw new Failure('not_ready', `--queue: no Redis answers at ${new URL(url).host}: ${fault}`)
  }
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
