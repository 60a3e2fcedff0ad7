// Bulk work on several machines: jobs in a Redis, by BullMQ. A client (client.ts) puts jobs into
// the queue and waits for the results of all; any number of workers (worker.ts) take them.
//
// A job is a pure function of its data and the renderer's version, and its name is their hash. So
// the same work requested twice is one job, and a job lost with a worker or by Redis is repeated
// with the same result. The queue is named after the version: workers of another version do not see
// it.
import { createHash } from 'node:crypto'
import { RENDERER_VERSION } from '../../core/version.ts'

/** A job before it is put into the queue. */
export interface JobSpec {
  /** the kind of work, which chooses the handler */
  kind: string
  /** what to work on; the job is named after it */
  data: object
  /** what else the worker reads, which is not part of the name */
  hint?: object
  attachments?: Attachment[]
}

/** Bytes under a unique name, too large for the data of a job, and shared by many jobs. */
export interface Attachment {
  name: string
  bytes(): Promise<Buffer>
}

/** The outcome of a job: its result, or why it was given up. */
export type JobResult =
  | { spec: JobSpec; result: object; error?: undefined }
  | { spec: JobSpec; result?: undefined; error: string }

/** What a handler works with. */
export interface JobContext {
  signal: AbortSignal
  /** reports the finished fraction, from 0 to 1 */
  report: (done: number) => void
  /**
   * Fetches an attachment of the job.
   * @throws Failure `worker_lost` if it is missing: the next try may find it
   */
  fetch: (name: string) => Promise<Buffer>
}

/** Works on the data of a job. What it returns is the result, as JSON. */
export type Handler = (data: never, context: JobContext) => Promise<object>

/** The queue of this version, and the prefix of its keys. */
export const QUEUE = RENDERER_VERSION
export const PREFIX = 'mandeltiles-jobs'

/** The error of a job whose data Redis has lost: its client repeats it. */
export const LOST = 'the queue has lost the data of this job'

/** The name of a job: the hash of its kind and data. */
export function jobName({ kind, data }: JobSpec): string {
  return `${kind}-${createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 40)}`
}

export function attachmentKey(name: string): string {
  return `${PREFIX}:${QUEUE}:attachment:${name}`
}
