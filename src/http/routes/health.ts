import type { FastifyInstance } from 'fastify'
import { RENDERER_VERSION } from '../../core/version.ts'
import { Readiness } from '../../render/readiness.ts'
import type { Renderer } from '../../render/renderer.ts'
import { healthResponses, readyResponses } from '../responses.ts'
import { query } from '../schemas.ts'

/**
 * GET /healthz: the process is alive, and its totals; it only reads counters, so it is just as fast
 * on a busy server. GET /readyz: a tile was rendered and checked, so the server may get requests.
 */
export function healthRoutes(app: FastifyInstance, renderer: Renderer): void {
  const schema = { tags: ['operation'], querystring: query({}) }

  app.route({
    method: ['GET', 'HEAD'],
    url: '/healthz',
    schema: { ...schema, summary: 'Is the process alive? With its totals', response: healthResponses },
    handler: (_request, reply) => {
      reply.header('cache-control', 'no-store')
      const { cache, images, orbits, pool, renders, tiers } = renderer
      return {
        status: 'ok',
        version: RENDERER_VERSION,
        cache: { entries: cache.size, bytes: cache.bytes, requests: cache.requests },
        tiers: tiers.states,
        orbits: { entries: orbits.size, bytes: orbits.bytes },
        images: { rendering: images.progress.making.size },
        renders,
        pool: { threads: pool.admission.slots, ...pool.load },
        memory: { resident: process.memoryUsage.rss() },
      }
    },
  })

  const readiness = new Readiness(renderer.pool)
  app.route({
    method: ['GET', 'HEAD'],
    url: '/readyz',
    schema: { ...schema, summary: 'Is the server ready? A tile is rendered and checked', response: readyResponses },
    handler: async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return { status: 'ready', seconds: (await readiness.check()) / 1000, tiers: renderer.tiers.states }
    },
  })
}
