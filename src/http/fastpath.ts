// Addresses that were answered without a render before: what one means hangs on it alone, so a tile that is in memory, or at the client already, is
// read, checked and hashed once more, and from then on its headers and bytes go to the socket as they lie here. All else takes its route's way. What that
// saves stands in bench/results/cached.md.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { RenderHandle } from '../render/handle.ts'
import { COMMON_HEADERS } from './problem.ts'
import { logHit, matches, timingHeaders, validatorsOf } from './reply.ts'

interface Address {
  etag: string
  type: string
  version: string | undefined
  handle: RenderHandle
  /** made when they are sent first: names and values by turns, as Node writes them */
  unchanged?: string[]
  found?: string[]
}

// about what an entry weighs beside its address, in characters: keys, headers, and the request that was read
const ENTRY = 2000
const MOST = 2 ** 22 // characters

export class FastPath {
  readonly #addresses = new LRUCache<string, Address>({
    maxSize: MOST,
    sizeCalculation: (_, url) => url.length + ENTRY,
  })

  /** Keeps what a request's address was found to mean: all that shapes its bytes, their media type, and where they come from. */
  add({ url, query }: FastifyRequest, etag: string, type: string, handle: RenderHandle): void {
    this.#addresses.set(url, { etag, type, version: (query as { v?: string }).v, handle })
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
    if (matches(headers['if-none-match'], address.etag)) {
      reply.hijack()
      reply.raw.writeHead(304, [...unchangedOf(address), 'x-request-id', request.id]).end()
      return
    }
    const answer = address.handle.peek()
    if (!answer) {
      done()
      return
    }
    logHit(request, answer)
    const { bytes } = answer
    reply.hijack()
    reply.raw
      .writeHead(200, [...foundOf(address), 'x-request-id', request.id, 'content-length', String(bytes.length)])
      .end(bytes)
  }
}

const NO_TIME = { queue: 0, render: 0, encode: 0 }

function unchangedOf(address: Address): string[] {
  address.unchanged ??= flat({ ...COMMON_HEADERS, ...validatorsOf(address.etag, address.version) })
  return address.unchanged
}

function foundOf(address: Address): string[] {
  address.found ??= [
    ...unchangedOf(address),
    ...flat({ 'content-type': address.type, ...timingHeaders('hit', NO_TIME) }),
  ]
  return address.found
}

function flat(headers: Record<string, string>): string[] {
  return Object.entries(headers).flat()
}
