// Films by a queue: each frame is a job, its result the frame's PNG. Key frames are stills, which strips.ts has made; whoever makes a frame fetches the two
// that it needs, and keeps them for the next.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Failure } from '../../core/errors.ts'
import { type Film, frameAt, keyFrameRequest, keysOf } from '../../render/film.ts'
import type { FrameSource, Frames, OnFrame } from '../../render/filmframes.ts'
import { type ImageParameters, readImageRequest, writeImageRequest } from '../../render/request.ts'
import { type TaskOptions, Ticket } from '../../scheduler/ticket.ts'
import { packBytes, unpackBytes } from './codec.ts'
import type { Handler, JobClient, JobSpec } from './jobs.ts'

/** A frame as a job: the film, and which one. */
interface FrameJob {
  still: ImageParameters
  from: number
  frames: number
  frame: number
}
/** A frame as a job's result: bytes in base64. */
interface FrameResult {
  bytes: string
}

/** The frames of films from whoever takes jobs. */
export class QueuedFrames implements FrameSource {
  readonly #orders: JobClient
  readonly #continuing: boolean

  /** @param continuing results that an earlier run left are taken */
  constructor(orders: JobClient, continuing: boolean) {
    this.#orders = orders
    this.#continuing = continuing
  }

  async make(
    film: Film,
    frames: readonly number[],
    file: (key: number) => string,
    { signal }: TaskOptions,
    onFrame: OnFrame,
  ) {
    const what = { still: writeImageRequest(film.still), from: film.from, frames: film.frames }
    const left = frames.values()
    const next = (): JobSpec | undefined => {
      const { value: frame } = left.next()
      if (frame === undefined) return undefined
      const attachments = keysOf(frameAt(film, frame)).map((key) => ({
        name: attachmentName(film, key),
        bytes: () => readFile(file(key)),
      }))
      return { kind: 'frame', data: { ...what, frame } satisfies FrameJob, attachments }
    }
    for await (const { order, result, why } of this.#orders.results(next, { continuing: this.#continuing, signal })) {
      const { frame } = order.data as FrameJob
      if (why !== undefined) throw new Failure('worker_lost', `frame ${frame} of ${film.frames} was given up: ${why}`)
      await onFrame(frame, unpackBytes((result as FrameResult).bytes))
    }
  }
}

/** Makes a frame for somebody else. */
export function frameHandler(frames: Frames, limits: Parameters<typeof readImageRequest>[1]): Handler {
  return async ({ still, frame, ...job }: FrameJob, { signal, fetch }): Promise<FrameResult> => {
    const film = { ...job, still: readImageRequest(still, limits) }
    const keyFrame = (key: number) => {
      const name = attachmentName(film, key)
      return { name, png: () => fetch(name) }
    }
    return { bytes: packBytes(await frames.frame(film, frame, keyFrame, { signal, ticket: new Ticket('bulk') })) }
  }
}

// by what it shows: two films of one place share it
function attachmentName(film: Film, key: number): string {
  const still = JSON.stringify(writeImageRequest(keyFrameRequest(film, key)))
  return createHash('sha256').update(still).digest('hex').slice(0, 40)
}
