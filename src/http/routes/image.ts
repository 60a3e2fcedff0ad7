import type { FastifyInstance } from 'fastify'
import type { Options } from '../../core/options.ts'
import { holds } from '../../export/imagefile.ts'
import { IMAGE_FORMATS, LARGE } from '../../formats/format.ts'
import type { Renderer } from '../../render/renderer.ts'
import {
  IMAGE_DEFAULTS,
  IMAGE_FORMS,
  type ImageParameters,
  LEAST_ZOOM,
  readImageRequest,
  zoomForm,
} from '../../render/request.ts'
import { MEDIA_TYPES } from '../mediatypes.ts'
import { answer } from '../reply.ts'
import { levelsResponses, pictureResponses } from '../responses.ts'
import { AUTO, appearance, choice, decimal, number, query, rotation, tileLimit, version, whole } from '../schemas.ts'
import { streamImage } from '../stream.ts'

/** GET /image.png and the other formats: one image centred anywhere; and GET /levels.json. */
export function imageRoutes(app: FastifyInstance, renderer: Renderer, options: Options): void {
  const { re, im, width, height } = IMAGE_DEFAULTS
  const side = `a whole number from 1 to ${options['max-image']}`
  const { default: _, ...colourZoom } = zoomNumber(options)
  const where = {
    re: decimal(options, re),
    im: decimal(options, im),
    zoom: zoomNumber(options),
    rotation: rotation(),
    mirror: { ...choice(['true', 'false'], IMAGE_DEFAULTS.mirror), description: IMAGE_FORMS.mirror },
    width: whole(side, Number(width)),
    height: whole(side, Number(height)),
    max_iter: tileLimit(options),
    v: version,
  }
  const schema = {
    tags: ['pictures'],
    summary: 'An image centred anywhere, of any size',
    description: AUTO,
    querystring: query({
      ...where,
      colour_zoom: colourZoom,
      bits: { ...choice(['8', '16'], IMAGE_DEFAULTS.bits), description: IMAGE_FORMS.bits },
      ...appearance,
    }),
  }
  app.route<{ Querystring: ImageParameters }>({
    method: ['GET', 'HEAD'],
    url: '/levels.json',
    schema: {
      tags: ['pictures'],
      summary: 'The levels that spread style=histogram evenly over a view',
      description: AUTO,
      querystring: query(where),
      response: levelsResponses,
    },
    handler: (request, reply) => {
      const handle = renderer.levels(readImageRequest(request.query, options))
      return answer(request, reply, handle, MEDIA_TYPES.json)
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
        if (image.width * image.height > LARGE) return streamImage(request, reply, renderer, handle, format)
        return answer(request, reply, handle, MEDIA_TYPES[format])
      },
    })
  }
}

// a fractional zoom may have more digits than other numbers
function zoomNumber(options: Options) {
  return { ...number(zoomForm(options, LEAST_ZOOM), IMAGE_DEFAULTS.zoom, '[+-]?'), maxLength: 100 }
}
