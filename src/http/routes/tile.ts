import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readAppearance } from '../../colour/appearance.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import type { Options } from '../../core/options.ts'
import { parseWhole, readNumber } from '../../core/parse.ts'
import { PICTURE_FORMATS } from '../../formats/format.ts'
import { FEATURE_KINDS, type FeatureKind, type TileRequest } from '../../kernel/request.ts'
import { DECIMAL_FORM } from '../../plane/decimal.ts'
import type { JuliaPoint } from '../../plane/tile.ts'
import { inPyramid, JULIA_MAX_ZOOM, TILE_SIZE } from '../../plane/tile.ts'
import type { Caller } from '../../render/handle.ts'
import type { Renderer } from '../../render/renderer.ts'
import { redirectToOwner } from '../affinity.ts'
import type { FastPath } from '../fastpath.ts'
import { MEDIA_TYPES } from '../mediatypes.ts'
import { answer } from '../reply.ts'
import { listedResponses, npyResponses, pictureResponses, tileNumbersResponses } from '../responses.ts'
import { AUTO, appearance, choice, query, shortEnough, tileLimit, tileParams, version } from '../schemas.ts'

interface Params {
  /** re,im of a Julia set's c */
  c?: string
  z: string
  x: string
  y: string
}

/**
 * GET /tile/{z}/{x}/{y}.png, the other formats, and the same below /julia/{re},{im}: one tile as a
 * picture or as numbers.
 */
export function tileRoutes(app: FastifyInstance, renderer: Renderer, options: Options, fastPath: FastPath): void {
  for (const prefix of ['', '/julia/:c']) routesBelow(prefix, app, renderer, options, fastPath)
  app.route<{ Params: Params; Querystring: { max_iter?: string; kind: FeatureKind } }>({
    method: ['GET', 'HEAD'],
    url: '/tile/:z/:x/:y.geojson',
    schema: {
      tags: ['features'],
      summary: 'The islands of a tile, as GeoJSON',
      description:
        'The small copies of the set, and the components attached to others, whose nucleus lies in the tile and which are ' +
        'at least 8 of its 256 pixels wide; with `kind=misiurewicz` its Misiurewicz points whose preperiod and period ' +
        'together are at most 4 more than the zoom, and 10. Coordinates are re and im.',
      params: tileParams(''),
      querystring: query({ kind: choice(FEATURE_KINDS, 'nucleus'), v: version }),
      response: listedResponses,
    },
    handler: (request, reply) => {
      const { tile } = read(request, options)
      return answer(request, reply, renderer.listed(request.query.kind, tile), MEDIA_TYPES.geojson)
    },
  })
}

function routesBelow(
  prefix: string,
  app: FastifyInstance,
  renderer: Renderer,
  options: Options,
  fastPath: FastPath,
): void {
  const described = (what: string) => ({
    tags: ['tiles'],
    summary: `${prefix === '' ? 'A tile' : "A filled Julia set's tile"} ${what}`,
    description: AUTO,
    params: tileParams(prefix),
  })
  const pictures = {
    ...described('as a picture'),
    querystring: query({ max_iter: tileLimit(options), ...appearance, v: version }),
  }
  for (const format of PICTURE_FORMATS) {
    app.route<{ Params: Params; Querystring: { max_iter: string } & Record<string, string> }>({
      method: ['GET', 'HEAD'],
      url: `${prefix}/tile/:z/:x/:y.${format}`,
      schema: { ...pictures, response: pictureResponses(format, 404, 421) },
      handler: (request, reply) => {
        const handle = renderer.tile(read(request, options), readAppearance(request.query), format)
        const find = (caller: Caller) => {
          redirectToOwner(request, reply, handle.tile)
          return handle.find(caller)
        }
        const answered = answer(request, reply, handle, MEDIA_TYPES[format], find)
        // only cached tiles: many tiles that are requested once would fill the fast path
        if (!(answered instanceof Promise)) fastPath.add(request, MEDIA_TYPES[format], handle)
        return answered
      },
    })
  }

  const numbers = {
    ...described('as smooth iteration counts'),
    querystring: query({ max_iter: tileLimit(options), v: version }),
  }
  const responses = {
    json: tileNumbersResponses,
    npy: npyResponses('size x size float64, rows from the top', 404, 421),
  }
  for (const format of ['json', 'npy'] as const) {
    app.route<{ Params: Params; Querystring: { max_iter: string } }>({
      method: ['GET', 'HEAD'],
      url: `${prefix}/tile/:z/:x/:y.${format}`,
      schema: { ...numbers, response: responses[format] },
      handler: (request, reply) => {
        const handle = renderer.numbers(read(request, options), format)
        return answer(request, reply, handle, MEDIA_TYPES[format], (caller) => {
          redirectToOwner(request, reply, handle.tile)
          return handle.find(caller)
        })
      },
    })
  }
}

/** The tile that a path names. @throws Failure if there is no such tile */
function read(
  request: FastifyRequest<{ Params: Params; Querystring: { max_iter?: string } }>,
  options: Options,
): TileRequest {
  const { params, query } = request
  const retina = params.y.endsWith('@2x')
  const z = BigInt(shortEnough('z', params.z, options))
  const x = BigInt(shortEnough('x', params.x, options))
  const y = BigInt(shortEnough('y', retina ? params.y.slice(0, -3) : params.y, options))
  const julia = params.c === undefined ? undefined : readPoint(params.c, options)
  const deepest = julia ? juliaZoom(options) : options['max-zoom']
  if (z > deepest) throw new Failure('unknown', mustBe('z', `at most ${deepest}, the deepest zoom served`, params.z))
  const zoom = Number(z)
  for (const [name, index] of [
    ['x', x],
    ['y', y],
  ] as const) {
    if (inPyramid(index, zoom)) continue
    const code = options.outside === '404' ? 'unknown' : 'invalid'
    throw new Failure(code, mustBe(name, `below 2^${zoom} at zoom ${zoom}`, String(index)))
  }
  const { max_iter: limit = 'auto' } = query
  const maxIter = limit === 'auto' ? 'auto' : parseWhole('max_iter', limit, 1, options['max-iterations'])
  const tile: TileRequest = {
    tile: { z: zoom, x, y },
    ...(julia && { julia }),
    size: retina ? 2 * TILE_SIZE : TILE_SIZE,
    maxIter,
  }
  return tile
}

/** The deepest zoom of Julia sets that is served. */
export function juliaZoom(options: Options): number {
  return Math.min(options['max-zoom'], JULIA_MAX_ZOOM)
}

// far outside the Mandelbrot set, where Julia sets are dust
const FARTHEST = 4
const POINT_FORM = `re,im, each ${DECIMAL_FORM} at most ${FARTHEST} in size`

/** The c of a Julia set: two decimal numbers, each rounded to the nearest double. */
function readPoint(text: string, options: Options): JuliaPoint {
  const parts = shortEnough('c', text, options).split(',')
  const refuse = (was: string) => new Failure('invalid', mustBe('c', POINT_FORM, was))
  if (parts.length !== 2) throw refuse(text)
  const [re, im] = parts.map((part) => {
    const value = readNumber(part)
    if (Math.abs(value) <= FARTHEST) return value
    throw refuse(text)
  }) as [number, number]
  return { re, im }
}
