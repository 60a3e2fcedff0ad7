// The OpenAPI document, made of the schemas that the routes check requests with, and a page to read
// it and try it.
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { PACKAGE_VERSION } from '../../core/package.ts'
import { documentHandler } from '../documents.ts'
import { MEDIA_TYPES } from '../mediatypes.ts'
import { openapiResponses } from '../responses.ts'
import { query } from '../schemas.ts'

/** Collects every route that is added after it. */
export async function collectRoutes(app: FastifyInstance): Promise<void> {
  // the schemas describe answers and do not shape them: what a handler returns is sent whole
  app.setSerializerCompiler(() => JSON.stringify)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'mandeltiles',
        description:
          'Tiles, images and numbers of the Mandelbrot set at any depth. Every failure is problem+json (RFC 9457) ' +
          'and must not be stored. Any route also answers 405 with Allow to methods other than GET and HEAD, 431 if ' +
          'the URL and the headers are too long together, 408 if a request takes too long to arrive, and, except ' +
          'for /healthz, 503 with Retry-After while the server shuts down.',
        version: PACKAGE_VERSION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'tiles', description: 'the pyramid: zoom z has 2^z by 2^z tiles' },
        { name: 'grid', description: "the original's mandelbrot() and quick_plot()" },
        { name: 'pictures', description: 'centred anywhere, of any size' },
        { name: 'documents', description: 'what clients read besides tiles' },
        { name: 'operation', description: 'for operators' },
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
    handler: documentHandler(() => ({ ...app.swagger(), servers: [{ url: './' }] })),
  })
  let specification: Buffer | undefined
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // the page asks no other host, such as a validator, and its policy makes the browser enforce
    // that
    uiConfig: { validatorUrl: null, tryItOutEnabled: true, defaultModelsExpandDepth: -1, layout: 'BaseLayout' },
    // relative, so that the page works below any base path
    indexPrefix: '.',
    // the page reads the document from one folder down; it is serialised once
    transformSpecification: (document, _request, reply) => {
      reply.type(MEDIA_TYPES.json)
      specification ??= Buffer.from(JSON.stringify({ ...document, servers: [{ url: '../' }] }))
      return specification as object as Record<string, unknown>
    },
    transformSpecificationClone: false,
    staticCSP: {
      'default-src': ["'self'"],
      'img-src': ["'self'", 'data:', 'blob:'],
      'style-src': ["'self'", "'unsafe-inline'"],
      'frame-ancestors': ["'self'"],
    },
    theme: { title: 'mandeltiles: the HTTP interface' },
  })
}
