import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Options } from '../../core/options.ts'
import { parseWhole } from '../../core/parse.ts'
import { previewHead } from '../previewhead.ts'
import { originOf } from '../protocol.ts'
import { oembedResponses, pageResponses } from '../responses.ts'
import { look, query } from '../schemas.ts'
import {
  type Look,
  PREVIEW,
  previewSize,
  readShortView,
  readView,
  readViewUrl,
  type SharedView,
  titleOf,
  type ViewPath,
  viewAddress,
} from '../sharedview.ts'

/**
 * GET /at/{zoom}/{re}/{im}: the page for a view, with the data for link previews: title,
 * description, picture, oEmbed. A fragment never reaches a server, so a link with a preview has the
 * view in its path. /at/{view} is the same for views whose address would be too long. And GET
 * /oembed.
 */
export function shareRoutes(app: FastifyInstance, options: Options, root: string, policy: string): void {
  // the page without the metadata of a view
  const page = replaceBetween(readFileSync(join(root, 'index.html'), 'utf8'), '<meta name="description"', '/>', '')
  const headers = {
    'cache-control': 'public, max-age=3600',
    // for <base>
    'content-security-policy': policy.replace("base-uri 'none'", "base-uri 'self'"),
  }
  const schema = { tags: ['documents'], response: pageResponses }

  function send(request: FastifyRequest, reply: FastifyReply, view: SharedView, base: string): FastifyReply {
    const head = previewHead(view, originOf(request, options['public-url']), base)
    reply.headers(headers).type('text/html; charset=utf-8')
    return reply.send(replaceBetween(page, '<title>', '</title>', head))
  }

  app.route<{ Params: ViewPath; Querystring: Look }>({
    method: ['GET', 'HEAD'],
    url: '/at/:zoom/:re/:im',
    schema: {
      ...schema,
      summary: 'The map at a view, with title and picture for link previews',
      querystring: query({ ...look(options), ...PAGE }),
    },
    handler: (request, reply) => {
      const { embed: _, lang: __, ...named } = request.query
      return send(request, reply, readView(request.params, named, options), '../../../')
    },
  })

  app.route<{ Params: { view: string } }>({
    method: ['GET', 'HEAD'],
    url: '/at/:view',
    schema: {
      ...schema,
      summary: 'The same by the id of a view, for views whose address would be longer than 2,000 characters',
      querystring: query(PAGE),
    },
    handler: (request, reply) => send(request, reply, readShortView(request.params.view, options), '../'),
  })

  app.route<{ Querystring: { url: string; format?: string; maxwidth?: string; maxheight?: string } }>({
    method: ['GET', 'HEAD'],
    url: '/oembed',
    schema: {
      tags: ['documents'],
      summary: 'The picture of a view for pages that embed links (oEmbed 1.0)',
      querystring: {
        ...query({
          url: { type: 'string', maxLength: 20_000, description: 'the address of a page /at/{zoom}/{re}/{im}' },
          format: { type: 'string', enum: ['json'], description: 'json' },
          maxwidth: { type: 'string', maxLength: 10, description: 'a whole number of pixels' },
          maxheight: { type: 'string', maxLength: 10, description: 'a whole number of pixels' },
        }),
        required: ['url'],
      },
      response: oembedResponses,
    },
    handler: (request, reply) => {
      const { url, maxwidth = String(PREVIEW.width), maxheight = String(PREVIEW.height) } = request.query
      const view = readViewUrl(url, options)
      const { width, height } = previewSize(whole('maxwidth', maxwidth), whole('maxheight', maxheight))
      const size = width === PREVIEW.width ? {} : { width: `${width}`, height: `${height}` }
      reply.header('cache-control', 'public, max-age=3600')
      const origin = originOf(request, options['public-url'])
      return {
        version: '1.0',
        type: 'photo',
        title: titleOf(view),
        provider_name: 'mandeltiles',
        provider_url: `${origin}/`,
        url: viewAddress(view, origin, new URLSearchParams(size)),
        width,
        height,
      }
    },
  })
}

// read by the page itself
const PAGE = {
  embed: { type: 'string', enum: ['', 'true'], description: 'empty or true: the map without tools' },
  lang: { type: 'string', maxLength: 8, description: 'the language of the page, at most 8 characters' },
}

const whole = (name: string, text: string) => parseWhole(name, text, 1, 1e6)

/** Replaces the part of a text from `start` to `end`, both included. */
function replaceBetween(text: string, start: string, end: string, by: string): string {
  const from = text.indexOf(start)
  const to = text.indexOf(end, from) + end.length
  return text.slice(0, from) + by + text.slice(to)
}
