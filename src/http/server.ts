// The HTTP server: Fastify, its hooks and its routes.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify, LogController } from 'fastify'
import type { TierEvents } from '../cache/tier.ts'
import { Failure } from '../core/errors.ts'
import { LOG } from '../core/log.ts'
import type { Options } from '../core/options.ts'
import { ROOT } from '../core/package.ts'
import { Renderer } from '../render/renderer.ts'
import { compression } from './compression.ts'
import { Connections } from './connections.ts'
import { drainable } from './drain.ts'
import { FastPath } from './fastpath.ts'
import { COMMON_HEADERS } from './headers.ts'
import { limitPipeline } from './pipeline.ts'
import { refuseUnreadable, sendProblem, toFailure } from './problem.ts'
import { Progress } from './progress.ts'
import { acceptExpectations, checkProtocol, PROTOCOL_OPTIONS } from './protocol.ts'
import { RateLimiter } from './ratelimit.ts'
import { featureRoutes } from './routes/features.ts'
import { gridRoutes } from './routes/grid.ts'
import { healthRoutes } from './routes/health.ts'
import { iiifRoutes } from './routes/iiif.ts'
import { imageRoutes } from './routes/image.ts'
import { metaRoutes } from './routes/meta.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { collectRoutes, openapiRoutes } from './routes/openapi.ts'
import { previewRoutes } from './routes/preview.ts'
import { progressRoutes } from './routes/progress.ts'
import { shareRoutes } from './routes/share.ts'
import { tileRoutes } from './routes/tile.ts'
import { refusal } from './schemas.ts'

export interface Server {
  app: FastifyInstance
  renderer: Renderer
  /** shuts down: renders that take longer than `timeout` milliseconds are stopped and get 503 */
  drain(timeout: number): Promise<void>
}

/** The server, ready to listen or for `inject`; closing it ends its threads. */
export async function buildServer(options: Options): Promise<Server> {
  const fastPath = new FastPath(genReqId)
  const app: FastifyInstance = fastify({
    serverFactory: fastPath.server,
    logger: { level: options['log-level'], stream: LOG },
    // a log line costs more than a cache hit: renders, failures and one hit in a thousand are
    // logged
    logController: new LogController({ disableRequestLogging: true }),
    // a child logger for each request costs more than a cache hit: log lines name the id themselves
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
    // drain.ts answers while the server closes, as problem+json and with Retry-After
    return503OnClosing: false,
    requestTimeout: 1000 * options['request-timeout'],
    http: {
      ...PROTOCOL_OPTIONS,
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
  const { 'client-rate': rate, 'client-burst': burst } = options
  const rateLimiter = rate > 0 ? new RateLimiter(rate, burst) : null
  const metrics = metricsRoutes(app, renderer, rateLimiter)
  app.addHook('onClose', () => renderer.close())
  app.addHook('onRequest', limitPipeline)
  const connections = new Connections(app.server, {
    timeout: 1000 * options['send-timeout'],
    maxBytes: options['send-bytes'],
  })
  app.decorate('connections', connections)
  const drain = drainable(app, renderer, connections, () => fastPath.stop())
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(COMMON_HEADERS).header('x-request-id', request.id)
    done()
  })
  app.addHook('onRequest', checkProtocol)
  acceptExpectations(app)
  compression(app)
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
  app.decorate('rateLimiter', rateLimiter)
  app.decorate('progress', new Progress(renderer))
  tileRoutes(app, renderer, options, fastPath)
  gridRoutes(app, renderer, options)
  featureRoutes(app, renderer, options)
  imageRoutes(app, renderer, options)
  iiifRoutes(app, renderer, options)
  previewRoutes(app, renderer, options)
  metaRoutes(app, options)
  healthRoutes(app, renderer)
  progressRoutes(app)
  await openapiRoutes(app)
  await page(app, options)
  await app.ready()
  fastPath.start(app.log, metrics.count)
  return { app, renderer, drain }
}

// short, and different for every process
const PROCESS = randomBytes(4).toString('base64url')
let requests = 0

/** A request's id: the one from a proxy if it is safe to log, otherwise this process's next. */
function genReqId({ headers }: { headers: IncomingHttpHeaders }): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : `${PROCESS}-${++requests}`
}

/**
 * What the page may load and do, so that an injected script can do nothing: everything comes from
 * this server, and pictures also from the page's own memory (blob: for tiles, data: for bookmarks).
 * `style-src` has no inline styles; those that scripts set need no permission.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** The map, as Vite built it: files with a hash in their name never change, index.html may. */
async function page(app: FastifyInstance, options: Options): Promise<void> {
  const root = fileURLToPath(new URL('dist/web/', ROOT))
  if (!existsSync(root)) throw new Error(`the page is not built: ${root} is missing, run "npm run build"`)
  shareRoutes(app, options, root, PAGE_POLICY)
  await app.register(fastifyStatic, {
    root,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const immutable = path.includes('/assets/')
      reply.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
      if (path.endsWith('.html')) reply.setHeader('content-security-policy', PAGE_POLICY)
    },
  })
}

// once when a fault begins and once when it ends, however many requests hit it
function logTier(app: FastifyInstance, ...[tier, operation, fault]: Parameters<TierEvents>): void {
  if (fault === undefined) app.log.info({ tier, operation }, 'the cache tier works again')
  else app.log.warn({ tier, operation, fault }, 'the cache tier fails: serving without it')
}
