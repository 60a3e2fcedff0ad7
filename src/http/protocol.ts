// What HTTP itself requires of any request, checked before a route sees it: one valid Host, no
// expectation that this server cannot meet, GET or HEAD. Node would answer the first two without a
// body; here they are problem+json like every other refusal.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Failure, mustBe } from '../core/errors.ts'

/** Options of Node's HTTP server, so that it leaves a missing Host to `checkProtocol`. */
export const PROTOCOL_OPTIONS = { requireHostHeader: false }

/** Leaves an Expect header that Node does not know to `checkProtocol`. */
export function acceptExpectations(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    app.server.emit('request', request, response)
  })
}

/** Would `checkProtocol` accept this GET? */
export function isPlain({ headers: { host, expect } }: IncomingMessage): boolean {
  return host !== undefined && HOST.test(host) && expect === undefined
}

// a name, an IPv4 address, or an IPv6 address in brackets, optionally with a port
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i
const HOST_FORM = 'a name or an address, maybe with a port'

/** Fastify's onRequest. */
export function checkProtocol(request: FastifyRequest, reply: FastifyReply, done: (error?: Failure) => void): void {
  if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
    reply.code(204).headers(PREFLIGHT).send()
    return
  }
  done(refusal(request, reply))
}

/**
 * A browser sends this before a page of another origin may send its own headers, such as
 * X-Client-Id or those that a map library adds. Any header is allowed, because answers depend on
 * none of them.
 */
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD',
  // * stands for every header but this one
  'access-control-allow-headers': '*, Authorization',
  'access-control-max-age': '86400',
}

function refusal({ method, headers, raw }: FastifyRequest, reply: FastifyReply): Failure | undefined {
  const { host, expect } = headers
  if (host === undefined ? raw.httpVersion !== '1.0' : !HOST.test(host)) {
    return new Failure('invalid', mustBe('the Host header', HOST_FORM, host ?? 'missing'))
  }
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    return new Failure('expectation', mustBe('the Expect header', '100-continue', expect))
  }
  if (method === 'GET' || method === 'HEAD') return undefined
  reply.header('allow', 'GET, HEAD')
  return new Failure('method', mustBe('the method', 'GET or HEAD', method))
}

/**
 * The server's address as the client sees it: `--public-url`, otherwise scheme and host of the
 * request.
 * @throws Failure `invalid` if the request names no host, or a proxy in front forwards no name
 */
export function originOf(request: FastifyRequest, publicUrl: string): string {
  if (publicUrl !== '') return publicUrl.replace(/\/$/, '')
  const { protocol, host } = request
  if (HOST.test(host ?? '')) return `${protocol}://${host}`
  throw new Failure('invalid', mustBe('the Host or X-Forwarded-Host header', HOST_FORM, host ?? 'missing'))
}
