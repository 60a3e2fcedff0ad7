// The one place where a Failure becomes an answer: problem+json (RFC 9457), and a log line if an
// operator should see it.
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { COMMON_HEADERS } from './headers.ts'

/** Any error as a Failure. */
export function toFailure(error: FastifyError | Failure): Failure {
  if (error instanceof Failure) return error
  if (error.statusCode === 416) {
    return new Failure('range', mustBe('the Range header', 'a range of bytes that the file has', 'past its end'), {
      cause: error,
    })
  }
  // errors of Fastify itself: malformed percent signs, parameters beyond its own limits
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new Failure('invalid', `the request cannot be read: ${error.message}`, { cause: error })
  }
  return new Failure('internal', 'internal error; the log has the details', { cause: error })
}

/** Counts an answer that no route counts; the route is undefined if none matched. */
export type Count = (route: string | undefined, status: number) => void

/** Answers with a failure. */
export function sendProblem(
  failure: Failure,
  request: FastifyRequest,
  reply: FastifyReply,
  count: Count,
): FastifyReply {
  logProblem(failure, request)
  const { status } = failure
  // a client that left gets nothing, so no route counts it
  if (status === 499) count(request.routeOptions.url, status)
  else if (request.is404) count(undefined, status)
  if (failure.retryAfter !== undefined) reply.header('retry-after', String(failure.retryAfter))
  return reply
    .code(status)
    .headers({ ...COMMON_HEADERS, 'cache-control': 'no-store', 'content-type': PROBLEM })
    .removeHeader('etag')
    .send(request.method === 'HEAD' ? undefined : body(failure))
}

// characters of a URL in a log line: enough to tell a tile at zoom 300 from its neighbour
const LOGGED = 300

function logProblem({ code, status, message, cause }: Failure, request: FastifyRequest): void {
  const { id, url, log } = request
  const line = { reqId: id, url: url.slice(0, LOGGED), status }
  if (code === 'internal') log.error({ ...line, err: cause }, 'failed')
  else if (status === 499) log.info(line, 'the client left')
  else if (code === 'busy') logBusy(request, line, message)
  else if (status >= 500) log.warn(line, message)
  else log.debug(line, message)
}

// refusals of a busy server are logged once a second; the line counts all since the previous one
const BUSY_EVERY = 1000 // milliseconds
let logged = Number.NEGATIVE_INFINITY
let refused = 0

function logBusy({ log }: FastifyRequest, line: object, message: string): void {
  refused++
  const now = performance.now()
  if (now - logged < BUSY_EVERY) return
  log.warn({ ...line, refused }, message)
  logged = now
  refused = 0
}

const PROBLEM = 'application/problem+json; charset=utf-8'

function body({ status, title, message }: { status: number; title: string; message: string }) {
  return JSON.stringify({ type: 'about:blank', title, status, detail: message })
}

/**
 * Answers a request that Node's HTTP parser refused, and closes the connection. It never reaches
 * Fastify, so the answer is written on the bare socket.
 */
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
  const refusal = unreadable(error, options)
  const { status, title } = refusal
  count(undefined, status)
  const text = body(refusal)
  const headers = {
    ...COMMON_HEADERS,
    'content-type': PROBLEM,
    'cache-control': 'no-store',
    connection: 'close',
    'content-length': Buffer.byteLength(text),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join('')}\r\n${text}`)
}

function unreadable({ code, message }: Error & { code?: string }, options: Options) {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const limit = `at most ${options['max-header-bytes']} bytes together`
    return {
      status: 431,
      title: 'Request Header Fields Too Large',
      message: `the request's URL and headers must be ${limit}, they were more`,
    }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const limit = `within ${options['request-timeout']} seconds`
    return {
      status: 408,
      title: 'Request Timeout',
      message: `a request must be sent ${limit}, this one was incomplete`,
    }
  }
  return {
    status: 400,
    title: 'Bad Request',
    message: `the request is not readable HTTP: ${message}`,
  }
}
