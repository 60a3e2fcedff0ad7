// THE PIPELINE: request -> key -> cache -> one flight per key -> orbit -> pool -> bytes. Every door enters here: the routes,
// `render`, and programs that import the package.
//
//   key       all that shapes the bytes; the ETag is its hash, known before anything runs
//   cache     finished bytes; a tile is kept once, indexed, and every palette is a copy with other colours
//   kept      the last tiles' counts, from which another density of colours is made without the kernel
//   flight    who asks for what is already under way waits for that; when the last one leaves, it stops
//   tiers     what other processes made, or this one before it started: in files, in Redis
//   orbit     where doubles do not resolve the samples: the neighbourhood's reference, shared by all who look there
//   pool      a thread, the kernel, the encoder; one buffer comes back
import { setMaxListeners } from 'node:events'
import { Cache, type Made } from './cache.ts'
import { phaseAt } from './colour.ts'
import { encode, indexedPng, type PictureFormat, type Pixels, recolour } from './encode.ts'
import { Failure, mustBe } from './errors.ts'
import { Flights } from './flights.ts'
import { gridSpan, gridViewOf } from './grid.ts'
import type { Imprint } from './imprint.ts'
import { Kept } from './kept.ts'
import type { Counts } from './kernel.ts'
import { gridKey, imageKey, indexKey, pictureKey, tileKey } from './key.ts'
import { autoLimit } from './limit.ts'
import { DEFAULT_LOOK, indexable, type Look } from './look.ts'
import type { Options } from './options.ts'
import { Orbits } from './orbits.ts'
import { colourTable } from './palette.ts'
import { type Lane, Pool } from './pool.ts'
import type { GridRequest, ImageRequest, IterationLimit, JuliaPoint, TileRequest } from './request.ts'
import { writeStill } from './still.ts'
import type { TaskResult, ViewTask } from './task.ts'
import { type TierEvents, Tiers } from './tiers.ts'
import { imageView, juliaView, resolved, strips, supersampled, tileView, type View } from './view.ts'

/** A finished answer: its bytes, whether they were there already, and where the time went, in milliseconds. */
export interface Answer extends Made {
  cache: 'hit' | 'miss' | 'coalesced'
  timing: Timing
}
interface Timing {
  queue: number
  render: number
  encode: number
}
type Fresh = Made & { timing: Timing }

export interface ImageOptions {
  signal?: AbortSignal
  lane?: Lane
  /** told the part that is done, from 0 to 1 */
  onProgress?: (done: number) => void
}

/** One render as the log tells it. */
export interface Render {
  kind: 'tile' | 'grid' | 'image' | 'orbit'
  key: string
  lane: Lane
  timing: Timing
  counts?: Counts | undefined
  limit?: number
  orbit?: { length: number; period: number; escaped: boolean }
}

type RendererOptions = Pick<
  Options,
  | 'threads'
  | 'cache-bytes'
  | 'counts-bytes'
  | 'cache-dir'
  | 'cache-dir-bytes'
  | 'redis'
  | 'orbit-bytes'
  | 'queue-length'
  | 'max-cost'
>

export class Renderer {
  readonly cache: Cache
  readonly kept: Kept
  readonly tiers: Tiers
  readonly orbits: Orbits
  readonly pool: Pool
  /** kernel work really started, by kind */
  readonly renders = { tile: 0, grid: 0, image: 0, orbit: 0 }
  readonly #flights = new Flights<Answer>()
  readonly #maxCost: number
  readonly #onRender: (render: Render) => void

  constructor(options: RendererOptions, onRender: (render: Render) => void = () => {}, onTier: TierEvents = () => {}) {
    this.#maxCost = options['max-cost']
    this.#onRender = onRender
    this.cache = new Cache(options['cache-bytes'])
    this.kept = new Kept(options['counts-bytes'])
    this.tiers = new Tiers(options, onTier)
    this.pool = new Pool(options.threads, options['queue-length'])
    this.orbits = new Orbits(
      this.pool,
      options['orbit-bytes'],
      {
        begun: () => this.renders.orbit++,
        made: (key, { length, period, escaped, milliseconds: render, queue }) =>
          onRender({
            kind: 'orbit',
            key,
            lane: 'interactive',
            timing: { queue, render, encode: 0 },
            orbit: { length, period, escaped },
          }),
      },
      this.tiers.orbits,
    )
  }

  /** A tile as a picture. */
  async tile(request: TileRequest, look: Look, format: PictureFormat, signal?: AbortSignal): Promise<Answer> {
    if (!indexable(look)) {
      return this.#cached(pictureKey(request, look, format), signal, (stop) =>
        this.#renderPainted(request, look, format, stop),
      )
    }
    const table = colourTable(look)
    const indexed = (signal?: AbortSignal) =>
      this.#cached(indexKey(request, look), signal, (stop) => this.#renderIndexed(request, look, stop))
    if (format === 'png') {
      const { bytes, ...rest } = await indexed(signal)
      return { ...rest, bytes: recolour(bytes, table) }
    }
    return this.#cached(pictureKey(request, look, format), signal, async (stop) => {
      const { bytes, limit, timing } = await indexed(stop)
      return { limit, ...(await this.#encode(recolour(bytes, table), format, timing)) }
    })
  }

  /** A tile as smooth iteration counts: size · size doubles, rows from the top. */
  async numbers(request: TileRequest, signal?: AbortSignal): Promise<Answer & { values: Float64Array }> {
    const render = (stop: AbortSignal) => this.#renderTile(request, 'nu', DEFAULT_LOOK, stop)
    const answer = await this.#cached(`${tileKey(request)} nu`, signal, render, MEMORY_ONLY)
    return { ...answer, values: new Float64Array(answer.bytes.buffer) }
  }

  /** The original's grid: grid · grid numbers, rows from y0 on. */
  async grid(request: GridRequest, signal?: AbortSignal): Promise<Answer & { values: Float32Array | Float64Array }> {
    const key = gridKey(request)
    const { grid, maxIter, precision } = request
    const render = async (stop: AbortSignal) => {
      this.renders.grid++
      const view = gridViewOf(request)
      const task =
        precision === 'perturbation'
          ? { grid, maxIter, precision, view, reference: await this.orbits.get(view, maxIter, stop) }
          : { grid, maxIter, precision, ...gridSpan(request) }
      return this.#work('grid', key, this.pool.run('grid', task, 'interactive', stop))
    }
    const answer = await this.#cached(key, signal, render, MEMORY_ONLY)
    const { buffer } = answer.bytes
    return { ...answer, values: precision === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer) }
  }

  /** A picture centred anywhere, rendered in strips by all threads. */
  async image(request: ImageRequest, format: PictureFormat, options: ImageOptions = {}): Promise<Answer> {
    return this.#cached(`${imageKey(request)} ${format}`, options.signal, async (stop) => {
      this.renders.image++
      const { width, height, look } = request
      const { pixels, limit, timing } = await this.#renderImage(request, options, stop)
      const picture = indexable(look)
        ? recolour(indexedPng(pixels, width, height), colourTable(look))
        : { rgb: pixels, width, height }
      return { limit, ...(await this.#encode(picture, format, timing, writeStill(request))) }
    })
  }

  /** Refuses what is dearer than one request may be, before it starts: samples times iteration limit, where that is given. */
  affordable(samples: number, maxIter: IterationLimit): void {
    const cost = maxIter === 'auto' ? 0 : samples * maxIter
    if (cost <= this.#maxCost) return
    const sentence = mustBe('the cost, samples times max_iter,', `at most ${this.#maxCost}`, cost)
    throw new Failure('dear', `${sentence} (${samples} samples, max_iter ${maxIter})`)
  }

  async close(): Promise<void> {
    await this.pool.close()
    await this.tiers.close()
  }

  /** A tile's indices as a PNG: from its counts, where they are kept, else by the kernel. */
  async #renderIndexed(request: TileRequest, look: Look, stop: AbortSignal): Promise<Fresh> {
    const { density } = look
    const kept = density === 1 ? undefined : this.kept.get(tileKey(request))
    if (!kept) return this.#renderTile(request, 'png', look, stop)
    const { tile, size } = request
    const task = { kept, phase: phaseAt(tile.z, density), width: size, height: size }
    const { bytes, limit, queue, render, encode } = await this.pool.run('colour', task, 'interactive', stop)
    return { bytes, limit, timing: { queue, render, encode } }
  }

  /** A tile that takes more than one number a pixel, in true colour. */
  async #renderPainted(request: TileRequest, look: Look, format: PictureFormat, stop: AbortSignal): Promise<Fresh> {
    const { bytes, limit, timing } = await this.#renderTile(request, 'rgb', look, stop)
    const { size } = request
    return { limit, ...(await this.#encode({ rgb: bytes, width: size, height: size }, format, timing)) }
  }

  async #renderTile(request: TileRequest, want: 'png' | 'rgb' | 'nu', look: Look, stop: AbortSignal): Promise<Fresh> {
    const { tile, julia, size, maxIter } = request
    this.renders.tile++
    const view = julia ? juliaView(tile, size) : tileView(tile, size)
    const task = await this.#viewTask(supersampled(view, look.aa), tile.z, maxIter, want, look, stop, julia)
    const keep = want === 'png' && this.kept.wanted
    const work = this.pool.run('view', { ...task, keep }, 'interactive', stop)
    work.then(({ kept }) => kept && this.kept.set(tileKey(request), kept)).catch(() => {})
    return this.#work('tile', tileKey(request), work)
  }

  async #renderImage(request: ImageRequest, options: ImageOptions, left: AbortSignal) {
    const { re, im, zoom, width, height, maxIter, look } = request
    const { lane = 'interactive', onProgress = () => {} } = options
    const view = imageView(re, im, zoom, width, height)
    // one strip fails or the client leaves: the others stop too
    const failed = new AbortController()
    const stop = AbortSignal.any([left, failed.signal])
    // every strip listens: hundreds are no leak
    setMaxListeners(0, stop)
    const want = indexable(look) ? 'index' : 'rgb'
    const whole = await this.#viewTask(supersampled(view, look.aa), zoom, maxIter, want, look, stop)
    const bytes = want === 'rgb' ? 3 : 1
    const pixels = new Uint8Array(bytes * width * height)
    const timing = { queue: 0, render: 0, encode: 0 }
    let [rows, limit] = [0, 0]
    const render = async ({ top, strip }: { top: number; strip: View }) => {
      const done = await this.pool.run('view', { ...whole, view: supersampled(strip, look.aa) }, lane, stop)
      pixels.set(done.bytes, bytes * top * width)
      for (const stage of ['queue', 'render', 'encode'] as const) timing[stage] += done[stage]
      limit = Math.max(limit, done.limit)
      rows += strip.height
      onProgress(rows / height)
    }
    await Promise.all(strips(view, look.aa).map(render)).catch((error) => {
      failed.abort()
      throw error
    })
    this.#onRender({ kind: 'image', key: imageKey(request), lane, timing, limit })
    return { pixels, limit, timing }
  }

  /** The task for a view, with the reference that it needs where doubles do not resolve it. */
  async #viewTask(
    view: View,
    zoom: number,
    maxIter: IterationLimit,
    want: ViewTask['want'],
    look: Look,
    stop: AbortSignal,
    julia?: JuliaPoint,
  ) {
    const limit = maxIter === 'auto' ? autoLimit(zoom) : { from: maxIter, to: maxIter }
    const reference = julia || resolved(view) ? undefined : await this.orbits.get(view, limit.from, stop)
    const phase = phaseAt(zoom, look.density)
    return { view, limit, phase, want, look, keep: false, julia, reference }
  }

  async #work(kind: Render['kind'], key: string, work: Promise<TaskResult & { queue: number }>): Promise<Fresh> {
    const { bytes, counts, limit, queue, render, encode } = await work
    const timing = { queue, render, encode }
    this.#onRender({ kind, key, lane: 'interactive', counts, limit, timing })
    return { bytes, limit, timing }
  }

  async #encode(
    picture: Uint8Array<ArrayBuffer> | Pixels,
    format: PictureFormat,
    timing: Timing,
    imprint?: Imprint,
  ): Promise<Omit<Fresh, 'limit'>> {
    const started = performance.now()
    const bytes = await encode(picture, format, imprint)
    return { bytes, timing: { ...timing, encode: timing.encode + performance.now() - started } }
  }

  async #cached(
    key: string,
    signal: AbortSignal | undefined,
    make: (stop: AbortSignal) => Promise<Fresh>,
    tiers: Pick<Tiers, 'get' | 'set'> = this.tiers,
  ): Promise<Answer> {
    const { requests } = this.cache
    const made = this.cache.get(key)
    if (made) {
      requests.hit++
      return { ...made, cache: 'hit', timing: NO_TIME }
    }
    const coalesced = this.#flights.has(key)
    if (coalesced) requests.coalesced++
    const fresh = await this.#flights.join(key, signal, async (stop) => {
      const kept = await tiers.get(key)
      requests[kept ? 'hit' : 'miss']++
      const fresh = kept
        ? { ...kept, cache: 'hit' as const, timing: NO_TIME }
        : { ...(await make(stop)), cache: 'miss' as const }
      const { bytes, limit } = fresh
      this.cache.set(key, { bytes, limit })
      if (!kept) void tiers.set(key, { bytes, limit })
      return fresh
    })
    return coalesced ? { ...fresh, cache: 'coalesced' } : fresh
  }
}

const NO_TIME: Timing = { queue: 0, render: 0, encode: 0 }

/** For numbers, which take twenty times a picture's bytes and leave it to memory to keep some. */
const MEMORY_ONLY = { get: async () => undefined, set: async () => false }
