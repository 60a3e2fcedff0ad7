import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readCoordinate } from '../coordinate.ts'
import { PICTURE_FORMATS } from '../encode.ts'
import { Failure, mustBe } from '../errors.ts'
import { imageKey } from '../key.ts'
import type { Options } from '../options.ts'
import type { Renderer } from '../renderer.ts'
import type { ImageRequest } from '../request.ts'
import { answer } from './answer.ts'
import { decimal, type LookQuery, look, query, readLook, tileLimit, version, whole, wholeNumber } from './parameters.ts'
import { pictureResponses } from './responses.ts'
import { TYPES } from './types.ts'

interface Query extends LookQuery {
  re: string
  im: string
  zoom: string
  width: string
  height: string
  max_iter: string
}

/** GET /image.png and its like: one picture centred anywhere. */
export function imageRoutes(app: FastifyInstance, renderer: Renderer, options: Options): void {
  const side = `a whole number from 1 to ${options['max-image']}`
  const schema = {
    tags: ['pictures'],
    summary: 'A picture centred anywhere, of any size',
    querystring: query({
      re: decimal('-0.5'),
      im: decimal('0'),
      zoom: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?$', default: '0', description: zoomForm(options) },
      width: whole(side, 1024),
      height: whole(side, 768),
      max_iter: tileLimit(options),
      ...look,
      v: version,
    }),
  }
  for (const format of PICTURE_FORMATS) {
    app.route<{ Querystring: Query }>({
      method: ['GET', 'HEAD'],
      url: `/image.${format}`,
      schema: { ...schema, response: pictureResponses(format) },
      handler: (request, reply) => {
        const image = read(request, options)
        renderer.affordable(image.width * image.height, image.maxIter)
        return answer(request, reply, `${imageKey(image)} ${format}`, TYPES[format], (signal) =>
          renderer.image(image, format, { signal }),
        )
      },
    })
  }
}

function zoomForm(options: Options): string {
  return `a number from 0 to ${options['max-zoom']}, maybe with a fraction`
}

function read({ query }: FastifyRequest<{ Querystring: Query }>, options: Options): ImageRequest {
  const zoom = Number(query.zoom)
  if (zoom > options['max-zoom']) throw new Failure('invalid', mustBe('zoom', zoomForm(options), query.zoom))
  const limit = query.max_iter
  return {
    re: readCoordinate('re', query.re, options['max-digits']),
    im: readCoordinate('im', query.im, options['max-digits']),
    zoom,
    width: wholeNumber('width', query.width, 1, options['max-image']),
    height: wholeNumber('height', query.height, 1, options['max-image']),
    maxIter: limit === 'auto' ? 'auto' : wholeNumber('max_iter', limit, 1, options['max-iterations']),
    look: readLook(query),
  }
}
