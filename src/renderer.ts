// THE PIPELINE: request -> key -> cache -> one flight per key -> pool -> bytes. Every door enters here: the routes,
// `render`, and programs that import the package.
//
//   key       all that shapes the bytes; the ETag is its hash, known before anything runs
//   cache     finished bytes; a picture is kept once, indexed, and every palette is a copy with other colours
//   flight    who asks for what is already under way waits for that; when the last one leaves, it stops
//   pool      a thread, the kernel, the encoder; one buffer comes back
import { createHash } from 'node:crypto'
import { Cache } from './cache.ts'
import type { Decimal } from './decimal.ts'
import { indexedPng, type PictureFormat, recolour, transcode } from './encode.ts'
import { Failure, mustBe } from './errors.ts'
import { Flights } from './flights.ts'
import { type Grid, gridSpan } from './grid.ts'
import { type Counts, INTERIOR, LIMIT } from './kernel.ts'
import { autoLimit } from './limit.ts'
import type { Options } from './options.ts'
import type { PaletteName } from './palettes.ts'
import { type Lane, Pool } from './pool.ts'
import type { TaskResult } from './task.ts'
import type { TileAddress } from './tile.ts'
import { RENDERER_VERSION } from './version.ts'
import { imageView, resolved, tileView, type View } from './view.ts'

export type IterationLimit = number | 'auto'

export interface TileRequest {
  tile: TileAddress
  /** pixels a side */
  size: number
  maxIter: IterationLimit
}

/** A picture's centre, its zoom (that of the map, maybe a fraction) and its size in pixels. */
export interface ImageRequest {
  re: Decimal
  im: Decimal
  zoom: number
  width: number
  height: number
  maxIter: number
  palette: PaletteName
}

export interface ImageOptions {
  signal?: AbortSignal
  lane?: Lane
  /** told the part that is done, from 0 to 1 */
  onProgress?: (done: number) => void
}

/** A finished answer: its bytes, whether they were there already, and where the time went, in milliseconds. */
export interface Answer {
  bytes: Uint8Array<ArrayBuffer>
  cache: 'hit' | 'miss' | 'coalesced'
  timing: { queue: number; render: number; encode: number }
}

/** One render as the log tells it. */
export interface Render {
  key: string
  counts: Counts | undefined
  timing: Answer['timing']
}

type RendererOptions = Pick<Options, 'threads' | 'cache-bytes' | 'queue-length' | 'max-cost'>

export class Renderer {
  readonly cache: Cache
  readonly pool: Pool
  /** kernel work really started, by kind */
  readonly renders = { tile: 0, grid: 0, image: 0 }
  readonly #flights = new Flights<Omit<Answer, 'cache'>>()
  readonly #options: RendererOptions
  readonly #onRender: (render: Render) => void

  constructor(options: RendererOptions, onRender: (render: Render) => void = () => {}) {
    this.#options = options
    this.#onRender = onRender
    this.cache = new Cache(options['cache-bytes'])
    this.pool = new Pool(options.threads, options['queue-length'])
  }

  /** A tile as a picture. */
  async tile(request: TileRequest, palette: PaletteName, format: PictureFormat, signal?: AbortSignal): Promise<Answer> {
    const key = tileKey(request)
    const indexed = (signal?: AbortSignal) =>
      this.#cached(key, signal, (stop) => this.#renderTile(request, 'png', key, stop))
    if (format === 'png') {
      const { bytes, ...rest } = await indexed(signal)
      return { ...rest, bytes: recolour(bytes, palette) }
    }
    return this.#cached(pictureKey(key, palette, format), signal, async (stop) => {
      const { bytes, timing } = await indexed(stop)
      const started = performance.now()
      const picture = ownBytes(await transcode(recolour(bytes, palette), format))
      return { bytes: picture, timing: { ...timing, encode: timing.encode + performance.now() - started } }
    })
  }

  /** A tile as smooth iteration counts: size · size doubles, rows from the top. */
  async numbers(request: TileRequest, signal?: AbortSignal): Promise<Answer & { values: Float64Array }> {
    const key = `${tileKey(request)} nu`
    const answer = await this.#cached(key, signal, (stop) => this.#renderTile(request, 'nu', key, stop))
    return { ...answer, values: new Float64Array(answer.bytes.buffer) }
  }

  /** The original's grid: grid · grid numbers, rows from y0 on. */
  async grid(request: Grid, signal?: AbortSignal): Promise<Answer & { values: Float32Array | Float64Array }> {
    const key = gridKey(request)
    const { grid, maxIter, precision } = request
    const answer = await this.#cached(key, signal, (stop) => {
      this.renders.grid++
      const task = { ...gridSpan(request), grid, maxIter, precision }
      return this.#work(key, this.pool.run('grid', task, 'interactive', stop))
    })
    const { buffer } = answer.bytes
    return { ...answer, values: precision === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer) }
  }

  /** A picture centred anywhere, rendered in strips by all threads. */
  async image(
    request: ImageRequest,
    format: PictureFormat,
    { signal, lane = 'interactive', onProgress = () => {} }: ImageOptions = {},
  ): Promise<Answer> {
    const { maxIter, palette } = request
    const view = imageView(request.re, request.im, request.zoom, request.width, request.height)
    this.#resolvable(view)
    return this.#cached(`${imageKey(request)} ${format}`, signal, async (left) => {
      this.renders.image++
      const index = new Uint8Array(view.width * view.height)
      const timing = { queue: 0, render: 0, encode: 0 }
      // one strip fails or the client leaves: the others stop too
      const failed = new AbortController()
      const stop = AbortSignal.any([left, failed.signal])
      let rows = 0
      const render = async ({ top, strip }: { top: number; strip: View }) => {
        const done = await this.pool.run('view', { view: strip, maxIter, want: 'index' }, lane, stop)
        index.set(done.bytes, top * view.width)
        for (const stage of ['queue', 'render', 'encode'] as const) timing[stage] += done[stage]
        rows += strip.height
        onProgress(rows / view.height)
      }
      await Promise.all(strips(view).map(render)).catch((error) => {
        failed.abort()
        throw error
      })
      const started = performance.now()
      const png = recolour(indexedPng(index, view.width, view.height), palette)
      const bytes = format === 'png' ? png : ownBytes(await transcode(png, format))
      timing.encode += performance.now() - started
      return { bytes, timing }
    })
  }

  close(): Promise<void> {
    return this.pool.close()
  }

  #renderTile(request: TileRequest, want: 'png' | 'nu', key: string, stop: AbortSignal) {
    const view = tileView(request.tile, request.size)
    this.#resolvable(view)
    const maxIter = iterationLimit(request)
    this.renders.tile++
    return this.#work(key, this.pool.run('view', { view, maxIter, want }, 'interactive', stop))
  }

  async #work(key: string, work: Promise<TaskResult & { queue: number }>): Promise<Omit<Answer, 'cache'>> {
    const { bytes, counts, queue, render, encode } = await work
    const timing = { queue, render, encode }
    this.#onRender({ key, counts, timing })
    return { bytes, timing }
  }

  async #cached(
    key: string,
    signal: AbortSignal | undefined,
    make: (stop: AbortSignal) => Promise<Omit<Answer, 'cache'>>,
  ): Promise<Answer> {
    const { requests } = this.cache
    const bytes = this.cache.get(key)
    if (bytes) {
      requests.hit++
      return { bytes, cache: 'hit', timing: { queue: 0, render: 0, encode: 0 } }
    }
    const cache = this.#flights.has(key) ? 'coalesced' : 'miss'
    requests[cache]++
    const made = await this.#flights.join(key, signal, async (stop) => {
      const made = await make(stop)
      this.cache.set(key, made.bytes)
      return made
    })
    return { ...made, cache }
  }

  /** Refuses what is dearer than one request may be, before it starts. */
  #affordable(samples: number, maxIter: number): void {
    const cost = samples * maxIter
    const limit = this.#options['max-cost']
    if (cost <= limit) return
    throw new Failure(
      'dear',
      `${mustBe('the cost, samples times max_iter,', `at most ${limit}`, cost)} (${samples} samples, max_iter ${maxIter})`,
    )
  }

  #resolvable(view: View): void {
    if (!resolved(view))
      throw new Failure('invalid', 'the samples are closer together than double precision tells apart')
  }

  /** Refuses a tile that is dearer than one request may be; the same whether it is cached or not. */
  checkTile(request: TileRequest): void {
    this.#affordable(request.size ** 2, iterationLimit(request))
  }

  /** Refuses a picture that is dearer than one request may be. */
  checkImage({ width, height, maxIter }: ImageRequest): void {
    this.#affordable(width * height, maxIter)
  }

  /** Refuses a grid that is dearer than one request may be. */
  checkGrid({ grid, maxIter }: Grid): void {
    this.#affordable(grid ** 2, maxIter)
  }
}

/** The limit that a tile's request means: its own, or the rule's for its zoom. */
export function iterationLimit({ maxIter, tile }: TileRequest): number {
  return maxIter === 'auto' ? autoLimit(tile.z) : maxIter
}

/** Everything that shapes a tile's numbers, as a string. */
export function tileKey({ tile, size, maxIter }: TileRequest): string {
  return `tile ${tile.z} ${tile.x} ${tile.y} ${size} ${maxIter}`
}

/** Everything that shapes a grid's numbers, as a string. */
export function gridKey({ x0, y0, x1, y1, grid, maxIter, precision }: Grid): string {
  return `grid ${x0} ${y0} ${x1} ${y1} ${grid} ${maxIter} ${precision}`
}

/** Everything that shapes a picture, its format apart, as a string. */
export function imageKey({ re, im, zoom, width, height, maxIter, palette }: ImageRequest): string {
  const centre = [re, im].map(({ digits, scale }) => `${digits}e-${scale}`)
  return `image ${centre.join(' ')} ${zoom} ${width} ${height} ${maxIter} ${palette}`
}

/** A key's picture in one palette and format. */
export function pictureKey(key: string, palette: PaletteName, format: PictureFormat): string {
  return `${key} ${palette} ${format}`
}

/** A strong ETag for a key: known before rendering, the same on every process of the same version. */
export function etag(key: string): string {
  return `"${createHash('sha256').update(`${RENDERER_VERSION} ${key}`).digest('base64url').slice(0, 22)}"`
}

/** How many of a tile's smooth counts escaped, are proven interior, or met the limit. */
export function tally(values: Float64Array): Omit<Counts, 'iterations'> {
  const counts = { escaped: 0, interior: 0, limited: 0 }
  for (const nu of values) {
    if (nu === INTERIOR) counts.interior++
    else if (nu === LIMIT) counts.limited++
    else counts.escaped++
  }
  return counts
}

// strips of about a tile's samples: short enough to be stopped and to show progress, long enough to be worth a message
const STRIP = 2 ** 16

function strips(view: View): { top: number; strip: View }[] {
  const height = Math.max(1, Math.floor(STRIP / view.width))
  return Array.from({ length: Math.ceil(view.height / height) }, (_, k) => {
    const top = k * height
    const im = view.im - BigInt(top) * view.step
    return { top, strip: { ...view, im, height: Math.min(height, view.height - top) } }
  })
}

// sharp's buffers may be views of something larger; what the cache holds must be what it weighs
function ownBytes(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return buffer.byteLength === buffer.buffer.byteLength ? (buffer as Uint8Array<ArrayBuffer>) : new Uint8Array(buffer)
}
