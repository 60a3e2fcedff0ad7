// Films through the queue: each frame is a job, and its result the frame's PNG. Key frames are
// images, which strips.ts has made: the worker that makes a frame fetches the two that it needs as
// attachments, and keeps them for the next frame.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Failure } from '../../core/errors.ts'
import { type Film, frameAt, keyFrameRequest, keysOf } from '../../render/film.ts'
import type { FrameSource, Frames, OnFrame } from '../../render/filmframes.ts'
import { type ImageParameters, LEAST_ZOOM, readImageRequest, writeImageRequest } from '../../render/request.ts'
import { type TaskOptions, Ticket } from '../../scheduler/ticket.ts'
import type { JobClient } from './client.ts'
import { number, packBytes, record, texts, unpackBytes, whole } from './codec.ts'
import type { Handler, JobSpec } from './jobs.ts'

/** A frame as a job: the film, and the number of the frame. */
interface FrameJob {
  image: ImageParameters
  from: number
  frames: number
  frame: number
}
/** A frame as a result: its bytes in base64. */
interface FrameResult {
  bytes: string
}

/** Frames from the workers of a queue. */
export class QueuedFrames implements FrameSource {
  readonly #client: JobClient
  readonly #resume: boolean

  /** @param resume are results of an earlier run used? */
  constructor(client: JobClient, resume: boolean) {
    this.#client = client
    this.#resume = resume
  }

  async make(
    film: Film,
    frames: readonly number[],
    file: (key: number) => string,
    { signal }: TaskOptions,
    onFrame: OnFrame,
  ) {
    const job = { image: writeImageRequest(film.image), from: film.from, frames: film.frames }
    const left = frames.values()
    const next = (): JobSpec | undefined => {
      const { value: frame } = left.next()
      if (frame === undefined) return undefined
      const attachments = keysOf(frameAt(film, frame)).map((key) => ({
        name: attachmentName(film, key),
        bytes: () => readFile(file(key)),
      }))
      return { kind: 'frame', data: { ...job, frame } satisfies FrameJob, attachments }
    }
    for await (const { spec, result, error } of this.#client.results(next, { resume: this.#resume, signal })) {
      const { frame } = spec.data as FrameJob
      if (error !== undefined) throw new Failure('worker_lost', `frame ${frame} of ${film.frames} failed: ${error}`)
      await onFrame(frame, unpackBytes((result as FrameResult).bytes))
    }
  }
}

/** Makes frames for other processes. Jobs are checked like requests. */
export function frameHandler(frames: Frames, limits: Parameters<typeof readImageRequest>[1]): Handler {
  return async (job, { signal, fetch }): Promise<FrameResult> => {
    const { image, from, frames: count, frame } = record('the job', job)
    const request = readImageRequest(texts('image', image), limits)
    const film = {
      image: request,
      from: number('from', from, LEAST_ZOOM, limits['max-zoom']),
      frames: whole('frames', count, 1, Number.MAX_SAFE_INTEGER),
    }
    const keyFrame = (key: number) => {
      const name = attachmentName(film, key)
      return { name, png: () => fetch(name) }
    }
    const options = { signal, ticket: new Ticket('bulk') }
    const which = whole('frame', frame, 0, film.frames - 1)
    return { bytes: packBytes(await frames.frame(film, which, keyFrame, options)) }
  }
}

// by its content: two films of one location share it
function attachmentName(film: Film, key: number): string {
  const image = JSON.stringify(writeImageRequest(keyFrameRequest(film, key)))
  return createHash('sha256').update(image).digest('hex').slice(0, 40)
}
