// Takes jobs from a queue. If a worker dies, its job stays locked for LOCK_MS; then another worker
// takes it. A worker that receives a signal to stop gives its jobs back at once.
import { setTimeout } from 'node:timers/promises'
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq'
import { Failure, mustBe } from '../../core/errors.ts'
import { connect, disconnect, type OnQueue } from './connection.ts'
import { attachmentKey, type Handler, LOST, PREFIX, QUEUE } from './jobs.ts'

/** Long enough for a busy machine to renew the lock, which it does every half of it. */
const LOCK_MS = 6000
const STALLED_CHECK_MS = 2000
/** After an outage of Redis: BullMQ's own 15 seconds are as long as most outages. */
const RETRY_MS = 2000
/**
 * Workers that may die with a job before it is given up, because the job may be what kills them.
 */
const MOST_DEATHS = 5
const REPORT_MS = 1000
/** Longest time to return jobs, once renders in progress were told to stop. */
const CLOSE_MS = 8000

/** A job that has ended, for the log. */
export interface EndedJob {
  id: string
  kind: string
  milliseconds: number
  error?: string
}

interface WorkerOptions {
  /** jobs in progress at once */
  concurrency: number
  signal: AbortSignal
  onJob: (job: EndedJob) => void
  onQueue?: OnQueue
}

/** Takes jobs until `signal` aborts; then those in progress are given back. */
export async function takeJobs(
  url: string,
  handlers: Record<string, Handler>,
  { concurrency, signal, onJob, onQueue }: WorkerOptions,
): Promise<void> {
  const client = await connect(url, onQueue)
  const fetch = async (name: string) => {
    const bytes = await client.getBuffer(attachmentKey(name))
    if (!bytes) throw new Failure('worker_lost', 'an attachment of this job is missing from the queue')
    return bytes
  }
  const work = async (job: Job, token?: string) => {
    let last = 0
    const report = (done: number) => {
      if (performance.now() - last < REPORT_MS) return
      last = performance.now()
      job.updateProgress(done).catch(() => {})
    }
    try {
      // a Redis that evicts may take a part of a job
      if (!job.name || !job.data) throw new UnrecoverableError(LOST)
      const handler = Object.hasOwn(handlers, job.name) ? handlers[job.name] : undefined
      if (!handler)
        throw new Failure('invalid', mustBe('the kind of a job', `one of ${Object.keys(handlers)}`, job.name))
      return await handler(job.data as never, { signal, report, fetch })
    } catch (error) {
      // an invalid job stays invalid at every try
      if (error instanceof Failure && error.status === 400) throw new UnrecoverableError(error.message)
      if (!signal.aborted) throw error
      await job.moveToWait(token)
      throw new WaitingError()
    }
  }
  const worker = new Worker(QUEUE, work, {
    connection: client,
    prefix: PREFIX,
    skipVersionCheck: true,
    concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    runRetryDelay: RETRY_MS,
    maxStalledCount: MOST_DEATHS,
  })
  const ended = (job: Job | undefined, error?: Error) => {
    if (!job) return
    const milliseconds = Math.round((job.finishedOn ?? Date.now()) - (job.processedOn ?? Date.now()))
    onJob({ id: job.id!, kind: job.name, milliseconds, ...(error && { error: error.message }) })
  }
  worker.on('completed', (job) => ended(job))
  worker.on('failed', ended)
  // a lost connection comes back by itself, and connection.ts logs that
  worker.on('error', () => {})
  onQueue?.(`waiting for jobs of version ${QUEUE}`)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  // an unavailable Redis takes no job back: then their locks expire
  await Promise.race([worker.close(), setTimeout(CLOSE_MS, undefined, { ref: false })])
  disconnect(client)
}
