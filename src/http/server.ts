// The HTTP door: Fastify, its hooks, and the one place where a Failure becomes problem+json.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify, LogController } from 'fastify'
import type { TierEvents } from '../cache/tier.ts'
import { Failure, mustBe } from '../core/errors.ts'
import { LOG } from '../core/log.ts'
import type { Options } from '../core/options.ts'
import { ROOT } from '../core/package.ts'
import { Renderer } from '../render/renderer.ts'
import { drainable } from './drain.ts'
import { FastPath } from './fastpath.ts'
import { COMMON_HEADERS, refuseUnreadable, sendProblem, toFailure } from './problem.ts'
import { RateLimiter } from './ratelimit.ts'
import { gridRoutes } from './routes/grid.ts'
import { healthRoutes } from './routes/health.ts'
import { imageRoutes } from './routes/image.ts'
import { metaRoutes } from './routes/meta.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { collectRoutes, openapiRoutes } from './routes/openapi.ts'
import { tileRoutes } from './routes/tile.ts'
import { refusal } from './schemas.ts'

export interface Server {
  app: FastifyInstance
  renderer: Renderer
  /** ends it in order: what takes longer than `patience` milliseconds is stopped and answered 503 */
  drain(patience: number): Promise<void>
}

/** The server, ready to listen or to be injected into; closing it ends its threads. */
export async function buildServer(options: Options): Promise<Server> {
  const app: FastifyInstance = fastify({
    logger: { level: options['log-level'], stream: LOG },
    // a line for every hit costs more than the hit: answers that were waited for have one, and failures, and one hit in a thousand
    logController: new LogController({ disableRequestLogging: true }),
    // a child logger for every request costs more than a cached tile's look-up: who logs a request names its id
    childLoggerFactory: (logger) => logger,
    genReqId,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, verbose: true } },
    schemaErrorFormatter: refusal,
    routerOptions: { maxParamLength: options['max-digits'] + 4 },
    frameworkErrors: (error, request, reply) =>
      sendProblem(toFailure(error), request, reply as FastifyReply, metrics.count),
    trustProxy: options['trust-proxy'] === '' ? false : options['trust-proxy'],
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket, options, metrics.count),
    forceCloseConnections: 'idle',
    // drain.ts answers while it closes, as problem+json and with Retry-After
    return503OnClosing: false,
    requestTimeout: 1000 * options['request-timeout'],
    http: {
      maxHeaderSize: options['max-header-bytes'],
      headersTimeout: 1000 * options['request-timeout'],
      connectionsCheckingInterval: 1000,
    },
  })
  const renderer = new Renderer(
    options,
    (render) => {
      app.log.debug(render, 'rendered')
      metrics.rendered(render)
    },
    (...event) => logTier(app, ...event),
  )
  await collectRoutes(app)
  const budget = options['client-rate'] > 0 ? new RateLimiter(options['client-rate'], options['client-burst']) : null
  const metrics = metricsRoutes(app, renderer, budget)
  app.addHook('onClose', () => renderer.close())
  const drain = drainable(app, renderer)
  const fastPath = new FastPath()
  app.addHook('onRequest', fastPath.hook)

  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(COMMON_HEADERS).header('x-request-id', request.id)
    if (request.method === 'GET' || request.method === 'HEAD') return done()
    reply.header('allow', 'GET, HEAD')
    done(new Failure('method', mustBe('the method', 'GET or HEAD', request.method)))
  })
  app.setErrorHandler((error: FastifyError, request, reply) =>
    sendProblem(toFailure(error), request, reply, metrics.count),
  )
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      new Failure('unknown', `there is nothing at ${request.url.slice(0, 200)}`),
      request,
      reply,
      metrics.count,
    ),
  )

  app.server.maxConnections = options['max-connections']
  app.decorate('deadline', options.deadline)
  app.decorate('budget', budget)
  tileRoutes(app, renderer, options, fastPath)
  gridRoutes(app, renderer, options)
  imageRoutes(app, renderer, options)
  metaRoutes(app, options)
  healthRoutes(app, renderer)
  await openapiRoutes(app)
  await page(app)
  await app.ready()
  return { app, renderer, drain }
}

// unlike those of any other process, and short
const PROCESS = randomBytes(4).toString('base64url')
let requests = 0

/** A request's id: the one that a proxy gave it, where that is fit for a log, else the next of this process. */
function genReqId({ headers }: { headers: IncomingHttpHeaders }): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : `${PROCESS}-${++requests}`
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

// told once when it begins and once when it is over, however many requests meet it
function logTier(app: FastifyInstance, ...[tier, operation, fault]: Parameters<TierEvents>): void {
  if (fault === undefined) app.log.info({ tier, operation }, 'the cache tier works again')
  else app.log.warn({ tier, operation, fault }, 'the cache tier fails: served without it')
}
