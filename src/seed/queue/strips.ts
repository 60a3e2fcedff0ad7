// Stills by a queue: each strip is a job, its result the strip's bytes. They are asked for in order, so many ahead of the one that is waited for, as by
// this process's own threads.
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
import { packBytes, unpackBytes } from './codec.ts'
import type { Handler, JobClient, JobSpec } from './jobs.ts'

/** A strip as a job. */
interface StripJob {
  still: ImageParameters
  kind: StripKind
  strip: number
}
/** A strip as a job's result: bytes in base64. */
type StripResult = Omit<Strip, 'bytes'> & { bytes: string }

// strips that are given out or wait for those before them: of 64K pixels each, some ten megabytes as pictures, a hundred as counts
const AHEAD = 256

/** What a still made by others is known by here. */
type Elsewhere = Pick<PreparedImage, 'count' | 'request' | 'kind'>

/** The strips of stills from whoever takes jobs. */
export class QueuedStrips implements StripSource<Elsewhere> {
  readonly #orders: JobClient
  readonly #continuing: boolean

  /** @param continuing results that an earlier run left are taken */
  constructor(orders: JobClient, continuing: boolean) {
    this.#orders = orders
    this.#continuing = continuing
  }

  async open(request: ImageRequest, kind: StripKind): Promise<Elsewhere> {
    return { request, kind, count: planImage(request).count }
  }

  async *strips({ request, kind, count }: Elsewhere, from: number, { signal }: TaskOptions, onProgress?: OnProgress) {
    const still = writeImageRequest(request)
    const early = new Map<number, StripResult>()
    let [given, taken] = [from, from]
    const next = (): JobSpec | 'later' | undefined => {
      if (given === count) return undefined
      if (given >= taken + AHEAD) return 'later'
      return { kind: 'strip', data: { still, kind, strip: given++ } satisfies StripJob }
    }
    for await (const { order, result, why } of this.#orders.results(next, { continuing: this.#continuing, signal })) {
      const { strip } = order.data as StripJob
      if (why !== undefined) throw new Failure('worker_lost', `strip ${strip} of ${count} was given up: ${why}`)
      early.set(strip, result as StripResult)
      onProgress?.((taken + early.size) / count)
      for (let ready = early.get(taken); ready; ready = early.get(taken)) {
        early.delete(taken++)
        yield { ...ready, bytes: unpackBytes(ready.bytes) }
      }
    }
  }
}

/** Makes a strip for somebody else. */
export function stripHandler(images: StripRenderer, limits: Parameters<typeof readImageRequest>[1]): Handler {
  return async ({ still: text, kind, strip }: StripJob, { signal }): Promise<StripResult> => {
    const taskOptions = { signal, ticket: new Ticket('bulk') }
    const still = await images.open(readImageRequest(text, limits), kind, taskOptions)
    const { bytes, ...rest } = await images.strip(still, strip, taskOptions)
    return { ...rest, bytes: packBytes(bytes) }
  }
}
