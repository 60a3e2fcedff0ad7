// THE PIPELINE: request -> key -> cache -> single flight -> orbit -> thread -> bytes. The server,
// the command line and programs that import the package all enter here.
//
//   weigh     a request that costs more than one may is refused before anything runs
//   key       everything that shapes the bytes; its hash, the ETag, is known before anything runs
//   cache     finished bytes; a tile is cached once, as palette indices: a palette is a copy of it
//   admit     a request that would wait too long for a thread is refused once, before any work
//   flight    requests for the same key share one render; when the last of them leaves, it stops
//   tiers     what other processes have rendered, or this one before it started: in files, in Redis
//   samples   the samples of recent tiles, from which other colours are made without the kernel
//   orbit     a deep view's reference, shared by all views of the neighbourhood
//   thread    the kernel, then the colours and the encoder; one buffer comes back
//
// This file wires the stages together and has the path through the caches. How a tile, a grid or an
// image is made is in the file of that name.

import {
  etag,
  featureKey,
  gridKey,
  imagePictureKey,
  indexKey,
  iteratesKey,
  levelsKey,
  listedKey,
  numbersKey,
  pictureKey,
} from '../cache/keys.ts'
import { type CacheEntry, MemoryCache } from '../cache/memory.ts'
import { SampleCache } from '../cache/samples.ts'
import type { TierEvents } from '../cache/tier.ts'
import { Tiers } from '../cache/tiers.ts'
import { type Appearance, isIndexed, mostSamples } from '../colour/appearance.ts'
import { colourTable } from '../colour/palette.ts'
import { Failure } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { isJson, isPictureOf } from '../formats/dimensions.ts'
import type { ImageFormat, PictureFormat } from '../formats/format.ts'
import { isIndexedPng, recolour } from '../formats/png/indexed.ts'
import type { FeatureRequest, ImageRequest, IteratesRequest, RenderSpec, TileRequest } from '../kernel/request.ts'
import type { GridNumbers, TileNumbers } from '../kernel/task.ts'
import { type GridQuery, readGrid } from '../plane/grid.ts'
import type { TileAddress } from '../plane/tile.ts'
import { Encoders } from '../scheduler/encoders.ts'
import { GRID_WEIGHT, LONG_WORK, Pool } from '../scheduler/pool.ts'
import { MemoryReserve } from '../scheduler/reserve.ts'
import { SingleFlight } from '../scheduler/singleflight.ts'
import { type Lane, type TaskOptions, Ticket } from '../scheduler/ticket.ts'
import { checkCost } from './cost.ts'
import { renderFeature, renderIterates, renderListed } from './features.ts'
import { Frames } from './filmframes.ts'
import { gridPieces, planGrid, renderGrid } from './grid.ts'
import type { Answer, Caller, GridHandle, ImageBounds, ImageHandle, RenderHandle, TileHandle } from './handle.ts'
import { ImageRenderer } from './image.ts'
import { IterationLimits } from './iterations.ts'
import { LEVELS_SIDE, levelsSpec, renderLevels } from './levels.ts'
import { Orbits } from './orbits.ts'
import { NO_TIME, type RenderResult, type Stages } from './stages.ts'
import { type Render, RenderStats } from './stats.ts'
import { planImage, StripRenderer } from './strips.ts'
import { RequestedTile, TileRenderer } from './tile.ts'

/** What to look up in the caches, and how to make it if none of them has it. */
interface Lookup {
  key: string
  /** the zoom to count it by; a part of another answer is not counted */
  zoom?: number | undefined
  counted?: boolean
  /** its samples, if it has any */
  spec(): Pick<RenderSpec, 'view' | 'deep'> | undefined
  /** the lane if the caller names none */
  lane?: Lane
  tiers?: Pick<Tiers, 'empty' | 'get' | 'set'>
  /** the most iterations that it can take, or 0 if that is not known yet */
  cost?(): number
  /** is a tier's entry for the key valid? Tiers are not trusted */
  accepts?(entry: CacheEntry): boolean
  /**
   * takes its place in the queues that it needs; the returned function gives it up.
   * @throws Failure `busy`
   */
  admit(ticket: Ticket): () => void
  make(options: TaskOptions): Promise<RenderResult>
}

type RendererOptions = Pick<
  Options,
  | 'threads'
  | 'cache-bytes'
  | 'sample-cache-bytes'
  | 'cache-dir'
  | 'cache-dir-bytes'
  | 'redis'
  | 'tier-secret'
  | 'orbit-bytes'
  | 'work-bytes'
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
  readonly memory: MemoryReserve
  readonly strips: StripRenderer
  readonly images: ImageRenderer
  readonly frames: Frames
  readonly #tiles: TileRenderer
  readonly #stages: Stages
  readonly #flights = new SingleFlight<Answer>()
  readonly #maxCost: number

  constructor(options: RendererOptions, onRender: (render: Render) => void = () => {}, onTier: TierEvents = () => {}) {
    this.#maxCost = options['max-cost']
    this.cache = new MemoryCache(options['cache-bytes'])
    this.samples = new SampleCache(options['sample-cache-bytes'])
    this.tiers = new Tiers(options, onTier)
    const limits = { length: options['queue-length'], wait: options['max-wait'], slots: options.threads }
    const stats = new RenderStats(onRender)
    this.pool = new Pool(limits)
    this.encoders = new Encoders(limits)
    this.orbits = new Orbits(this.pool, options['orbit-bytes'], stats, this.tiers.orbits)
    this.limits = new IterationLimits(this.pool, this.orbits, this.#maxCost)
    this.memory = new MemoryReserve(options['work-bytes'])
    const { pool, orbits, limits: chosen, encoders, memory } = this
    this.#stages = { pool, orbits, limits: chosen, encoders, memory, stats }
    this.#tiles = new TileRenderer(this.#stages, this.samples)
    this.strips = new StripRenderer(this.#stages)
    this.images = new ImageRenderer(this.#stages, this.strips)
    this.frames = new Frames(this.pool)
  }

  /** Renders that a thread has started, by kind. */
  get renders(): RenderStats['renders'] {
    return this.#stages.stats.renders
  }

  /** A tile as a picture. @throws Failure `too_expensive` */
  tile(request: TileRequest, appearance: Appearance, format: PictureFormat): TileHandle {
    const tile = new RequestedTile(request, appearance)
    const cost = this.#weigh(tile)
    const key = pictureKey(tile.key, appearance, format)
    const { z: zoom } = request.tile
    const spec = () => tile.spec
    const accepts = isPictureOf(format, request.size, request.size)
    if (!isIndexed(appearance)) {
      const admit = (ticket: Ticket) => {
        this.encoders.admission.admit(ticket)
        return this.pool.admission.admit(ticket, () => tile.work)
      }
      const make = (options: TaskOptions) => this.#tiles.trueColour(tile, format, options)
      return Object.assign(this.#handle(key, { key, zoom, spec, cost, accepts, admit, make }), { tile })
    }
    const table = colourTable(appearance)
    const indices: Lookup = {
      key: indexKey(tile.key, appearance),
      zoom,
      spec,
      cost,
      admit: (ticket) => this.pool.admission.admit(ticket, () => tile.work),
      accepts: ({ bytes }) => isIndexedPng(bytes, request.size, request.size),
      make: (options) => this.#tiles.colour(tile, 'png', options),
    }
    if (format === 'png') return Object.assign(this.#handle(key, indices, table), { tile })
    const admit = (ticket: Ticket) => this.encoders.admission.admit(ticket)
    const make = async (options: TaskOptions) => {
      const { bytes, limit, timing } = await this.#find({ ...indices, counted: false }, options, options.ticket)
      return { limit, ...(await this.encoders.encode(recolour(bytes, table), format, timing, options)) }
    }
    return Object.assign(this.#handle(key, { key, zoom, spec, accepts, admit, make }), { tile })
  }

  /** A tile's smooth iteration counts, rows from the top. @throws Failure `too_expensive` */
  numbers(request: TileRequest, format: TileNumbers): TileHandle {
    const tile = new RequestedTile(request)
    const cost = this.#weigh(tile)
    const key = numbersKey(tile.key, format)
    const admit = (ticket: Ticket) => this.pool.admission.admit(ticket, () => tile.work)
    const make = (options: TaskOptions) => this.#tiles.numbers(tile, format, options)
    const lookup = { key, zoom: request.tile.z, spec: () => tile.spec, tiers: NO_TIERS, cost, admit, make }
    return Object.assign(this.#handle(key, lookup), { tile })
  }

  /** The original's grid, rows from y0 on. @throws Failure `too_expensive` */
  grid(query: GridQuery, format: GridNumbers): GridHandle {
    const { request, view } = readGrid(query)
    const deep = request.precision === 'perturbation'
    const cost = checkCost(this.#maxCost, request.grid ** 2, request.maxIter, () => deep)
    const key = gridKey(request, format)
    const plan = planGrid(key, request, format, view)
    const admit = (ticket: Ticket) => this.pool.admission.admit(ticket)
    const make = (options: TaskOptions) => renderGrid(this.#stages, plan, options)
    const spec = () => ({ view: view(), deep })
    const lane = plan.count > 1 ? 'bulk' : 'interactive'
    const handle = this.#handle(key, {
      key,
      spec,
      lane,
      tiers: NO_TIERS,
      cost: () => GRID_WEIGHT * cost(),
      admit,
      make,
    })
    const pieces = (options: TaskOptions) => gridPieces(this.#stages, plan, options)
    return Object.assign(handle, { plan, pieces })
  }

  /**
   * An image centred anywhere, rendered in strips by all threads, in the bulk lane. `maxCost` is
   * below that of all requests; a WebP beyond `maxBytes` is encoded again in lower qualities.
   * @throws Failure `too_expensive`
   */
  image(request: ImageRequest, format: ImageFormat, { maxCost, maxBytes }: ImageBounds = {}): ImageHandle {
    const plan = memoised(() => planImage(request))
    const { width, height, appearance, zoom, maxIter } = request
    const samples = width * height * mostSamples(appearance)
    const cost = checkCost(Math.min(maxCost ?? this.#maxCost, this.#maxCost), samples, maxIter, () => plan().spec.deep)
    const key = imagePictureKey(request, format, maxBytes)
    const admit = (ticket: Ticket) => {
      if (format !== 'png') this.encoders.admission.admit(ticket)
      return this.pool.admission.admit(ticket)
    }
    const make = async (options: TaskOptions) =>
      this.encoders.shrink(await this.images.render(plan(), format, key, options), maxBytes, options)
    const accepts = isPictureOf(format, width, height)
    const handle = this.#handle(key, { key, zoom, spec: () => plan().spec, lane: 'bulk', cost, accepts, admit, make })
    return Object.assign(handle, { plan })
  }

  /**
   * The levels of an image's view for the histogram style, as JSON.
   * @throws Failure `too_expensive`
   */
  levels(request: ImageRequest): RenderHandle {
    const spec = memoised(() => levelsSpec(request))
    checkCost(this.#maxCost, LEVELS_SIDE ** 2, request.maxIter, () => spec().deep)
    const key = levelsKey(request)
    const admit = (ticket: Ticket) => this.pool.admission.admit(ticket)
    const make = (options: TaskOptions) => renderLevels(this.#stages, request, spec(), options)
    return this.#handle(key, { key, zoom: request.zoom, spec, accepts: isJson, admit, make })
  }

  /** The island or the Misiurewicz point that dominates a view, as JSON. */
  feature(request: FeatureRequest): RenderHandle {
    const key = featureKey(request)
    return this.#document(key, request.zoom, (options) => renderFeature(this.#stages, key, request, options))
  }

  /** The islands, or the Misiurewicz points, of a tile, as GeoJSON. */
  listed(kind: FeatureRequest['kind'], tile: TileAddress): RenderHandle {
    const key = listedKey(kind, tile)
    return this.#document(key, tile.z, (options) => renderListed(this.#stages, key, kind, tile, options))
  }

  /** The first iterates of a point, as JSON. */
  iterates(request: IteratesRequest): RenderHandle {
    const key = iteratesKey(request)
    return this.#document(key, undefined, (options) => renderIterates(this.#stages, key, request, options))
  }

  /** Is anything queued or running, in a thread or in an encoder? */
  get working(): boolean {
    const { queued, running } = this.pool.load
    return queued + running + this.encoders.admission.running > 0
  }

  /** Stops everything in progress; its requests fail with `why`. */
  stop(why: Failure): void {
    this.encoders.admission.clear(why)
    this.pool.stop(why)
  }

  async close(): Promise<void> {
    await this.pool.close()
    await this.tiers.close()
  }

  /** The most that a tile can cost, if that is known. @throws Failure `too_expensive` */
  #weigh(tile: RequestedTile): () => number {
    return checkCost(this.#maxCost, tile.samples, tile.request.maxIter, () => tile.spec.deep)
  }

  /** A document that one task in the bulk lane computes. */
  #document(key: string, zoom: number | undefined, make: Lookup['make']): RenderHandle {
    const admit = (ticket: Ticket) => this.pool.admission.admit(ticket)
    const spec = () => undefined
    return this.#handle(key, { key, zoom, spec, lane: 'bulk', accepts: isJson, admit, make })
  }

  /** @param table the colours of an indexed PNG, which the cached one does not have */
  #handle(tagKey: string, lookup: Lookup, table?: Uint8Array): RenderHandle {
    const coloured = (answer: Answer): Answer => {
      if (!table) return answer
      const { bytes, limit, cache, timing } = answer
      return { bytes: recolour(bytes, table), limit, cache, timing }
    }
    const tag = memoised(() => etag(tagKey))
    return {
      cacheKey: lookup.key,
      get etag() {
        return tag()
      },
      deepView: () => {
        const spec = lookup.spec()
        return spec?.deep ? spec.view : undefined
      },
      find: (caller = {}) => {
        const answer = this.#find(lookup, caller)
        return answer instanceof Promise ? answer.then(coloured) : coloured(answer)
      },
      peek: () => {
        const answer = this.#peek(lookup)
        return answer && coloured(answer)
      },
    }
  }

  /** The answer: at once if memory has it, otherwise from the tiers below, otherwise rendered. */
  #find(lookup: Lookup, caller: Caller, ticket?: Ticket): Answer | Promise<Answer> {
    return this.#peek(lookup) ?? this.#obtain(lookup, caller, ticket)
  }

  #peek(lookup: Lookup): Answer | undefined {
    const entry = this.cache.get(lookup.key)
    if (!entry) return undefined
    this.#count(lookup, 'hit')
    // field by field, because a spread takes microseconds
    const { bytes, limit } = entry
    return { bytes, limit, cache: 'hit', timing: NO_TIME }
  }

  async #obtain(
    lookup: Lookup,
    caller: Caller,
    ticket: Ticket = new Ticket(caller.lane ?? lookup.lane ?? 'interactive', { seconds: caller.seconds }),
  ): Promise<Answer> {
    const { key, tiers = this.tiers } = lookup
    const coalesced = this.#flights.has(key)
    if (coalesced) this.#count(lookup, 'coalesced')
    // a refusal is as cheap as a hit: it comes before any timer or signal exists
    const leavePlace = coalesced || !tiers.empty ? undefined : lookup.admit(ticket)
    try {
      const answer = await this.#flights.join(key, { signal: caller.signal, ticket }, (options) =>
        this.#fetchOrMake(lookup, tiers, caller, { ...options, leavePlace }),
      )
      return coalesced ? { ...answer, cache: 'coalesced' } : answer
    } catch (error) {
      // the rate limit applied to the request that came first
      if (coalesced && error instanceof Failure && error.code === 'rate_limited') return this.#find(lookup, caller)
      if (caller.signal?.reason?.name === 'TimeoutError') this.pool.admission.shed[ticket.lane].deadline++
      throw error
    } finally {
      leavePlace?.()
    }
  }

  async #fetchOrMake(
    lookup: Lookup,
    tiers: NonNullable<Lookup['tiers']>,
    caller: Caller,
    { leavePlace, ...options }: TaskOptions & { leavePlace: (() => void) | undefined },
  ): Promise<Answer> {
    const { key } = lookup
    const stored = await tiers.get(key, lookup.accepts)
    this.#count(lookup, stored ? 'hit' : 'miss')
    if (stored) {
      this.cache.set(key, stored)
      return { ...stored, cache: 'hit', timing: NO_TIME }
    }
    const leave = leavePlace ?? lookup.admit(options.ticket)
    // from here on the task itself counts as waiting
    leave()
    const settle = caller.spend?.((lookup.cost?.() ?? 0) / LONG_WORK)
    const { bytes, limit, timing } = await lookup.make(options).finally(() => settle?.(options.ticket.used.seconds))
    const entry: CacheEntry = { bytes, limit }
    this.cache.set(key, entry)
    const storing = tiers.set(key, entry)
    caller.onStored?.(storing)
    return { ...entry, cache: 'miss', timing }
  }

  #count({ counted = true, zoom }: Lookup, result: Answer['cache']): void {
    if (counted) this.cache.count(result, zoom)
  }
}

/** Numbers take twenty times as many bytes as a picture: they are cached in memory only. */
const NO_TIERS: NonNullable<Lookup['tiers']> = { empty: true, get: async () => undefined, set: async () => false }

function memoised<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
