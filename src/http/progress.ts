// What each client's own requests are waiting for. A client recognises itself by an id of its own:
// a random token that it sends as X-Client-Id with its requests, and as `client` to /progress. The
// id is not part of a URL, a cache key or an ETag, so it changes no answer and no cache.
//
// Only requests that really wait are registered, and only if they carry an id; their state is
// looked up when the client asks. So a cached tile costs nothing here.
import type { FastifyRequest } from 'fastify'
import { etag } from '../cache/keys.ts'
import type { RenderHandle } from '../render/handle.ts'
import type { Renderer } from '../render/renderer.ts'

/** What a request waits for: a deep view may need an orbit, and an image is known by its key. */
export type Awaited = Pick<RenderHandle, 'deepView' | 'cacheKey'>

export interface ProgressReport {
  /** requests of the client that wait */
  requests: number
  /** reference orbits they wait for: iterations so far, and the most there may be */
  orbits: { reached: number; limit: number }[]
  /** images they wait for, and the finished fraction, from 0 to 1 */
  images: { etag: string; done: number }[]
}

/** At least 96 random bits, so that nobody can guess another client's id. */
export const CLIENT_ID = '^[A-Za-z0-9_-]{16,64}$'
const VALID = new RegExp(CLIENT_ID)

export class Progress {
  readonly #clients = new Map<string, Set<Awaited>>()
  readonly #renderer: Renderer

  constructor(renderer: Renderer) {
    this.#renderer = renderer
  }

  /** Registers a request that waits; the result unregisters it. An invalid id is ignored. */
  watch({ headers }: FastifyRequest, awaited: Awaited): () => void {
    const id = headers['x-client-id']
    if (typeof id !== 'string' || !VALID.test(id)) return () => {}
    const waiting = this.#clients.get(id) ?? new Set()
    this.#clients.set(id, waiting.add(awaited))
    return () => {
      waiting.delete(awaited)
      if (waiting.size === 0 && this.#clients.get(id) === waiting) this.#clients.delete(id)
    }
  }

  /** What the requests of one client wait for. */
  report(id: string | undefined): ProgressReport {
    const waiting = [...((id !== undefined && this.#clients.get(id)) || [])]
    const { images, orbits } = this.#renderer
    const found = waiting.flatMap(({ deepView }) => {
      const view = deepView()
      return (view && orbits.progressAt(view)) ?? []
    })
    // hundreds of tiles may wait for one orbit
    const making = new Map(found.map(({ key, reached, limit }) => [key, { reached, limit }]))
    const keys = new Set(waiting.map(({ cacheKey }) => cacheKey))
    return {
      requests: waiting.length,
      orbits: [...making.values()],
      images: [...keys].flatMap((key) => {
        const done = images.progress.making.get(key)
        return done === undefined ? [] : [{ etag: etag(key), done }]
      }),
    }
  }
}
