// The OpenAPI document, made of the schemas that the routes check requests by, and a page to read and try it.
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { PACKAGE_VERSION } from '../../core/package.ts'
import { openapiResponses } from '../responses.ts'
import { query } from '../schemas.ts'

/** Notes every route that is added after it. */
export async function collectRoutes(app: FastifyInstance): Promise<void> {
  // the schemas describe answers, they do not make them: what a handler returns is sent whole
  app.setSerializerCompiler(() => JSON.stringify)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'mandeltiles',
        description:
          'Tiles, pictures and numbers of the Mandelbrot set at any depth. Every failure is problem+json (RFC 9457) that is not to be stored. Beside what each ' +
          'route says, any of them answers 405 with Allow to other methods than GET and HEAD, 431 to an address and headers that are too long together, 408 to ' +
          'a request that takes too long to arrive, and, all but /healthz, 503 with Retry-After while the server is about to end.',
        version: PACKAGE_VERSION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'tiles', description: 'the pyramid: zoom z has 2^z by 2^z tiles' },
        { name: 'grid', description: "the original's mandelbrot() and quick_plot()" },
        { name: 'pictures', description: 'centred anywhere, of any size' },
        { name: 'documents', description: 'what clients ask before they ask for tiles' },
        { name: 'operation', description: 'for who runs the server' },
      ],
    },
    hideUntagged: true,
  })
}

/** GET /openapi.json and /docs. */
export async function openapiRoutes(app: FastifyInstance): Promise<void> {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/openapi.json',
    schema: { tags: ['documents'], summary: 'This document', querystring: query({}), response: openapiResponses },
    handler: (_request, reply) =>
      reply.header('cache-control', 'no-cache').send({ ...app.swagger(), servers: [{ url: './' }] }),
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // the page asks nobody but this server: no validator elsewhere, and the browser holds it to that
    uiConfig: { validatorUrl: null, tryItOutEnabled: true, defaultModelsExpandDepth: -1, layout: 'BaseLayout' },
    // the page reads it from one folder down
    transformSpecification: (document) => ({ ...document, servers: [{ url: '../' }] }),
    staticCSP: {
      'default-src': ["'self'"],
      'img-src': ["'self'", 'data:', 'blob:'],
      'style-src': ["'self'", "'unsafe-inline'"],
      'frame-ancestors': ["'self'"],
    },
    theme: { title: 'mandeltiles: the HTTP interface' },
  })
}
