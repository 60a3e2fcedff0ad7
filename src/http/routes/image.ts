import type { FastifyInstance } from 'fastify'
import type { Options } from '../../core/options.ts'
import { holds } from '../../export/imagefile.ts'
import { IMAGE_FORMATS, LARGE } from '../../formats/format.ts'
import type { Renderer } from '../../render/renderer.ts'
import { IMAGE_DEFAULTS, IMAGE_FORMS, type ImageParameters, readImageRequest, zoomForm } from '../../render/request.ts'
import { MEDIA_TYPES } from '../mediatypes.ts'
import { answer } from '../reply.ts'
import { levelsResponses, pictureResponses } from '../responses.ts'
import { AUTO, appearance, choice, decimal, query, tileLimit, version, whole } from '../schemas.ts'
import { stream } from '../stream.ts'

/** GET /image.png and its like: one picture centred anywhere. */
export function imageRoutes(app: FastifyInstance, renderer: Renderer, options: Options): void {
  const { re, im, zoom, width, height } = IMAGE_DEFAULTS
  const side = `a whole number from 1 to ${options['max-image']}`
  const where = {
    re: decimal(re),
    im: decimal(im),
    zoom: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?$', default: zoom, description: zoomForm(options) },
    rotation: {
      type: 'string',
      pattern: '^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)$',
      maxLength: 24,
      default: IMAGE_DEFAULTS.rotation,
      description: IMAGE_FORMS.rotation,
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
      bits: { ...choice(['8', '16'], IMAGE_DEFAULTS.bits), description: IMAGE_FORMS.bits },
      ...appearance,
    }),
  }
  app.route<{ Querystring: ImageParameters }>({
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
      const handle = renderer.levels(readImageRequest(request.query, options))
      return answer(request, reply, handle.etag, MEDIA_TYPES.json, handle.find)
    },
  })
  for (const format of IMAGE_FORMATS) {
    app.route<{ Querystring: ImageParameters }>({
      method: ['GET', 'HEAD'],
      url: `/image.${format}`,
      schema: { ...schema, response: pictureResponses(format) },
      handler: (request, reply) => {
        const image = readImageRequest(request.query, options)
        const handle = renderer.image(image, format)
        holds(image, format)
        if (image.width * image.height > LARGE) return stream(request, reply, renderer, handle, format)
        return answer(request, reply, handle.etag, MEDIA_TYPES[format], handle.find)
      },
    })
  }
}
