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
import { encode, type PictureFormat, type Pixels, recolour } from './encode.ts'
import { Failure, mustBe } from './errors.ts'
import { Flights } from './flights.ts'
import { gridSpan, gridViewOf } from './grid.ts'
import type { Imprint } from './imprint.ts'
import { Kept } from './kept.ts'
import type { Counts } from './kernel.ts'
import { gridKey, imageKey, indexKey, numbersKey, pictureKey, tileKey } from './key.ts'
import { type Lane, Lanes } from './lanes.ts'
import { autoLimit } from './limit.ts'
import { DEFAULT_LOOK, indexable, type Look } from './look.ts'
import type { GridNumbers, TileNumbers } from './numbers.ts'
import type { Options } from './options.ts'
import { Orbits } from './orbits.ts'
import { colourTable } from './palette.ts'
import { type Errand, Pool } from './pool.ts'
import type { Caller, GridRequest, ImageRequest, IterationLimit, JuliaPoint, TileRequest } from './request.ts'
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

export interface ImageCaller extends Caller {
  /** told the part that is done, from 0 to 1 */
  onProgress?: (done: number) => void
}

/** What is looked up, and how it is made where it is nowhere. */
interface Wanted {
  key: string
  /** to count by; what is part of another answer is not counted */
  zoom?: number
  counted?: boolean
  /** where the caller says nothing */
  lane?: Lane
  tiers?: Pick<Tiers, 'get' | 'set'>
  make(errand: Errand): Promise<Fresh>
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
  | 'max-wait'
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
  /** the pictures that are being made now, by key: the part that is done, 0 to 1 */
  readonly images = new Map<string, number>()
  readonly #flights = new Flights<Answer>()
  readonly #encoders: Lanes
  readonly #maxCost: number
  readonly #onRender: (render: Render) => void

  constructor(options: RendererOptions, onRender: (render: Render) => void = () => {}, onTier: TierEvents = () => {}) {
    this.#maxCost = options['max-cost']
    this.#onRender = onRender
    this.cache = new Cache(options['cache-bytes'])
    this.kept = new Kept(options['counts-bytes'])
    this.tiers = new Tiers(options, onTier)
    const bounds = { length: options['queue-length'], wait: options['max-wait'] }
    this.pool = new Pool({ ...bounds, slots: options.threads })
    this.#encoders = new Lanes({ ...bounds, slots: Math.min(options.threads, ENCODERS) })
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

  /** A tile as a picture; what is in memory is answered at once. */
  tile(request: TileRequest, look: Look, format: PictureFormat, caller: Caller = {}): Answer | Promise<Answer> {
    const { z: zoom } = request.tile
    if (!indexable(look)) {
      const make = (errand: Errand) => this.#renderPainted(request, look, format, errand)
      return this.#find({ key: pictureKey(request, look, format), zoom, make }, caller)
    }
    const table = colourTable(look)
    const indexed: Wanted = {
      key: indexKey(request, look),
      zoom,
      make: (errand) => this.#renderIndexed(request, look, errand),
    }
    if (format === 'png') {
      const coloured = (answer: Answer) => ({ ...answer, bytes: recolour(answer.bytes, table) })
      const answer = this.#find(indexed, caller)
      return answer instanceof Promise ? answer.then(coloured) : coloured(answer)
    }
    const make = async (errand: Errand) => {
      const { bytes, limit, timing } = await this.#find({ ...indexed, counted: false }, errand)
      return { limit, ...(await this.#encode(recolour(bytes, table), format, timing, errand)) }
    }
    return this.#find({ key: pictureKey(request, look, format), zoom, make }, caller)
  }

  /** A tile's smooth iteration counts, rows from the top. */
  numbers(request: TileRequest, format: TileNumbers, caller: Caller = {}): Answer | Promise<Answer> {
    const make = (errand: Errand) => this.#renderTile(request, format, DEFAULT_LOOK, errand)
    return this.#find({ key: numbersKey(request, format), zoom: request.tile.z, make, tiers: MEMORY_ONLY }, caller)
  }

  /** The original's grid, rows from y0 on. */
  grid(request: GridRequest, format: GridNumbers, caller: Caller = {}): Answer | Promise<Answer> {
    const key = gridKey(request, format)
    const make = async (errand: Errand) => {
      const { maxIter, precision } = request
      const view = gridViewOf(request)
      const where =
        precision === 'perturbation'
          ? { view, reference: await this.orbits.get(view, maxIter, errand.signal) }
          : { reference: undefined, span: gridSpan(request) }
      const task = { request, format, ...where }
      return this.#work('grid', key, this.pool.run('grid', task, this.#counting('grid', errand)), errand.lane)
    }
    return this.#find({ key, make, tiers: MEMORY_ONLY }, caller)
  }

  /** A picture centred anywhere, rendered in strips by all threads, behind what is interactive. */
  async image(request: ImageRequest, format: PictureFormat, caller: ImageCaller = {}): Promise<Answer> {
    const key = `${imageKey(request)} ${format}`
    const make = async (errand: Errand) => {
      const { width, height, look } = request
      const onProgress = (done: number) => {
        // a strip may end after the picture was given up
        if (this.images.has(key)) this.images.set(key, done)
        caller.onProgress?.(done)
      }
      this.images.set(key, 0)
      try {
        const { pixels, limit, timing } = await this.#renderImage(request, onProgress, errand)
        const picture = indexable(look)
          ? recolour(await this.#gather(pixels, request, errand), colourTable(look))
          : { rgb: pixels, width, height }
        return { limit, ...(await this.#encode(picture, format, timing, errand, writeStill(request))) }
      } finally {
        this.images.delete(key)
      }
    }
    return this.#find({ key, zoom: request.zoom, lane: 'bulk', make }, caller)
  }

  /** Refuses what is dearer than one request may be, before it starts: samples times iteration limit, where that is given. */
  affordable(samples: number, maxIter: IterationLimit): void {
    const cost = maxIter === 'auto' ? 0 : samples * maxIter
    if (cost <= this.#maxCost) return
    const sentence = mustBe('the cost, samples times max_iter,', `at most ${this.#maxCost}`, cost)
    throw new Failure('dear', `${sentence} (${samples} samples, max_iter ${maxIter})`)
  }

  /** Is anything rendered or encoded now, or does it wait to be? */
  get busy(): boolean {
    const { queued, running } = this.pool.load
    return queued + running + this.#encoders.running > 0
  }

  /** Stops all that is under way: who waits for it is told why. */
  stop(why: Failure): void {
    this.#encoders.clear(why)
    this.pool.stop(why)
  }

  async close(): Promise<void> {
    await this.pool.close()
    await this.tiers.close()
  }

  /** A tile's indices as a PNG: from its counts, where they are kept, else by the kernel. */
  async #renderIndexed(request: TileRequest, look: Look, errand: Errand): Promise<Fresh> {
    const { density } = look
    const kept = density === 1 ? undefined : this.kept.get(tileKey(request))
    if (!kept) return this.#renderTile(request, 'png', look, errand)
    const { tile, size } = request
    const task = { kept, phase: phaseAt(tile.z, density), width: size, height: size }
    const { bytes, limit, queue, render, encode } = await this.pool.run('colour', task, errand)
    return { bytes, limit, timing: { queue, render, encode } }
  }

  /** A tile that takes more than one number a pixel, in true colour. */
  async #renderPainted(request: TileRequest, look: Look, format: PictureFormat, errand: Errand): Promise<Fresh> {
    const { bytes, limit, timing } = await this.#renderTile(request, 'rgb', look, errand)
    const { size } = request
    return { limit, ...(await this.#encode({ rgb: bytes, width: size, height: size }, format, timing, errand)) }
  }

  async #renderTile(
    request: TileRequest,
    want: 'png' | 'rgb' | TileNumbers,
    look: Look,
    errand: Errand,
  ): Promise<Fresh> {
    const { tile, julia, size, maxIter } = request
    const view = julia ? juliaView(tile, size) : tileView(tile, size)
    const task = await this.#viewTask(supersampled(view, look.aa), tile.z, maxIter, want, look, errand, julia)
    const keep = want === 'png' && this.kept.wanted
    const work = this.pool.run('view', { ...task, tile: request, keep }, this.#counting('tile', errand))
    work.then(({ kept }) => kept && this.kept.set(tileKey(request), kept)).catch(() => {})
    return this.#work('tile', tileKey(request), work, errand.lane)
  }

  async #renderImage(request: ImageRequest, onProgress: (done: number) => void, errand: Errand) {
    const { re, im, zoom, width, height, maxIter, look } = request
    const { lane } = errand
    const view = imageView(re, im, zoom, width, height)
    this.pool.lanes.admit(lane)
    // one strip fails or the client leaves: the others stop too
    const failed = new AbortController()
    const signal = AbortSignal.any([errand.signal, failed.signal])
    // every strip listens: hundreds are no leak
    setMaxListeners(0, signal)
    const want = indexable(look) ? 'index' : 'rgb'
    const whole = await this.#viewTask(supersampled(view, look.aa), zoom, maxIter, want, look, { signal, lane })
    const bytes = want === 'rgb' ? 3 : 1
    const pixels = new Uint8Array(bytes * width * height)
    const timing = { queue: 0, render: 0, encode: 0 }
    let [rows, limit] = [0, 0]
    const part = { ...this.#counting('image', { signal, lane }), admitted: true }
    const render = async ({ top, strip }: { top: number; strip: View }) => {
      const done = await this.pool.run('view', { ...whole, view: supersampled(strip, look.aa) }, part)
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

  /** A picture's indices as a PNG: in a thread, since a large one would hold up the event loop. */
  async #gather(index: Uint8Array<ArrayBuffer>, { width, height }: ImageRequest, errand: Errand) {
    const { bytes } = await this.pool.run('png', { index, width, height }, { ...errand, admitted: true })
    return bytes
  }

  /** An errand that is counted when its first part begins. */
  #counting(kind: Render['kind'], errand: Errand): Errand {
    let begun = false
    return {
      ...errand,
      begun: () => {
        if (!begun) this.renders[kind]++
        begun = true
      },
    }
  }

  /** The task for a view, with the reference that it needs where doubles do not resolve it. */
  async #viewTask(
    view: View,
    zoom: number,
    maxIter: IterationLimit,
    want: ViewTask['want'],
    look: Look,
    errand: Errand,
    julia?: JuliaPoint,
  ) {
    const limit = maxIter === 'auto' ? autoLimit(zoom) : { from: maxIter, to: maxIter }
    const reference = julia || resolved(view) ? undefined : await this.orbits.get(view, limit.from, errand.signal)
    const phase = phaseAt(zoom, look.density)
    return { view, limit, phase, want, tile: undefined, look, keep: false, julia, reference }
  }

  async #work(
    kind: Render['kind'],
    key: string,
    work: Promise<TaskResult & { queue: number }>,
    lane: Lane,
  ): Promise<Fresh> {
    const { bytes, counts, limit, queue, render, encode } = await work
    const timing = { queue, render, encode }
    this.#onRender({ kind, key, lane, counts, limit, timing })
    return { bytes, limit, timing }
  }

  async #encode(
    picture: Uint8Array<ArrayBuffer> | Pixels,
    format: PictureFormat,
    timing: Timing,
    { lane, signal }: Errand,
    imprint?: Imprint,
  ): Promise<Omit<Fresh, 'limit'>> {
    const weight = picture instanceof Uint8Array ? picture.byteLength : picture.rgb.byteLength
    const turn = await this.#encoders.enter({ kind: format, weight: weight / 2 ** 16 }, lane, signal)
    const started = performance.now()
    try {
      const bytes = await encode(picture, format, imprint)
      const encoded = timing.encode + performance.now() - started
      return { bytes, timing: { ...timing, queue: timing.queue + turn.queue, encode: encoded } }
    } finally {
      turn.end(true)
    }
  }

  /** What is wanted: at once where memory has it, else from the tiers below, else made; once for all who ask meanwhile. */
  #find(wanted: Wanted, caller: Caller): Answer | Promise<Answer> {
    const made = this.cache.get(wanted.key)
    if (!made) return this.#obtain(wanted, caller)
    this.#count(wanted, 'hit')
    return { ...made, cache: 'hit', timing: NO_TIME }
  }

  async #obtain(wanted: Wanted, caller: Caller): Promise<Answer> {
    const { key, make, tiers = this.tiers } = wanted
    const lane = caller.lane ?? wanted.lane ?? 'interactive'
    const coalesced = this.#flights.has(key)
    if (coalesced) this.#count(wanted, 'coalesced')
    const flight = this.#flights.join(key, caller.signal, async (signal) => {
      const kept = await tiers.get(key)
      this.#count(wanted, kept ? 'hit' : 'miss')
      if (!kept) caller.spend?.()
      const fresh = kept
        ? { ...kept, cache: 'hit' as const, timing: NO_TIME }
        : { ...(await make({ signal, lane })), cache: 'miss' as const }
      const { bytes, limit } = fresh
      this.cache.set(key, { bytes, limit })
      if (!kept) void tiers.set(key, { bytes, limit })
      return fresh
    })
    try {
      const answer = await flight
      return coalesced ? { ...answer, cache: 'coalesced' } : answer
    } catch (error) {
      // it was the one who came first that had had its share
      if (coalesced && error instanceof Failure && error.code === 'greedy') return this.#find(wanted, caller)
      if (caller.signal?.reason?.name === 'TimeoutError') this.pool.lanes.shed[lane].deadline++
      throw error
    }
  }

  #count({ counted = true, zoom }: Wanted, result: Answer['cache']): void {
    if (counted) this.cache.count(result, zoom)
  }
}

// libuv has four threads for the whole process: pictures leave one for files
const ENCODERS = 3

const NO_TIME: Timing = { queue: 0, render: 0, encode: 0 }

/** For numbers, which take twenty times a picture's bytes and leave it to memory to keep some. */
const MEMORY_ONLY = { get: async () => undefined, set: async () => false }
