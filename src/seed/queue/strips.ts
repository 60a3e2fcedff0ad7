// Images through the queue: each strip is a job, and its result the bytes of the strip. They are
// yielded in order, so a limited number of them is in the queue or waits for those before it.
import { Failure } from '../../core/errors.ts'
import type { ImageRequest } from '../../kernel/request.ts'
import type { StripKind } from '../../kernel/task.ts'
import { type ImageParameters, readImageRequest, writeImageRequest } from '../../render/request.ts'
import {
  type OnProgress,
  type PreparedImage,
  planImage,
  type Strip,
  type StripRenderer,
  type StripSource,
} from '../../render/strips.ts'
import { type TaskOptions, Ticket } from '../../scheduler/ticket.ts'
import type { JobClient } from './client.ts'
import { oneOf, packBytes, record, texts, unpackBytes, whole } from './codec.ts'
import type { Handler, JobSpec } from './jobs.ts'

/** A strip as a job. */
interface StripJob {
  image: ImageParameters
  kind: StripKind
  strip: number
}
/** A strip as a result: its bytes in base64. */
type StripResult = Omit<Strip, 'bytes'> & { bytes: string }

/**
 * Strips in the queue or waiting for earlier ones: of 64K pixels each, 10 MB as pictures, 100 MB as
 * counts.
 */
const AHEAD = 256

/** An image whose strips other processes make. */
type QueuedImage = Pick<PreparedImage, 'count' | 'request' | 'kind'>

/** Strips from the workers of a queue. */
export class QueuedStrips implements StripSource<QueuedImage> {
  readonly #client: JobClient
  readonly #resume: boolean

  /** @param resume are results of an earlier run used? */
  constructor(client: JobClient, resume: boolean) {
    this.#client = client
    this.#resume = resume
  }

  async open(request: ImageRequest, kind: StripKind): Promise<QueuedImage> {
    return { request, kind, count: planImage(request).count }
  }

  async *strips({ request, kind, count }: QueuedImage, from: number, { signal }: TaskOptions, onProgress?: OnProgress) {
    const image = writeImageRequest(request)
    const early = new Map<number, StripResult>()
    let [queued, yielded] = [from, from]
    const next = (): JobSpec | 'later' | undefined => {
      if (queued === count) return undefined
      if (queued >= yielded + AHEAD) return 'later'
      return { kind: 'strip', data: { image, kind, strip: queued++ } satisfies StripJob }
    }
    for await (const { spec, result, error } of this.#client.results(next, { resume: this.#resume, signal })) {
      const { strip } = spec.data as StripJob
      if (error !== undefined) throw new Failure('worker_lost', `strip ${strip} of ${count} failed: ${error}`)
      early.set(strip, result as StripResult)
      onProgress?.((yielded + early.size) / count)
      for (let ready = early.get(yielded); ready; ready = early.get(yielded)) {
        early.delete(yielded++)
        yield { ...ready, bytes: unpackBytes(ready.bytes) }
      }
    }
  }
}

/** Makes strips for other processes. Jobs are checked like requests. */
export function stripHandler(images: StripRenderer, limits: Parameters<typeof readImageRequest>[1]): Handler {
  return async (job, { signal }): Promise<StripResult> => {
    const { image: parameters, kind, strip } = record('the job', job)
    const request = readImageRequest(texts('image', parameters), limits)
    const taskOptions = { signal, ticket: new Ticket('bulk') }
    const which = whole('strip', strip, 0, planImage(request).count - 1)
    const image = await images.open(request, oneOf('kind', kind, STRIP_KINDS), taskOptions)
    const { bytes, ...rest } = await images.strip(image, which, taskOptions)
    return { ...rest, bytes: packBytes(bytes) }
  }
}

const STRIP_KINDS = ['index8', 'rgb8', 'rgb16', 'float32', 'float64'] as const satisfies StripKind[]
