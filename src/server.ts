// The HTTP door: Fastify, its hooks, and the one place where a Failure becomes problem+json.
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify'
import { Failure, mustBe } from './errors.ts'
import type { Options } from './options.ts'
import { ROOT } from './package.ts'
import { type Render, Renderer } from './renderer.ts'
import { gridRoutes } from './routes/grid.ts'
import { imageRoutes } from './routes/image.ts'
import { metaRoutes } from './routes/meta.ts'
import { refusal } from './routes/parameters.ts'
import { tileRoutes } from './routes/tile.ts'
import type { TierEvents } from './tiers.ts'

/** The server, ready to listen or to be injected into; closing it ends its threads. */
export async function buildServer(options: Options): Promise<{ app: FastifyInstance; renderer: Renderer }> {
  const app: FastifyInstance = fastify({
    logger: { level: options['log-level'] },
    // renders are logged by the renderer, requests by the hook below at debug: a line for every hit costs more than the hit
    logController: new LogController({ disableRequestLogging: true }),
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, verbose: true } },
    schemaErrorFormatter: refusal,
    routerOptions: { maxParamLength: options['max-digits'] + 4, ignoreTrailingSlash: false },
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => sendProblem(toFailure(error), request, reply as FastifyReply),
    clientErrorHandler,
    forceCloseConnections: 'idle',
  })
  const renderer = new Renderer(
    options,
    (render) => logRender(app, render),
    (...event) => logTier(app, ...event),
  )
  app.addHook('onClose', () => renderer.close())
  // a connection that falls idle while the server closes would hold it open for as long as it is kept alive
  app.addHook('preClose', async () => {
    const sweep = setInterval(() => app.server.closeIdleConnections(), 20)
    app.server.once('close', () => clearInterval(sweep))
  })

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(EVERYWHERE)
    if (request.method === 'GET' || request.method === 'HEAD') return
    reply.header('allow', 'GET, HEAD')
    throw new Failure('method', mustBe('the method', 'GET or HEAD', request.method))
  })
  app.addHook('onResponse', async (request, reply) => {
    request.log.debug({ url: request.url, status: reply.statusCode, ms: reply.elapsedTime }, 'request')
  })
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(toFailure(error), request, reply))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new Failure('unknown', `there is nothing at ${request.url.slice(0, 200)}`), request, reply),
  )

  app.decorate('deadline', options.deadline)
  tileRoutes(app, renderer, options)
  gridRoutes(app, renderer, options)
  imageRoutes(app, renderer, options)
  metaRoutes(app, renderer, options)
  await page(app)
  await app.ready()
  return { app, renderer }
}

declare module 'fastify' {
  interface FastifyInstance {
    /** seconds that one request may take */
    deadline: number
  }
}

const EVERYWHERE = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
}

/** The map, built by Vite: names with a hash in them never change, index.html is asked for anew. */
async function page(app: FastifyInstance): Promise<void> {
  const root = fileURLToPath(new URL('dist/web/', ROOT))
  if (!existsSync(root)) throw new Error(`the page is not built: ${root} is missing, run "npm run build"`)
  await app.register(fastifyStatic, {
    root,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const immutable = path.includes('/assets/')
      reply.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

function logRender(app: FastifyInstance, render: Render): void {
  app.log.info(render, 'rendered')
}

// told once when it begins and once when it is over, however many requests meet it
function logTier(app: FastifyInstance, ...[tier, operation, fault]: Parameters<TierEvents>): void {
  if (fault === undefined) app.log.info({ tier, operation }, 'the cache tier works again')
  else app.log.warn({ tier, operation, fault }, 'the cache tier fails: served without it')
}

function toFailure(error: FastifyError | Failure): Failure {
  if (error instanceof Failure) return error
  // what Fastify itself refuses: malformed percent signs, parameters past its own limits
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new Failure('invalid', `the request cannot be read: ${error.message}`, { cause: error })
  }
  return new Failure('internal', 'something went wrong here; the log says what', { cause: error })
}

function sendProblem(failure: Failure, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (failure.code === 'internal') request.log.error({ err: failure.cause, url: request.url }, 'failed')
  else if (failure.code === 'left') request.log.debug({ url: request.url, status: failure.status }, 'client left')
  if (failure.retryAfter !== undefined) reply.header('retry-after', String(failure.retryAfter))
  return reply
    .code(failure.status)
    .headers({ ...EVERYWHERE, 'cache-control': 'no-store', 'content-type': PROBLEM })
    .removeHeader('etag')
    .send(request.method === 'HEAD' ? undefined : problem(failure))
}

const PROBLEM = 'application/problem+json; charset=utf-8'

function problem({ status, title, message }: Failure): string {
  return JSON.stringify({ type: 'about:blank', title, status, detail: message })
}

// what Node's HTTP parser refuses never reaches Fastify: answer on the bare socket, then close
function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
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
