// How an answer is sent: validators and caching headers are set before anything is rendered, then
// the bytes follow. Bytes in memory are sent at once. Only a request that has to wait gets a
// deadline, a signal for when its client leaves, and a log line of its own.
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Caller, RenderHandle } from '../render/handle.ts'
import { redirectForeignVersion } from './affinity.ts'
import { Client } from './client.ts'
import type { Connections } from './connections.ts'
import { matches, timingHeaders, validators } from './headers.ts'
import type { Progress } from './progress.ts'
import { partOf } from './range.ts'
import type { RateLimiter } from './ratelimit.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** seconds that one request may take */
    deadline: number
    /** what one client may render, if that is limited */
    rateLimiter: RateLimiter | null
    progress: Progress
    connections: Connections
  }
}

/**
 * Answers a request: 304 if the client has the bytes that the handle's tag identifies, the headers
 * alone for HEAD, otherwise what `find` gives. In the first two cases nothing runs.
 */
export function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  handle: RenderHandle,
  type: string,
  find: (caller: Caller) => Answer | Promise<Answer> = handle.find,
): FastifyReply | Promise<FastifyReply> {
  if (redirectForeignVersion(request, reply)) return reply.send()
  if (isNotModified(request, reply, handle.etag, type)) return reply.send()

  const client = new Client(request)
  const found = find(client)
  if (!(found instanceof Promise)) {
    logHit(request, request.log, found)
    return send(request, reply, found)
  }
  client.waitsFor(handle)
  return found.then(
    (answer) => {
      client.served()
      log(request, request.log, answer)
      return send(request, reply, answer)
    },
    (error) => {
      client.served()
      throw client.failure(error)
    },
  )
}

/**
 * Sets the headers that are known in advance. Returns whether they are the whole answer (304 or
 * HEAD).
 */
export function isNotModified(request: FastifyRequest, reply: FastifyReply, tag: string, type: string): boolean {
  reply.headers(validators(tag, (request.query as { v?: string }).v))
  if (matches(request.headers['if-none-match'], tag)) {
    reply.code(304)
    return true
  }
  reply.type(type)
  return request.method === 'HEAD'
}

function send(request: FastifyRequest, reply: FastifyReply, { bytes, cache, timing }: Answer): FastifyReply {
  const picture = String(reply.getHeader('content-type')).startsWith('image/')
  const part = picture ? partOf(request, reply, bytes) : bytes
  const body = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
  reply.headers(timingHeaders(cache, timing)).header('content-length', body.length)
  return reply.send(reply.server.connections.body(reply.raw, body))
}

// a log line costs more than a cache hit, so one line represents this many of them
const SAMPLED = 1000
let hits = 0

/** Logs one cache hit in a thousand. */
export function logHit(request: LoggedRequest, logger: FastifyBaseLogger, answer: Answer): void {
  if (++hits % SAMPLED === 0) log(request, logger, answer, SAMPLED)
}

interface LoggedRequest {
  id: string
  url: string
}

/** `sampled` is how many answers the line represents, if more than one. */
function log({ id, url }: LoggedRequest, logger: FastifyBaseLogger, answer: Answer, sampled?: number): void {
  const { cache, timing, limit } = answer
  logger.info({ reqId: id, url: url.slice(0, 300), cache, timing, limit, sampled }, 'answered')
}
