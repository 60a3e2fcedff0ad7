import type { FastifyInstance } from 'fastify'
import { LARGE, STILL_FORMATS } from '../encode.ts'
import { LEVELS_SIDE, levelsView, pictureName, pictureView } from '../image.ts'
import { etag, levelsKey } from '../key.ts'
import type { Options } from '../options.ts'
import type { Renderer } from '../renderer.ts'
import { readStill, STILL_DEFAULTS, STILL_FORMS, type StillText, zoomForm } from '../still.ts'
import { holds } from '../stillfile.ts'
import { resolved } from '../view.ts'
import { answer } from './answer.ts'
import { AUTO, choice, decimal, look, query, tileLimit, version, whole } from './parameters.ts'
import { levelsResponses, pictureResponses } from './responses.ts'
import { stream } from './stream.ts'
import { TYPES } from './types.ts'

/** GET /image.png and its like: one picture centred anywhere. */
export function imageRoutes(app: FastifyInstance, renderer: Renderer, options: Options): void {
  const { re, im, zoom, width, height } = STILL_DEFAULTS
  const side = `a whole number from 1 to ${options['max-image']}`
  const where = {
    re: decimal(re),
    im: decimal(im),
    zoom: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?$', default: zoom, description: zoomForm(options) },
    rotation: {
      type: 'string',
      pattern: '^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)$',
      maxLength: 24,
      default: STILL_DEFAULTS.rotation,
      description: STILL_FORMS.rotation,
    },
    width: whole(side, Number(width)),
    height: whole(side, Number(height)),
    max_iter: tileLimit(options),
    v: version,
  }
  const schema = {
    tags: ['pictures'],
    summary: 'A picture centred anywhere, of any size',
    description: AUTO,
    querystring: query({
      ...where,
      bits: { ...choice(['8', '16'], STILL_DEFAULTS.bits), description: STILL_FORMS.bits },
      ...look,
    }),
  }
  app.route<{ Querystring: StillText }>({
    method: ['GET', 'HEAD'],
    url: '/levels.json',
    schema: {
      tags: ['pictures'],
      summary: 'What style=histogram takes to show a view evenly',
      description: AUTO,
      querystring: query(where),
      response: levelsResponses,
    },
    handler: (request, reply) => {
      const image = readStill(request.query, options)
      renderer.affordable(LEVELS_SIDE ** 2, image.maxIter, () => !resolved(levelsView(image)))
      return answer(request, reply, etag(levelsKey(image)), TYPES.json, (caller) => renderer.levels(image, caller))
    },
  })
  for (const format of STILL_FORMATS) {
    app.route<{ Querystring: StillText }>({
      method: ['GET', 'HEAD'],
      url: `/image.${format}`,
      schema: { ...schema, response: pictureResponses(format) },
      handler: (request, reply) => {
        const image = readStill(request.query, options)
        renderer.affordable(
          image.width * image.height * image.look.aa ** 2,
          image.maxIter,
          () => !resolved(pictureView(image)),
        )
        holds(image, format)
        if (image.width * image.height > LARGE) return stream(request, reply, renderer, image, format)
        return answer(request, reply, etag(pictureName(image, format)), TYPES[format], (caller) =>
          renderer.image(image, format, caller),
        )
      },
    })
  }
}
