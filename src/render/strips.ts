// Images in strips. An image is cut into strips of whole rows, and each strip is a task of its own,
// so that all threads work on one image and none is busy for long. The strips come out in order
// (ahead.ts). A strip is a piece of a PNG (formats/png/strips.ts), or its counts.
import { imageKey } from '../cache/keys.ts'
import { type Appearance, DEFAULT_LIGHT, finestSide, gridSide } from '../colour/appearance.ts'
import { isShaded } from '../colour/style.ts'
import type { ImageRequest, RenderSpec } from '../kernel/request.ts'
import type { StripKind, TaskResult, Timing } from '../kernel/task.ts'
import { isDeep } from '../plane/precision.ts'
import { imageView, rows, stripRows, supersampled, type View } from '../plane/view.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { inOrder } from './ahead.ts'
import { type PreparedView, prepareView } from './prepare.ts'
import type { Stages } from './stages.ts'

/** Reports the finished fraction, from 0 to 1. */
export type OnProgress = (done: number) => void

/** An image's exact samples, and how it is cut. */
export interface ImagePlan {
  readonly request: ImageRequest
  /** one sample a pixel */
  readonly view: View
  /** all samples */
  readonly spec: RenderSpec
  /** strips, and rows of each but the last */
  readonly count: number
  readonly rows: number
}

/** An image that is ready to be rendered: its strips may be made in any order. */
export interface PreparedImage extends ImagePlan {
  readonly kind: StripKind
  readonly task: PreparedView
}

/** A strip, and where its time went. */
export type Strip = Pick<TaskResult, 'bytes' | 'sum' | 'limit'> & { timing: Timing }

/** Makes strips of images, here or elsewhere. */
export interface StripSource<S extends Pick<PreparedImage, 'count'> = PreparedImage> {
  open(request: ImageRequest, kind: StripKind, options: TaskOptions): Promise<S>
  strips(image: S, from: number, options: TaskOptions, onProgress?: OnProgress): AsyncIterable<Strip>
}

export class StripRenderer implements StripSource {
  readonly #stages: Stages

  constructor(stages: Stages) {
    this.#stages = stages
  }

  /** Prepares an image. @throws Failure `busy` if its lane is full */
  open(request: ImageRequest, kind: StripKind, options: TaskOptions): Promise<PreparedImage> {
    return this.prepare(planImage(request), kind, options)
  }

  /** The same for an image that has a plan. */
  async prepare(plan: ImagePlan, kind: StripKind, options: TaskOptions): Promise<PreparedImage> {
    this.#stages.pool.admission.admit(options.ticket)
    // its many parts wait as long as necessary
    options.ticket.patient = true
    const task = await prepareView(this.#stages, plan.spec, kind, options)
    return { ...plan, kind, task }
  }

  /** Strip k of an image: it depends on nothing else. */
  async strip(image: PreparedImage, k: number, options: TaskOptions, onStart?: () => void): Promise<Strip> {
    const view = supersampled(rows(image.view, k * image.rows, image.rows), gridSide(image.request.appearance))
    const { pool, orbits } = this.#stages
    const { orbit, ...task } = image.task
    const done = await orbits.use(orbit, options, (reference) =>
      pool.run('view', { ...task, view, reference }, options, onStart),
    )
    const { bytes, sum, limit, queue, render, encode } = done
    return { bytes, sum, limit, timing: { queue, render, encode } }
  }

  /** The strips of an image in order, from one of them on, made by all threads. */
  async *strips(
    image: PreparedImage,
    from: number,
    { signal: caller, ticket }: TaskOptions,
    onProgress: OnProgress = () => {},
  ): AsyncGenerator<Strip> {
    const { pool, stats } = this.#stages
    const { request, count } = image
    const onStart = stats.counter('image')
    const total = newTotal()
    let done = from
    const strips = inOrder({ from, count, slots: pool.admission.slots }, caller, async (k, signal) => {
      const strip = await this.strip(image, k, { signal, ticket }, onStart)
      onProgress(++done / count)
      return strip
    })
    for await (const strip of strips) {
      addTo(total, strip)
      yield strip
    }
    stats.report({ kind: 'image', key: imageKey(request), lane: ticket.lane, ...total })
  }
}

/** The highest iteration limit of some strips, and their times together. */
export type Total = Pick<Strip, 'limit' | 'timing'>

export function newTotal(): Total {
  return { limit: 0, timing: { queue: 0, render: 0, encode: 0 } }
}

export function addTo(total: Total, { limit, timing }: Total): void {
  total.limit = Math.max(total.limit, limit)
  total.timing.queue += timing.queue
  total.timing.render += timing.render
  total.timing.encode += timing.encode
}

/**
 * Pieces joined in a separate buffer, so that a cached entry holds no more memory than its size.
 */
export function joined(pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/** Bytes of a strip's pixels at most, before they are compressed. */
export function stripBytes({ request: { width, bits }, rows }: ImagePlan): number {
  return (bits === 16 ? 6 : 3) * width * rows
}

/** An image's samples, cut into strips. */
export function planImage(request: ImageRequest): ImagePlan {
  const { re, im, zoom, colourZoom = zoom, width, height, rotation = 0, mirror = false, maxIter, appearance } = request
  const view = imageView(re, im, zoom, width, height, rotation, mirror)
  const samples = supersampled(view, gridSide(appearance))
  const spec = {
    view: samples,
    deep: isDeep(supersampled(view, finestSide(appearance))),
    zoom: colourZoom,
    perPixel: gridSide(appearance) * 2 ** (zoom - colourZoom),
    maxIter,
    appearance: turned(appearance, rotation, mirror),
  }
  const rows = stripRows(view, finestSide(appearance))
  return { request, view, spec, count: Math.ceil(height / rows), rows }
}

// Light comes from a side of the image, however the image lies in the plane. Slopes have directions
// in the plane, which a mirrored image reverses.
function turned(appearance: Appearance, rotation: number, mirror: boolean): Appearance {
  if ((rotation === 0 && !mirror) || !isShaded(appearance.style)) return appearance
  const light = (appearance.light ?? DEFAULT_LIGHT) - rotation
  return { ...appearance, light: mirror ? -light : light }
}
