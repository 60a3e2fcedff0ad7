// Stills: pictures centred anywhere, of any size. A still is cut into strips of whole rows, each a task of its own, which all threads render behind
// what is interactive; the strips come out in order, a few of them ahead of the one that is waited for, so that no more than these is
// ever held. A strip is a piece of a PNG already (png.ts), or its counts: what gathers them writes them down as they come.
import { setMaxListeners } from 'node:events'
import { imageKey, levelsKey } from '../cache/keys.ts'
import { type Appearance, DEFAULT_APPEARANCE, DEFAULT_LIGHT, indexable } from '../colour/appearance.ts'
import { formatLevels, levelsOf } from '../colour/histogram.ts'
import { colourTable } from '../colour/palette.ts'
import { shaded } from '../colour/style.ts'
import type { ImageFormat } from '../formats/format.ts'
import { EMPTY, join, pngHead, pngTail } from '../formats/png/strips.ts'
import type { ImageRequest } from '../kernel/request.ts'
import type { PixelKind, StripKind, TaskResult, Timing } from '../kernel/task.ts'
import { imageView, rows, stripRows, supersampled, type View } from '../plane/view.ts'
import type { Encoders } from '../scheduler/encoders.ts'
import type { Pool, TaskOptions } from '../scheduler/pool.ts'
import type { IterationLimits } from './iterations.ts'
import type { Orbits } from './orbits.ts'
import { prepareView } from './prepare.ts'
import { writeImageRequest } from './request.ts'
import type { RenderResult, RenderStats } from './stats.ts'

/** Samples along the longer side of a view whose levels are wanted. */
export const LEVELS_SIDE = 192

/** Told the part that is done, from 0 to 1. */
export type OnProgress = (done: number) => void

/** How a still is cut: one sample a pixel, and so many strips, each of so many rows but the last. */
export interface Cuts {
  readonly view: View
  readonly count: number
  readonly rows: number
}

/** A still that is ready to be rendered: its strips may be made in any order, one is as good as another's. */
export interface PreparedImage extends Cuts {
  readonly request: ImageRequest
  readonly kind: StripKind
  readonly task: Awaited<ReturnType<typeof prepareView>>
}

/** A strip, and the milliseconds that it took. */
export type Strip = Pick<TaskResult, 'bytes' | 'sum' | 'limit'> & { timing: Timing }

/** The stages that pictures share with tiles. */
interface Stages {
  pool: Pool
  orbits: Orbits
  limits: IterationLimits
  encoders: Encoders
  stats: RenderStats
}

export class ImageRenderer implements StripSource {
  /** the pictures that are being made now, by key: the part that is done, 0 to 1 */
  readonly making = new Map<string, number>()
  readonly #stages: Stages

  constructor(stages: Stages) {
    this.#stages = stages
  }

  /** Gets a still ready, with the reference orbit that it needs. @throws Failure `busy` where the lane takes no more */
  async open(request: ImageRequest, kind: StripKind, { signal, lane }: TaskOptions): Promise<PreparedImage> {
    const { pool, orbits, limits } = this.#stages
    const { zoom, rotation = 0, maxIter, appearance } = request
    pool.admission.admit(lane)
    const cuts = cut(request)
    const { view } = cuts
    const order = {
      view: supersampled(view, appearance.aa),
      zoom,
      perPixel: appearance.aa,
      maxIter,
      want: kind,
      appearance: turned(appearance, rotation),
    }
    const task = await prepareView(limits, orbits, order, signal)
    return { request, kind, ...cuts, task }
  }

  /** Strip k of a still: a pure function of both. */
  async strip(still: PreparedImage, k: number, taskOptions: TaskOptions): Promise<Strip> {
    const { request, view, task } = still
    const strip = supersampled(rows(view, k * still.rows, still.rows), request.appearance.aa)
    const { bytes, sum, limit, queue, render, encode } = await this.#stages.pool.run(
      'view',
      { ...task, view: strip },
      taskOptions,
    )
    return { bytes, sum, limit, timing: { queue, render, encode } }
  }

  /** The strips of a still in order, from one of them on, made by all threads. */
  async *strips(
    still: PreparedImage,
    from: number,
    taskOptions: TaskOptions,
    onProgress: OnProgress = () => {},
  ): AsyncGenerator<Strip> {
    const { pool, stats } = this.#stages
    const { request, count } = still
    const { lane } = taskOptions
    // one strip fails or nobody takes them any more: the others stop too
    const stopped = new AbortController()
    const signal = AbortSignal.any([taskOptions.signal, stopped.signal])
    // every strip that is under way listens, which is no leak
    setMaxListeners(0, signal)
    const part = { ...stats.counting('image', { signal, lane }), admitted: true }
    const total = { limit: 0, timing: { queue: 0, render: 0, encode: 0 } }
    let done = from
    const start = async (k: number) => {
      const strip = await this.strip(still, k, part)
      onProgress(++done / count)
      return strip
    }
    const ahead: Promise<Strip>[] = []
    try {
      for (let next = from; next < count || ahead.length > 0; ) {
        while (next < count && ahead.length < AHEAD * pool.admission.slots) {
          const strip = start(next++)
          // what fails is told where it is waited for
          strip.catch(() => {})
          ahead.push(strip)
        }
        const strip = await ahead.shift()!
        total.limit = Math.max(total.limit, strip.limit)
        for (const stage of STAGES) total.timing[stage] += strip.timing[stage]
        yield strip
      }
      stats.tell({ kind: 'image', key: imageKey(request), lane, ...total })
    } finally {
      stopped.abort()
    }
  }

  /** A picture as a PNG, piece by piece. */
  async *png(
    request: ImageRequest,
    taskOptions: TaskOptions,
    told: (strip: Strip) => void = () => {},
    onProgress?: OnProgress,
  ) {
    const still = await this.open(request, pixelKind(request), taskOptions)
    yield* this.pngOf(still, taskOptions, told, onProgress)
  }

  /** The same of a still that is ready. */
  async *pngOf(
    still: PreparedImage,
    taskOptions: TaskOptions,
    told: (strip: Strip) => void = () => {},
    onProgress?: OnProgress,
  ) {
    yield head(still.request)
    let sum = EMPTY
    for await (const strip of this.strips(still, 0, taskOptions, onProgress)) {
      sum = join(sum, strip.sum!)
      told(strip)
      yield strip.bytes
    }
    yield pngTail(sum)
  }

  /** A whole picture in a format. */
  async make(
    request: ImageRequest,
    format: ImageFormat,
    taskOptions: TaskOptions,
    onProgress: OnProgress,
  ): Promise<RenderResult> {
    const key = pictureName(request, format)
    const timing = { queue: 0, render: 0, encode: 0 }
    let limit = 0
    const { told, end } = this.track(key)
    const tally = (strip: Strip) => {
      limit = Math.max(limit, strip.limit)
      for (const stage of STAGES) timing[stage] += strip.timing[stage]
    }
    try {
      const pieces: Uint8Array[] = []
      const onDone = (done: number) => {
        told(done)
        onProgress(done)
      }
      for await (const piece of this.png(request, taskOptions, tally, onDone)) pieces.push(piece)
      const bytes = joined(pieces)
      if (format === 'png') return { bytes, limit, timing }
      return {
        limit,
        ...(await this.#stages.encoders.encode(bytes, format, timing, taskOptions, writeImageRequest(request))),
      }
    } finally {
      end()
    }
  }

  /** Puts a picture among those that are being made, until `end`; what is told after that is of strips that were under way when it was given up. */
  track(key: string): { told: OnProgress; end(): void } {
    this.making.set(key, 0)
    return {
      told: (done) => {
        if (this.making.has(key)) this.making.set(key, done)
      },
      end: () => void this.making.delete(key),
    }
  }

  /** The view's levels, as JSON, from few samples of it. */
  async levels(request: ImageRequest, taskOptions: TaskOptions): Promise<RenderResult> {
    const { zoom, maxIter } = request
    const { pool, orbits, limits, stats } = this.#stages
    const order = {
      view: levelsView(request),
      zoom,
      perPixel: 1,
      maxIter,
      want: 'float64',
      appearance: DEFAULT_APPEARANCE,
    } as const
    const task = await prepareView(limits, orbits, order, taskOptions.signal)
    const work = pool.run('view', task, stats.counting('image', taskOptions))
    const { bytes, limit, timing } = await stats.work('image', levelsKey(request), work, taskOptions.lane)
    const levels = formatLevels(levelsOf(new Float64Array(bytes.buffer)))
    return { bytes: new Uint8Array(Buffer.from(JSON.stringify({ levels }))), limit, timing }
  }
}

/** Makes strips of stills, here or elsewhere. */
export interface StripSource<S extends Pick<PreparedImage, 'count'> = PreparedImage> {
  open(request: ImageRequest, kind: StripKind, taskOptions: TaskOptions): Promise<S>
  strips(still: S, from: number, taskOptions: TaskOptions, onProgress?: OnProgress): AsyncIterable<Strip>
}

/** Cuts a still. */
export function cut({ re, im, zoom, width, height, rotation = 0, appearance }: ImageRequest): Cuts {
  const view = imageView(re, im, zoom, width, height, rotation)
  const rows = stripRows(view, appearance.aa)
  return { view, count: Math.ceil(height / rows), rows }
}

// strips under way for each thread: one that runs, and enough that wait for those before them
const AHEAD = 4

const STAGES = ['queue', 'render', 'encode'] as const

/** What a picture's pixels are, as a PNG. */
export function pixelKind({ bits, appearance }: ImageRequest): PixelKind {
  if (bits === 16) return 'rgb16'
  return indexable(appearance) ? 'index8' : 'rgb8'
}

/** What a picture's PNG begins with: its size, its colours, and how it was made. */
export function head(request: ImageRequest): Buffer {
  const kind = pixelKind(request)
  const palette = kind === 'index8' ? colourTable(request.appearance) : undefined
  return pngHead(request.width, request.height, kind, palette, writeImageRequest(request))
}

// light comes from a side of the picture, however that lies in the plane
function turned(appearance: Appearance, rotation: number): Appearance {
  if (rotation === 0 || !shaded(appearance.style)) return appearance
  return { ...appearance, light: (appearance.light ?? DEFAULT_LIGHT) - rotation }
}

/** A picture as an exact view, of all its samples. */
export function pictureView({ re, im, zoom, rotation, width, height, appearance }: ImageRequest): View {
  return supersampled(imageView(re, im, zoom, width, height, rotation), appearance.aa)
}

/** The few samples of a picture's view that its levels are from. */
export function levelsView({ re, im, zoom, rotation, width, height }: ImageRequest): View {
  const coarser = Math.max(1, Math.max(width, height) / LEVELS_SIDE)
  const [across, down] = [width, height].map((side) => Math.max(1, Math.round(side / coarser))) as [number, number]
  return imageView(re, im, zoom - Math.log2(coarser), across, down, rotation)
}

/** A picture's key, its format included. */
export function pictureName(request: ImageRequest, format: string): string {
  return `${imageKey(request)} ${format}`
}

// memory of its own, as what a cache holds must be what it weighs
function joined(pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
