// The one place where a Failure becomes an answer: problem+json (RFC 9457), and a line in the log where somebody should read it.
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../core/errors.ts'
import type { Options } from '../core/options.ts'

/** What every answer carries. */
export const COMMON_HEADERS = {
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
    .headers({ ...COMMON_HEADERS, 'cache-control': 'no-store', 'content-type': PROBLEM })
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
export function refuseUnreadable(
  error: Error & { code?: string },
  socket: Socket,
  options: Options,
  count: Count,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, title, detail } = unreadable(error, options)
  count(undefined, status)
  const body = JSON.stringify({ type: 'about:blank', title, status, detail })
  const headers = {
    ...COMMON_HEADERS,
    'content-type': PROBLEM,
    'cache-control': 'no-store',
    connection: 'close',
    'content-length': Buffer.byteLength(body),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join('')}\r\n${body}`)
}

function unreadable({ code, message }: Error & { code?: string }, options: Options) {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const detail = `the request's address and headers must be at most ${options['max-header-bytes']} bytes together, they were more`
    return { status: 431, title: 'Request Header Fields Too Large', detail }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const detail = `a request must be sent within ${options['request-timeout']} seconds, this one was not whole by then`
    return { status: 408, title: 'Request Timeout', detail }
  }
  return { status: 400, title: 'Bad Request', detail: `the request is not HTTP that can be read: ${message}` }
}
