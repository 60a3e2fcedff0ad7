import type { FastifyInstance } from 'fastify'
import { CLIENT_ID } from '../progress.ts'
import { progressResponses } from '../responses.ts'
import { query } from '../schemas.ts'

/** GET /progress: what the requests of one client wait for, and how far that is. */
export function progressRoutes(app: FastifyInstance): void {
  app.route<{ Querystring: { client?: string } }>({
    method: ['GET', 'HEAD'],
    url: '/progress',
    schema: {
      tags: ['documents'],
      summary: "What this client's own requests wait for",
      description:
        'A client chooses a random id and sends it as the header `X-Client-Id` with its requests for tiles, ' +
        'images and grids. The answer covers the requests that carry the same id and wait on this process. ' +
        'The id changes no answer, ETag or cache key.',
      querystring: query({
        client: {
          type: 'string',
          pattern: CLIENT_ID,
          description: "the client's own id, 16 to 64 letters, digits, - and _",
        },
      }),
      response: progressResponses,
    },
    handler: (request, reply) => {
      reply.header('cache-control', 'no-store')
      return app.progress.report(request.query.client)
    },
  })
}
