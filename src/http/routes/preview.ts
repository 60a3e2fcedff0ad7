import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../../core/errors.ts'
import type { Options } from '../../core/options.ts'
import { parseWhole } from '../../core/parse.ts'
import { parseDecimal } from '../../plane/decimal.ts'
import type { Caller, ImageHandle } from '../../render/handle.ts'
import type { Renderer } from '../../render/renderer.ts'
import { MEDIA_TYPES } from '../mediatypes.ts'
import { answer } from '../reply.ts'
import { pictureResponses } from '../responses.ts'
import { look, query, whole } from '../schemas.ts'
import {
  type Look,
  PREVIEW,
  previewImage,
  readShortView,
  readView,
  type SharedView,
  type ViewPath,
} from '../sharedview.ts'

/** Some programs ignore pictures of more than 300 KB. */
const LARGEST = 300_000 // bytes

// Programs that preview links give up after about ten seconds, and ask again later. A render that
// takes longer than LONGEST would keep a thread busy for a picture that nobody sees.
const LONGEST = 30 // seconds

// The most samples times iterations, where that is known before: as many as a thread of 1e9
// iterations a second takes in LONGEST.
const MOST_COST = 1e9 * LONGEST

// How long to cache the replacement: the next reader may find a less busy server.
const STAND_IN = 'public, max-age=300'

interface Size {
  width: string | undefined
  height: string | undefined
}

/**
 * GET /at/{zoom}/{re}/{im}/preview.webp, and the same by the id of a view: the picture that
 * previews of the link show. It is rendered in the bulk lane, within LONGEST; if that is not
 * enough, the whole set in the same style replaces it.
 */
export function previewRoutes(app: FastifyInstance, renderer: Renderer, options: Options): void {
  const schema = {
    tags: ['pictures'],
    summary: 'The picture for previews of a link to a view',
    description: `If it takes more than ${MOST_COST} samples times iterations or ${LONGEST} seconds, the whole set in the same style replaces it.`,
    response: pictureResponses('webp'),
  }
  const size = {
    width: whole(`a whole number from 1 to ${PREVIEW.width}`, PREVIEW.width),
    height: whole(`a whole number from 1 to ${PREVIEW.height}`, PREVIEW.height),
  }

  app.route<{ Params: ViewPath; Querystring: Look & Size }>({
    method: ['GET', 'HEAD'],
    url: '/at/:zoom/:re/:im/preview.webp',
    schema: { ...schema, querystring: query({ ...look(options), ...size }) },
    handler: (request, reply) => {
      const { width, height, ...colours } = request.query
      return send(request, reply, readView(request.params, colours, options), { width, height })
    },
  })

  app.route<{ Params: { view: string }; Querystring: Size }>({
    method: ['GET', 'HEAD'],
    url: '/at/:view/preview.webp',
    schema: { ...schema, querystring: query(size) },
    handler: (request, reply) => send(request, reply, readShortView(request.params.view, options), request.query),
  })

  function send(
    request: FastifyRequest,
    reply: FastifyReply,
    view: SharedView,
    { width = String(PREVIEW.width), height = String(PREVIEW.height) }: Partial<Size>,
  ) {
    const across = parseWhole('width', width, 1, PREVIEW.width)
    const down = parseWhole('height', height, 1, PREVIEW.height)
    const bounds = { maxCost: MOST_COST, maxBytes: LARGEST }
    const handleOf = (shown: SharedView) => renderer.image(previewImage(shown, across, down), 'webp', bounds)
    const { appearance } = view
    const standIn = handleOf({ ...WHOLE_SET, appearance })
    const showStandIn = (caller: Caller) => {
      reply.removeHeader('etag').header('cache-control', STAND_IN)
      return standIn.find(caller)
    }
    let picture: ImageHandle
    try {
      picture = handleOf(view)
    } catch (error) {
      if (!isTooExpensive(error)) throw error
      return answer(request, reply, standIn, MEDIA_TYPES.webp, showStandIn)
    }
    return answer(request, reply, picture, MEDIA_TYPES.webp, async (caller) => {
      const time = AbortSignal.timeout(1000 * LONGEST)
      try {
        return await picture.find(hurried(caller, time))
      } catch (error) {
        if (caller.signal?.aborted || !(time.aborted || isTooExpensive(error))) throw error
        return showStandIn(caller)
      }
    })
  }
}

function isTooExpensive(error: unknown): boolean {
  return error instanceof Failure && error.code === 'too_expensive'
}

/** The same caller, with a shorter time limit. */
function hurried(caller: Caller, time: AbortSignal): Caller {
  return {
    signal: caller.signal ? AbortSignal.any([caller.signal, time]) : time,
    spend: (seconds) => caller.spend?.(seconds) ?? (() => {}),
  }
}

// 630 pixels show 3.2 of the plane, of which the set takes 2.3
const WHOLE_SET = {
  re: parseDecimal('-0.75')!,
  im: parseDecimal('0')!,
  zoom: 1.2,
  rotation: 0,
  maxIter: 'auto',
} as const
