// Addresses that were answered without a render before. What an address means depends on nothing
// else, so a tile that is in memory or at the client need not be parsed, checked and hashed again:
// its headers and bytes go straight to the socket. Every other request takes its route. What this
// saves is in bench/results/cached.md.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { RenderHandle } from '../render/handle.ts'
import { COMMON_HEADERS, isForeign, matches, timingHeaders, validators } from './headers.ts'
import { logHit } from './reply.ts'

interface Address {
  etag: string
  type: string
  version: string | undefined
  handle: RenderHandle
  /** headers of 304 and of 200, made at first use: names and values by turns, as Node wants them */
  notModified?: string[]
  found?: string[]
}

// what an entry takes beside its address, in characters: keys, headers, the request as parsed
const ENTRY = 2000
const MAX_SIZE = 2 ** 22 // characters

export class FastPath {
  readonly #addresses = new LRUCache<string, Address>({
    maxSize: MAX_SIZE,
    sizeCalculation: (_, url) => url.length + ENTRY,
  })

  /** Remembers what the address of a request means: its tag, media type and source. */
  add({ url, query }: FastifyRequest, type: string, handle: RenderHandle): void {
    const { v: version } = query as { v?: string }
    // made-up versions would fill the list with one tile
    if (!isForeign(version)) this.#addresses.set(url, { etag: handle.etag, type, version, handle })
  }

  /** Fastify's onRequest; to be added before the hooks that set the headers of all answers. */
  readonly hook = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { method, url, headers } = request.raw
    const address = method === 'GET' ? this.#addresses.get(url!) : undefined
    // the route answers load balancers that ask for a tile's owner, and requests for a part of a
    // picture
    if (!address || headers['x-neighbourhood'] !== undefined || headers.range !== undefined) {
      done()
      return
    }
    if (matches(headers['if-none-match'], address.etag)) {
      reply.hijack()
      reply.raw.writeHead(304, [...notModified(address), 'x-request-id', request.id]).end()
      return
    }
    const answer = address.handle.peek()
    if (!answer) {
      done()
      return
    }
    logHit(request, answer)
    const { bytes } = answer
    const own = ['x-request-id', request.id, 'content-length', String(bytes.length)]
    reply.hijack()
    reply.raw.writeHead(200, [...found(address), ...own]).end(bytes)
  }
}

const NO_TIME = { queue: 0, render: 0, encode: 0 }

function notModified(address: Address): string[] {
  address.notModified ??= flat({ ...COMMON_HEADERS, ...validators(address.etag, address.version) })
  return address.notModified
}

function found(address: Address): string[] {
  address.found ??= [
    ...notModified(address),
    ...flat({ 'content-type': address.type, 'accept-ranges': 'bytes', ...timingHeaders('hit', NO_TIME) }),
  ]
  return address.found
}

function flat(headers: Record<string, string>): string[] {
  return Object.entries(headers).flat()
}
