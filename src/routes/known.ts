// Addresses that were asked for before: what one means hangs on it alone, so a tile that is in memory, or at the client already, is read, checked
// and hashed once, and from then on its headers and bytes go to the socket as they lie here. All else takes its route's way. What that saves stands
// in bench/results.md.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Finder } from '../renderer.ts'
import { logHit, matches, tidings, validatorsOf } from './answer.ts'
import { EVERYWHERE } from './problem.ts'

interface Address {
  etag: string
  /** names and values by turns, as Node writes them */
  unchanged: string[]
  found: string[]
  finder: Finder
}

// about what an entry weighs beside its address, in characters: keys, headers, and the request that was read
const ENTRY = 2000
const MOST = 2 ** 22 // characters

export class Known {
  readonly #addresses = new LRUCache<string, Address>({
    maxSize: MOST,
    sizeCalculation: (_, url) => url.length + ENTRY,
  })

  /** Keeps what a request's address was found to mean: all that shapes its bytes, their media type, and where they come from. */
  add({ url, query }: FastifyRequest, key: string, type: string, finder: Finder): void {
    const validators = validatorsOf(key, (query as { v?: string }).v)
    const unchanged = flat({ ...EVERYWHERE, ...validators })
    const found = [...unchanged, ...flat({ 'content-type': type, ...tidings('hit', NO_TIME) })]
    this.#addresses.set(url, { etag: validators.etag, unchanged, found, finder })
  }

  /** Fastify's onRequest, to be added before those that do for all answers what is done here for these. */
  readonly hook = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { method, url, headers } = request.raw
    const address = method === 'GET' ? this.#addresses.get(url!) : undefined
    // a balancer that asks for a tile's home is told by the route
    if (!address || headers['x-neighbourhood'] !== undefined) {
      done()
      return
    }
    const { etag, unchanged, found, finder } = address
    if (matches(headers['if-none-match'], etag)) {
      reply.hijack()
      reply.raw.writeHead(304, [...unchanged, 'x-request-id', request.id]).end()
      return
    }
    const answer = finder.recall()
    if (!answer) {
      done()
      return
    }
    logHit(request, answer)
    const { bytes } = answer
    reply.hijack()
    reply.raw.writeHead(200, [...found, 'x-request-id', request.id, 'content-length', String(bytes.length)]).end(bytes)
  }
}

const NO_TIME = { queue: 0, render: 0, encode: 0 }

function flat(headers: Record<string, string>): string[] {
  return Object.entries(headers).flat()
}
