// URLs that were answered without a render before. A URL's meaning depends on nothing else, so a
// tile in memory or at the client need not be parsed, checked and hashed again: its headers and
// bytes go straight to the socket, before Fastify makes its request and reply. Every other request
// takes its route. An answer from here has the headers of the route's answer, all of them.
// bench/results/cached.md shows what this saves.
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyRequest, FastifyServerFactory, FastifyServerOptions } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { RenderHandle } from '../render/handle.ts'
import { LARGE } from './connections.ts'
import { COMMON_HEADERS, isForeign, matches, timingHeaders, validators } from './headers.ts'
import { type KnownHead, keptHead, writeKnownHead } from './knownhead.ts'
import { isPlain } from './protocol.ts'
import { logHit } from './reply.ts'

interface CachedAddress {
  etag: string
  type: string
  version: string | undefined
  route: string | undefined
  handle: RenderHandle
  /** the heads of its answers by status, once Node has written them */
  heads: { 200?: KnownHead | undefined; 304?: KnownHead | undefined }
}

// what an entry takes besides its address, in characters: keys, headers, the parsed request
const ENTRY = 2000
const MAX_SIZE = 2 ** 22 // characters

export class FastPath {
  readonly #addresses = new LRUCache<string, CachedAddress>({
    maxSize: MAX_SIZE,
    sizeCalculation: (_, url) => url.length + ENTRY,
  })
  readonly #newId: (request: IncomingMessage) => string
  #onAnswer: ((route: string | undefined, status: number) => void) | undefined
  #logger: FastifyBaseLogger | undefined

  /** `newId` gives requests their ids, like those that take a route. */
  constructor(newId: (request: IncomingMessage) => string) {
    this.#newId = newId
  }

  /** Starts answering. `onAnswer` is called with the matching route and the status. */
  start(logger: FastifyBaseLogger, onAnswer: (route: string | undefined, status: number) => void): void {
    this.#logger = logger
    this.#onAnswer = onAnswer
  }

  /** From now on every request takes its route. */
  stop(): void {
    this.#logger = undefined
    this.#addresses.clear()
  }

  /** Remembers what the address of a request means: its tag, media type and source. */
  add({ url, query, routeOptions }: FastifyRequest, type: string, handle: RenderHandle): void {
    const { v: version } = query as { v?: string }
    // forged versions would fill the list with one tile
    if (!this.#logger || isForeign(version)) return
    this.#addresses.set(url, { etag: handle.etag, type, version, route: routeOptions.url, handle, heads: {} })
  }

  /** Fastify's serverFactory: its server, with this path before its handler. */
  readonly server: FastifyServerFactory<Server> = (handler, options) => {
    const { http, keepAliveTimeout, requestTimeout } = options as FastifyServerOptions & { http: ServerOptions }
    const server = createServer(http, (request, response) => {
      if (!this.#answer(request, response)) handler(request, response)
    })
    // what Fastify sets on a server of its own
    server.keepAliveTimeout = keepAliveTimeout!
    server.requestTimeout = requestTimeout!
    return server
  }

  /** Answers a request, unless it has to take its route. */
  #answer(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url, headers } = request
    const address = method === 'GET' ? this.#addresses.get(url!) : undefined
    const logger = this.#logger
    // these take the route: load balancers asking for a tile's owner, range requests, and requests
    // that came before the answer to an earlier one was sent (pipeline.ts)
    const ordinary = headers['x-neighbourhood'] === undefined && headers.range === undefined && response.socket !== null
    if (!address || !logger || !ordinary || !isPlain(request)) return false
    if (matches(headers['if-none-match'], address.etag)) {
      this.#send(response, address, 304, this.#newId(request))
      return true
    }
    const answer = address.handle.peek()
    if (!answer || answer.bytes.length >= LARGE) return false
    const id = this.#newId(request)
    logHit({ id, url: url! }, logger, answer)
    this.#send(response, address, 200, id, answer.bytes)
    return true
  }

  #send(response: ServerResponse, address: CachedAddress, status: 200 | 304, id: string, bytes?: Uint8Array): void {
    const head = address.heads[status]
    if (head && bytes?.length === head.length && writeKnownHead(response, status, head, id)) {
      response.end(bytes)
    } else {
      response.writeHead(status, headersOf(address, id, bytes)).end(bytes)
      address.heads[status] = keptHead(response, id, bytes?.length)
    }
    this.#onAnswer?.(address.route, status)
  }
}

const NO_TIME = { queue: 0, render: 0, encode: 0 }

/** Names and values alternate, as Node's writeHead takes them, in the same order as the route's. */
function headersOf({ etag, version, type }: CachedAddress, id: string, bytes: Uint8Array | undefined): string[] {
  const found = bytes && {
    'content-type': type,
    'accept-ranges': 'bytes',
    ...timingHeaders('hit', NO_TIME),
    'content-length': String(bytes.length),
  }
  return Object.entries({ ...COMMON_HEADERS, 'x-request-id': id, ...validators(etag, version), ...found }).flat()
}
