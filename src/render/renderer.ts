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

import { gridKey, indexKey, levelsKey, numbersKey, pictureKey, samplesKey, tileKey } from '../cache/keys.ts'
import { type CacheEntry, MemoryCache } from '../cache/memory.ts'
import { SampleCache } from '../cache/samples.ts'
import type { TierEvents } from '../cache/tier.ts'
import { Tiers } from '../cache/tiers.ts'
import { type Appearance, DEFAULT_APPEARANCE, indexable, keepable, plain } from '../colour/appearance.ts'
import { colourTable } from '../colour/palette.ts'
import { stylePhase } from '../colour/style.ts'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import type { ImageFormat, PictureFormat } from '../formats/format.ts'
import { recolour } from '../formats/png/indexed.ts'
import type { ImageRequest, IterationLimit, TileRequest } from '../kernel/request.ts'
import type { GridNumbers, TileNumbers, Timing } from '../kernel/task.ts'
import type { GridRequest } from '../plane/grid.ts'
import { gridSpan, gridViewOf } from '../plane/grid.ts'
import { TILE_SIZE } from '../plane/tile.ts'
import { juliaView, supersampled, tileView } from '../plane/view.ts'
import type { Lane } from '../scheduler/admission.ts'
import { Encoders } from '../scheduler/encoders.ts'
import { Pool, type TaskOptions } from '../scheduler/pool.ts'
import { SingleFlight } from '../scheduler/singleflight.ts'
import { Frames } from './filmframes.ts'
import { ImageRenderer, type OnProgress, pictureName } from './image.ts'
import { interior } from './interior.ts'
import { IterationLimits } from './iterations.ts'
import { Orbits } from './orbits.ts'
import { prepareView } from './prepare.ts'
import type { Caller } from './request.ts'
import { type Render, type RenderResult, RenderStats } from './stats.ts'

/** A finished answer: its bytes, whether they were there already, and where the time went, in milliseconds. */
export interface Answer extends CacheEntry {
  cache: 'hit' | 'miss' | 'coalesced'
  timing: Timing
}

export interface ImageCaller extends Caller {
  onProgress?: OnProgress
}

/** One picture, as it can be asked for again and again. */
export interface TileHandle {
  find(caller: Caller): Answer | Promise<Answer>
  /** what is in memory, else nothing */
  peek(): Answer | undefined
}

/** What is looked up, and how it is made where it is nowhere. */
interface CacheLookup {
  key: string
  /** to count by; what is part of another answer is not counted */
  zoom?: number
  counted?: boolean
  /** where the caller says nothing */
  lane?: Lane
  tiers?: Pick<Tiers, 'empty' | 'get' | 'set'>
  /** only a thread can make it: who would wait too long for one is refused before anything else is done */
  threaded?: boolean
  make(taskOptions: TaskOptions): Promise<RenderResult>
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
  readonly cache: MemoryCache
  readonly samples: SampleCache
  readonly tiers: Tiers
  readonly orbits: Orbits
  readonly limits: IterationLimits
  readonly pool: Pool
  readonly encoders: Encoders
  readonly images: ImageRenderer
  readonly frames: Frames
  readonly #flights = new SingleFlight<Answer>()
  readonly #stats: RenderStats
  readonly #maxCost: number

  constructor(options: RendererOptions, onRender: (render: Render) => void = () => {}, onTier: TierEvents = () => {}) {
    this.#maxCost = options['max-cost']
    this.#stats = new RenderStats(onRender)
    this.cache = new MemoryCache(options['cache-bytes'])
    this.samples = new SampleCache(options['counts-bytes'])
    this.tiers = new Tiers(options, onTier)
    const bounds = { length: options['queue-length'], wait: options['max-wait'], slots: options.threads }
    this.pool = new Pool(bounds)
    this.encoders = new Encoders(bounds)
    this.orbits = new Orbits(
      this.pool,
      options['orbit-bytes'],
      {
        begun: () => this.#stats.renders.orbit++,
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
    this.limits = new IterationLimits(this.pool, this.orbits, this.#maxCost)
    this.images = new ImageRenderer({
      pool: this.pool,
      orbits: this.orbits,
      limits: this.limits,
      encoders: this.encoders,
      stats: this.#stats,
    })
    this.frames = new Frames(this.pool)
  }

  /** Kernel work really started, by kind. */
  get renders(): RenderStats['renders'] {
    return this.#stats.renders
  }

  /** A tile as a picture; what is in memory is answered at once. */
  tile(
    request: TileRequest,
    appearance: Appearance,
    format: PictureFormat,
    caller: Caller = {},
  ): Answer | Promise<Answer> {
    return this.tileHandle(request, appearance, format).find(caller)
  }

  /** A tile for whoever asks: its keys and colours are looked up once. */
  tileHandle(request: TileRequest, appearance: Appearance, format: PictureFormat): TileHandle {
    const { z: zoom } = request.tile
    if (!indexable(appearance)) {
      const make = (taskOptions: TaskOptions) => this.#renderPainted(request, appearance, format, taskOptions)
      return this.#handle({ key: pictureKey(request, appearance, format), zoom, make, threaded: true })
    }
    const table = colourTable(appearance)
    const indexed: CacheLookup = {
      key: indexKey(request, appearance),
      zoom,
      threaded: true,
      make: (taskOptions) => this.#colourTile(request, 'png', appearance, taskOptions),
    }
    if (format === 'png') return this.#handle(indexed, table)
    const make = async (taskOptions: TaskOptions) => {
      const { bytes, limit, timing } = await this.#find({ ...indexed, counted: false }, taskOptions)
      return { limit, ...(await this.encoders.encode(recolour(bytes, table), format, timing, taskOptions)) }
    }
    return this.#handle({ key: pictureKey(request, appearance, format), zoom, make })
  }

  /** A tile's smooth iteration counts, rows from the top. */
  numbers(request: TileRequest, format: TileNumbers, caller: Caller = {}): Answer | Promise<Answer> {
    const make = (taskOptions: TaskOptions) => this.#renderTile(request, format, DEFAULT_APPEARANCE, taskOptions)
    return this.#find({ key: numbersKey(request, format), zoom: request.tile.z, make, ...NUMBERS }, caller)
  }

  /** The original's grid, rows from y0 on. */
  grid(request: GridRequest, format: GridNumbers, caller: Caller = {}): Answer | Promise<Answer> {
    const key = gridKey(request, format)
    const make = async (taskOptions: TaskOptions) => {
      const { maxIter, precision } = request
      const view = gridViewOf(request)
      const place = async () => {
        if (precision !== 'perturbation') return { reference: undefined, span: gridSpan(request) }
        if (interior(view)) return { reference: undefined, interior: true as const }
        await this.limits.checkCost({ view }, maxIter, taskOptions.signal)
        return { view, reference: await this.orbits.get(view, maxIter, taskOptions.signal) }
      }
      const task = { request, format, ...(await place()) }
      return this.#stats.work(
        'grid',
        key,
        this.pool.run('grid', task, this.#stats.counting('grid', taskOptions)),
        taskOptions.lane,
      )
    }
    return this.#find({ key, make, ...NUMBERS }, caller)
  }

  /** A picture centred anywhere, rendered in strips by all threads, behind what is interactive. */
  async image(request: ImageRequest, format: ImageFormat, caller: ImageCaller = {}): Promise<Answer> {
    const make = (taskOptions: TaskOptions) =>
      this.images.make(request, format, taskOptions, caller.onProgress ?? (() => {}))
    return this.#find({ key: pictureName(request, format), zoom: request.zoom, lane: 'bulk', make }, caller)
  }

  /** The levels that a picture's view has for the histogram style, as JSON: from a small picture of it. */
  async levels(request: ImageRequest, caller: Caller = {}): Promise<Answer> {
    const make = (taskOptions: TaskOptions) => this.images.levels(request, taskOptions)
    return this.#find({ key: levelsKey(request), zoom: request.zoom, make }, caller)
  }

  /**
   * Refuses what is dearer than one request may be: samples times iteration limit. What is `deep`, or has no limit given, is weighed in limits.ts, where it is
   * known how many iterations are skipped.
   */
  checkCost(samples: number, maxIter: IterationLimit, deep: () => boolean): void {
    const cost = maxIter === 'auto' ? 0 : samples * maxIter
    if (cost <= this.#maxCost || deep()) return
    const sentence = mustBe('the cost, samples times max_iter,', `at most ${this.#maxCost}`, cost)
    throw new Failure('too_expensive', `${sentence} (${samples} samples, max_iter ${maxIter})`)
  }

  /** Is anything rendered or encoded now, or does it wait to be? */
  get busy(): boolean {
    const { queued, running } = this.pool.load
    return queued + running + this.encoders.admission.running > 0
  }

  /** Stops all that is under way: who waits for it is told why. */
  stop(why: Failure): void {
    this.encoders.admission.clear(why)
    this.pool.stop(why)
  }

  async close(): Promise<void> {
    await this.pool.close()
    await this.tiers.close()
  }

  /** A tile's indices as a PNG, or its pixels: from what is kept of it, else by the kernel. */
  async #colourTile(
    request: TileRequest,
    want: 'png' | 'rgb',
    appearance: Appearance,
    taskOptions: TaskOptions,
  ): Promise<RenderResult> {
    const { tile, size } = request
    const kept =
      keepable(appearance) && !plain(appearance) ? this.samples.get(samplesKey(request, appearance)) : undefined
    if (!kept) return this.#renderTile(request, want, appearance, taskOptions)
    const phase = stylePhase(appearance, tile.z, appearance.density)
    const task = { kept, phase, want, appearance, width: size, height: size }
    const { bytes, limit, queue, render, encode } = await this.pool.run('recolour', task, taskOptions)
    return { bytes, limit, timing: { queue, render, encode } }
  }

  /** A tile that takes more than one number a pixel, in true colour. */
  async #renderPainted(
    request: TileRequest,
    appearance: Appearance,
    format: PictureFormat,
    taskOptions: TaskOptions,
  ): Promise<RenderResult> {
    const { bytes, limit, timing } = await this.#colourTile(request, 'rgb', appearance, taskOptions)
    const { size } = request
    return {
      limit,
      ...(await this.encoders.encode({ rgb: bytes, width: size, height: size }, format, timing, taskOptions)),
    }
  }

  async #renderTile(
    request: TileRequest,
    want: 'png' | 'rgb' | TileNumbers,
    appearance: Appearance,
    taskOptions: TaskOptions,
  ): Promise<RenderResult> {
    const { tile, julia, size, maxIter } = request
    const view = julia ? juliaView(tile, size) : tileView(tile, size)
    const perPixel = (appearance.aa * size) / TILE_SIZE
    const order = { view: supersampled(view, appearance.aa), zoom: tile.z, perPixel, maxIter, want, appearance, julia }
    const task = await prepareView(this.limits, this.orbits, order, taskOptions.signal)
    const keep = (want === 'png' || want === 'rgb') && keepable(appearance) && this.samples.enabled
    const work = this.pool.run('view', { ...task, tile: request, keep }, this.#stats.counting('tile', taskOptions))
    work.then(({ kept }) => kept && this.samples.set(samplesKey(request, appearance), kept)).catch(() => {})
    return this.#stats.work('tile', tileKey(request), work, taskOptions.lane)
  }

  #handle(lookup: CacheLookup, table?: Uint8Array): TileHandle {
    const coloured = (answer: Answer): Answer => {
      if (!table) return answer
      const { bytes, limit, cache, timing } = answer
      return { bytes: recolour(bytes, table), limit, cache, timing }
    }
    return {
      find: (caller) => {
        const answer = this.#find(lookup, caller)
        return answer instanceof Promise ? answer.then(coloured) : coloured(answer)
      },
      peek: () => {
        const answer = this.#peek(lookup)
        return answer && coloured(answer)
      },
    }
  }

  /** What is wanted: at once where memory has it, else from the tiers below, else made; once for all who ask meanwhile. */
  #find(lookup: CacheLookup, caller: Caller): Answer | Promise<Answer> {
    return this.#peek(lookup) ?? this.#obtain(lookup, caller)
  }

  #peek(lookup: CacheLookup): Answer | undefined {
    const made = this.cache.get(lookup.key)
    if (!made) return undefined
    this.#count(lookup, 'hit')
    // written out: to spread it takes microseconds
    const { bytes, limit } = made
    return { bytes, limit, cache: 'hit', timing: NO_TIME }
  }

  async #obtain(lookup: CacheLookup, caller: Caller): Promise<Answer> {
    const { key, make, threaded, tiers = this.tiers } = lookup
    const lane = caller.lane ?? lookup.lane ?? 'interactive'
    const coalesced = this.#flights.has(key)
    if (coalesced) this.#count(lookup, 'coalesced')
    else if (threaded && tiers.empty) this.pool.admission.admit(lane)
    const flight = this.#flights.join(key, caller.signal, async (signal) => {
      const kept = await tiers.get(key)
      this.#count(lookup, kept ? 'hit' : 'miss')
      if (!kept) caller.spend?.()
      const fresh = kept
        ? { ...kept, cache: 'hit' as const, timing: NO_TIME }
        : { ...(await make({ signal, lane })), cache: 'miss' as const }
      const { bytes, limit } = fresh
      this.cache.set(key, { bytes, limit })
      if (!kept) {
        const keeping = tiers.set(key, { bytes, limit })
        caller.onKept?.(keeping)
      }
      return fresh
    })
    try {
      const answer = await flight
      return coalesced ? { ...answer, cache: 'coalesced' } : answer
    } catch (error) {
      // it was the one who came first that had had its share
      if (coalesced && error instanceof Failure && error.code === 'rate_limited') return this.#find(lookup, caller)
      if (caller.signal?.reason?.name === 'TimeoutError') this.pool.admission.shed[lane].deadline++
      throw error
    }
  }

  #count({ counted = true, zoom }: CacheLookup, result: Answer['cache']): void {
    if (counted) this.cache.count(result, zoom)
  }
}

const NO_TIME: Timing = { queue: 0, render: 0, encode: 0 }

/** Numbers take twenty times a picture's bytes: memory keeps some, and no tier. */
const NUMBERS = { tiers: { empty: true, get: async () => undefined, set: async () => false }, threaded: true }
