import type { FastifyInstance } from 'fastify'
import { Failure } from '../../core/errors.ts'
import type { Options } from '../../core/options.ts'
import { parseWhole } from '../../core/parse.ts'
import { FEATURE_KINDS, type FeatureKind, MOST_ITERATES } from '../../kernel/request.ts'
import { readCoordinate } from '../../plane/coordinate.ts'
import type { Renderer } from '../../render/renderer.ts'
import { readZoom, zoomForm } from '../../render/request.ts'
import { NO_TIME } from '../../render/stages.ts'
import { MEDIA_TYPES } from '../mediatypes.ts'
import { answer } from '../reply.ts'
import { nucleusResponses, orbitResponses } from '../responses.ts'
import { choice, decimal, number, query, version, whole } from '../schemas.ts'

interface Place {
  re: string
  im: string
}

// the answer if nothing is found
const NONE = ['error', 'null'] as const
const NULL = new TextEncoder().encode('null')

/**
 * GET /nucleus.json, the island or Misiurewicz point that dominates a view; and GET /orbit.json, a
 * point's iterates.
 */
export function featureRoutes(app: FastifyInstance, renderer: Renderer, options: Options): void {
  const place = ({ re, im }: Place) => ({
    re: readCoordinate('re', re, options['max-digits']),
    im: readCoordinate('im', im, options['max-digits']),
  })
  const where = { re: decimal(options, '-0.5'), im: decimal(options, '0') }

  app.route<{ Querystring: Place & { zoom: string; kind: FeatureKind; none: (typeof NONE)[number] } }>({
    method: ['GET', 'HEAD'],
    url: '/nucleus.json',
    schema: {
      tags: ['features'],
      summary: 'The island that dominates a view',
      description:
        'The nucleus of the lowest period in the square that a tile of this zoom would show around the place; ' +
        'with `kind=misiurewicz` the Misiurewicz point of the lowest preperiod and period. 404 if none is found, or ' +
        'null with `none=null`, for pages that want no error in the browser console.',
      querystring: query({
        ...where,
        zoom: { ...number(zoomForm(options), '0'), maxLength: 100 },
        kind: choice(FEATURE_KINDS, 'nucleus'),
        none: choice(NONE, 'error'),
        v: version,
      }),
      response: nucleusResponses,
    },
    handler: (request, reply) => {
      const { zoom, kind, none } = request.query
      const handle = renderer.feature({ ...place(request.query), zoom: readZoom(zoom, options), kind })
      return answer(request, reply, handle, MEDIA_TYPES.json, async (caller) => {
        try {
          return await handle.find(caller)
        } catch (error) {
          const nothing = error instanceof Failure && error.code === 'unknown' && none === 'null'
          if (!nothing) throw error
          return { bytes: NULL, limit: 0, cache: 'miss', timing: NO_TIME }
        }
      })
    },
  })

  app.route<{ Querystring: Place & { n: string } }>({
    method: ['GET', 'HEAD'],
    url: '/orbit.json',
    schema: {
      tags: ['features'],
      summary: 'The first iterates of a point',
      description:
        'z_1 = c, z_2, …, each with 20 digits behind the point, until the first whose size is beyond 256; ' +
        '`period` and `multiplier` where the orbit is seen to approach a cycle.',
      querystring: query({ ...where, n: whole(`a whole number from 1 to ${MOST_ITERATES}`, 100), v: version }),
      response: orbitResponses,
    },
    handler: (request, reply) => {
      const count = parseWhole('n', request.query.n, 1, MOST_ITERATES)
      return answer(request, reply, renderer.iterates({ ...place(request.query), count }), MEDIA_TYPES.json)
    },
  })
}
