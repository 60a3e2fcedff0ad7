import type { FastifyInstance, FastifyReply } from 'fastify'
import { etag } from '../../cache/keys.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import type { Options } from '../../core/options.ts'
import { type PictureChange, transformed } from '../../formats/transform.ts'
import type { Answer, Caller, RenderHandle } from '../../render/handle.ts'
import type { Renderer } from '../../render/renderer.ts'
import { readImageRequest } from '../../render/request.ts'
import { describe, imageOf, isProportional, readIdentifier, readRegion, readRotation, readSize } from '../iiif.ts'
import { MEDIA_TYPES } from '../mediatypes.ts'
import { originOf } from '../protocol.ts'
import { answer } from '../reply.ts'
import { iiifInfoResponses, pictureResponses } from '../responses.ts'
import { query } from '../schemas.ts'

const FORMATS = ['jpg', 'png', 'webp'] as const
const QUALITIES = ['default', 'color', 'gray']
const PROFILE = '<http://iiif.io/api/image/3/level2.json>;rel="profile"'

interface ImageAddress {
  id: string
  region: string
  size: string
  rotation: string
  quality: string
}

/** The IIIF Image API 3.0, level 2: a view as an image service, for the viewers of archives. */
export function iiifRoutes(app: FastifyInstance, renderer: Renderer, options: Options): void {
  const most = options['max-image']

  app.route<{ Params: { id: string } }>({
    method: ['GET', 'HEAD'],
    url: '/iiif/:id',
    // redirects to the next route
    schema: { hide: true, querystring: query({}) },
    handler: (request, reply) => {
      readIdentifier(request.params.id, options)
      return reply.redirect(`${service(request.params.id, originOf(request, options['public-url']))}/info.json`, 303)
    },
  })

  app.route<{ Params: { id: string } }>({
    method: ['GET', 'HEAD'],
    url: '/iiif/:id/info.json',
    schema: {
      tags: ['documents'],
      summary: 'A view as an image service (IIIF Image API 3.0)',
      querystring: query({}),
      response: iiifInfoResponses,
    },
    handler: (request, reply) => {
      const { id } = request.params
      const whole = readIdentifier(id, options)
      // a view that cannot be rendered is refused here, before a viewer asks for its tiles
      readImageRequest({ ...imageOf(whole, { x: 0, y: 0, w: 1, h: 1 }, { width: 1, height: 1 }) }, options)
      const linked = request.headers.accept?.includes('application/ld+json')
      const type = linked ? 'application/ld+json;profile="http://iiif.io/api/image/3/context.json"' : 'application/json'
      reply.type(type).header('vary', 'Accept').header('cache-control', 'public, max-age=86400').header('link', PROFILE)
      return reply.send(JSON.stringify(describe(whole, service(id, originOf(request, options['public-url'])), most)))
    },
  })

  app.route<{ Params: { file: string } }>({
    method: ['GET', 'HEAD'],
    url: '/iiif/:id/:region/:size/:rotation/:file',
    // refuses what the routes below do not take: IIIF wants 400, not 404
    schema: { hide: true },
    handler: ({ params: { file } }) => {
      const format = file.includes('.') ? file.slice(file.lastIndexOf('.') + 1) : ''
      throw new Failure('invalid', mustBe('format', `one of ${FORMATS.join(', ')}`, format))
    },
  })

  for (const format of FORMATS) {
    app.route<{ Params: ImageAddress }>({
      method: ['GET', 'HEAD'],
      url: `/iiif/:id/:region/:size/:rotation/:quality.${format}`,
      schema: {
        tags: ['pictures'],
        querystring: query({}),
        summary: 'A region of a view, in any size (IIIF Image API 3.0)',
        response: pictureResponses(format, 404),
      },
      handler: (request, reply: FastifyReply) => {
        const { id, region: regionText, size: sizeText, rotation, quality } = request.params
        const whole = readIdentifier(id, options)
        const region = readRegion(regionText, whole)
        const size = readSize(sizeText, region, most)
        if (!QUALITIES.includes(quality)) {
          throw new Failure('invalid', mustBe('quality', `one of ${QUALITIES.join(', ')}`, quality))
        }
        const stretch = isProportional(region, size) ? undefined : size
        const change = { stretch, ...readRotation(rotation), grey: quality === 'gray' }
        const image = readImageRequest(imageOf(whole, region, stretch ? enclosing(region, size, most) : size), options)
        reply.header('link', PROFILE)
        const handle = renderer.image(image, isPlain(change) ? format : 'png')
        const found = isPlain(change) ? handle : changed(handle, change, format)
        return answer(request, reply, found, MEDIA_TYPES[format])
      },
    })
  }
}

function service(id: string, origin: string): string {
  return `${origin}/iiif/${encodeURIComponent(id)}`
}

// as large as the requested size along its shorter side, with the proportions of the region. If
// that is more than the server renders, the picture is enlarged
function enclosing(
  { w, h }: { w: number; h: number },
  { width, height }: { width: number; height: number },
  most: number,
) {
  const scale = Math.min(Math.max(width / w, height / h), most / Math.max(w, h))
  return { width: Math.max(1, Math.round(w * scale)), height: Math.max(1, Math.round(h * scale)) }
}

function isPlain({ stretch, mirror, degrees, grey }: PictureChange): boolean {
  return stretch === undefined && !mirror && degrees === 0 && !grey
}

/** A handle that transforms its picture after finding it, which is as cheap as encoding. */
function changed(handle: RenderHandle, change: PictureChange, format: (typeof FORMATS)[number]): RenderHandle {
  const after = async (found: Answer | Promise<Answer>): Promise<Answer> => {
    const answer = await found
    return { ...answer, bytes: await transformed(answer.bytes, change, format) }
  }
  return {
    cacheKey: handle.cacheKey,
    etag: etag(`${handle.etag} ${JSON.stringify(change)} ${format}`),
    deepView: () => handle.deepView(),
    find: (caller?: Caller) => after(handle.find(caller)),
    peek: () => undefined,
  }
}
