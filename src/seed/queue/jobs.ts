// Bulk work on several machines: jobs in a Redis, by BullMQ. A client (client.ts) puts jobs into
// the queue and waits for the results of all; any number of workers (worker.ts) take them.
//
// A job is a pure function of its data and the renderer's version, and its name is their hash. So
// the same work requested twice is one job, and a job that was lost, with a worker or out of Redis,
// is repeated to the same bytes. The queue is named after the version: workers of another version
// do not see it.
import { createHash } from 'node:crypto'
import { RENDERER_VERSION } from '../../core/version.ts'

/** A job before it is put into the queue. */
export interface JobSpec {
  /** the kind of work, which chooses the handler */
  kind: string
  /** what to work on; the job is named after it */
  data: object
  /** what else the worker reads, without a part in the name */
  hint?: object
  attachments?: Attachment[]
}

/** What is too large for the data of a job and serves many jobs: bytes, under a unique name. */
export interface Attachment {
  name: string
  bytes(): Promise<Buffer>
}

/** What became of a job: its result, or why it was given up. */
export type JobResult =
  | { spec: JobSpec; result: object; error?: undefined }
  | { spec: JobSpec; result?: undefined; error: string }

/** What a handler works with. */
export interface JobContext {
  signal: AbortSignal
  /** reports the part that is done, from 0 to 1 */
  report: (done: number) => void
  /**
   * Fetches an attachment of the job.
   * @throws Failure `worker_lost` where it is not there: the next try may find it
   */
  fetch: (name: string) => Promise<Buffer>
}

/** Works on the data of a job. What it returns is the result, as JSON. */
export type Handler = (data: never, context: JobContext) => Promise<object>

/** The queue of this version, and what its keys begin with. */
export const QUEUE = RENDERER_VERSION
export const PREFIX = 'mandeltiles-jobs'

/** Why a job fails whose data has gone out of Redis: its client repeats it. */
export const LOST = 'the queue has lost the data of this job'

/** The name of a job: the hash of its kind and data. */
export function jobName({ kind, data }: JobSpec): string {
  return `${kind}-${createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 40)}`
}

export function attachmentKey(name: string): string {
  return `${PREFIX}:${QUEUE}:attachment:${name}`
}
