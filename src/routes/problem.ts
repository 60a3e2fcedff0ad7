// The one place where a Failure becomes an answer: problem+json (RFC 9457), and a line in the log where somebody should read it.
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../errors.ts'

/** What every answer carries. */
export const EVERYWHERE = {
  'access-control-allow-origin': '*',
  // what a page of another origin may read, and how long its tiles took
  'access-control-expose-headers': 'ETag, X-Cache, Server-Timing, Retry-After, X-Request-Id',
  'timing-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
}

/** Whatever was thrown, as a Failure. */
export function toFailure(error: FastifyError | Failure): Failure {
  if (error instanceof Failure) return error
  // what Fastify itself refuses: malformed percent signs, parameters past its own limits
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new Failure('invalid', `the request cannot be read: ${error.message}`, { cause: error })
  }
  return new Failure('internal', 'something went wrong here; the log says what', { cause: error })
}

/** Counts an answer where no route does: undefined is no route's. */
export type Count = (route: string | undefined, status: number) => void

/** Answers with a failure. */
export function sendProblem(
  failure: Failure,
  request: FastifyRequest,
  reply: FastifyReply,
  count: Count,
): FastifyReply {
  const { status, message } = failure
  const line = { reqId: request.id, url: request.url.slice(0, LOGGED), status }
  if (failure.code === 'internal') request.log.error({ ...line, err: failure.cause }, 'failed')
  else if (status === 499) request.log.info(line, 'the client left')
  else if (failure.code === 'busy') logBusy(request, line, message)
  else if (status >= 500) request.log.warn(line, message)
  else request.log.debug(line, message)
  // to a client that left nothing is sent, and so no route counts it
  if (status === 499) count(request.routeOptions.url, status)
  else if (request.is404) count(undefined, status)
  if (failure.retryAfter !== undefined) reply.header('retry-after', String(failure.retryAfter))
  return reply
    .code(failure.status)
    .headers({ ...EVERYWHERE, 'cache-control': 'no-store', 'content-type': PROBLEM })
    .removeHeader('etag')
    .send(request.method === 'HEAD' ? undefined : problem(failure))
}

// characters of an address that a log line repeats: a tile at zoom 300 is told from its neighbour
const LOGGED = 300

// of a crowd that is refused, a line a second: it stands for all since the one before
const TOLD_EVERY = 1000 // milliseconds
let told = Number.NEGATIVE_INFINITY
let refused = 0

function logBusy({ log }: FastifyRequest, line: object, message: string): void {
  refused++
  const now = performance.now()
  if (now - told < TOLD_EVERY) return
  log.warn({ ...line, refused }, message)
  told = now
  refused = 0
}

const PROBLEM = 'application/problem+json; charset=utf-8'

function problem({ status, title, message }: Failure): string {
  return JSON.stringify({ type: 'about:blank', title, status, detail: message })
}

/** What Node's HTTP parser refuses never reaches Fastify: it is answered on the bare socket, then closed. */
export function refuseUnreadable(error: Error & { code?: string }, socket: Socket, count: Count): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  count(undefined, Number(status.slice(0, 3)))
  const body = JSON.stringify({
    type: 'about:blank',
    title: status.slice(4),
    status: Number(status.slice(0, 3)),
    detail: `the request is not HTTP that can be read: ${error.message}`,
  })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: ${PROBLEM}\r\nCache-Control: no-store\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
