import type { FastifyInstance } from 'fastify'
import { Failure, mustBe } from '../../core/errors.ts'
import type { Options } from '../../core/options.ts'
import { parseWhole } from '../../core/parse.ts'
import { FEATURE_KINDS, type FeatureKind, MOST_DIGITS, MOST_ITERATES } from '../../kernel/request.ts'
import { readCoordinate } from '../../plane/coordinate.ts'
import type { Renderer } from '../../render/renderer.ts'
import { readZoom, zoomForm } from '../../render/request.ts'
import { NO_TIME } from '../../render/stages.ts'
import { MEDIA_TYPES } from '../mediatypes.ts'
import { answer } from '../reply.ts'
import { nucleusResponses, orbitResponses } from '../responses.ts'
import { choice, decimal, number, query, version, whole } from '../schemas.ts'

interface PointQuery {
  re: string
  im: string
}

// the answer if nothing is found
const NONE = ['error', 'null'] as const
const NULL = new TextEncoder().encode('null')

// digits of an iterate after the point, unless more are requested: enough to place it on any screen
// that shows the whole orbit
const LEAST_DIGITS = 20
const DIGITS_FORM = `a whole number of at least 1, or auto; with n iterates at most ${MOST_DIGITS}/n`

function readDigits(text: string, own: number, count: number): number {
  const most = Math.floor(MOST_DIGITS / count)
  if (text === 'auto') return Math.min(Math.max(own, LEAST_DIGITS), most)
  const digits = parseWhole('digits', text, 1, Number.MAX_SAFE_INTEGER)
  if (digits <= most) return digits
  throw new Failure('too_expensive', mustBe('digits', `at most ${most} for ${count} iterates, or auto`, text))
}

/**
 * GET /nucleus.json, the island or Misiurewicz point that dominates a view; and GET /orbit.json, a
 * point's iterates.
 */
export function featureRoutes(app: FastifyInstance, renderer: Renderer, options: Options): void {
  const place = ({ re, im }: PointQuery) => ({
    re: readCoordinate('re', re, options['max-digits']),
    im: readCoordinate('im', im, options['max-digits']),
  })
  const where = { re: decimal(options, '-0.5'), im: decimal(options, '0') }

  app.route<{ Querystring: PointQuery & { zoom: string; kind: FeatureKind; none: (typeof NONE)[number] } }>({
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

  app.route<{ Querystring: PointQuery & { n: string; digits: string } }>({
    method: ['GET', 'HEAD'],
    url: '/orbit.json',
    schema: {
      tags: ['features'],
      summary: 'The first iterates of a point',
      description:
        'z_1 = c, z_2, …, until the first whose size is beyond 256. `digits=auto` gives as many digits after the ' +
        `point as the place itself has, at least ${LEAST_DIGITS}, and at most ${MOST_DIGITS} in all. If the orbit ` +
        'approaches a cycle: `period`, `multiplier` and `cycle`. If it escapes: `escaped`, `nu`, `distance` and ' +
        '`atom_period`. None of these if it does neither within a million iterations.',
      querystring: query({
        ...where,
        n: whole(`a whole number from 1 to ${MOST_ITERATES}`, 100),
        digits: { ...whole(DIGITS_FORM), pattern: '^(auto|[1-9][0-9]*)$', default: 'auto' },
        v: version,
      }),
      response: orbitResponses,
    },
    handler: (request, reply) => {
      const count = parseWhole('n', request.query.n, 1, MOST_ITERATES)
      const at = place(request.query)
      const digits = readDigits(request.query.digits, Math.max(at.re.scale, at.im.scale), count)
      return answer(request, reply, renderer.iterates({ ...at, count, digits }), MEDIA_TYPES.json)
    },
  })
}
