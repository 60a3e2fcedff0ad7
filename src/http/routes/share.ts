import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Appearance, readAppearance, writeAppearance } from '../../colour/appearance.ts'
import { Failure, mustBe } from '../../core/errors.ts'
import type { Options } from '../../core/options.ts'
import { parseWhole } from '../../core/parse.ts'
import type { IterationLimit } from '../../kernel/request.ts'
import { readCoordinate } from '../../plane/coordinate.ts'
import { formatDecimal } from '../../plane/decimal.ts'
import { readZoom } from '../../render/request.ts'
import { originOf } from '../protocol.ts'
import { viewTitle } from '../regions.ts'
import { oembedResponses, pageResponses } from '../responses.ts'
import { appearance, query, tileLimit } from '../schemas.ts'

// the size that previews of links are shown at (Open Graph), and samples along a pixel's side
const [WIDTH, HEIGHT, AA] = [1200, 630, 2]

interface Address {
  zoom: string
  re: string
  im: string
}
type Colours = Record<string, string | undefined>

/** A view as a link names it: everything as text that is read again in the same way. */
interface SharedView {
  title: string
  zoom: string
  re: string
  im: string
  appearance: Appearance
  maxIter: IterationLimit
}

/**
 * GET /at/{zoom}/{re}/{im}: the page for a view, with the data for link previews: title,
 * description, picture, oEmbed. A fragment never reaches a server, so a link that is to show its
 * picture names the view in its path. And GET /oembed.
 */
export function shareRoutes(app: FastifyInstance, options: Options, root: string, policy: string): void {
  // the page without what is said of each view
  const page = replaceBetween(readFileSync(join(root, 'index.html'), 'utf8'), '<meta name="description"', '/>', '')
  // <base> leads the page's own relative addresses back to where the page lies
  const headers = {
    'cache-control': 'public, max-age=3600',
    'content-security-policy': policy.replace("base-uri 'none'", "base-uri 'self'"),
  }
  const { aa: _, ...colours } = appearance

  app.route<{ Params: Address; Querystring: Colours }>({
    method: ['GET', 'HEAD'],
    url: '/at/:zoom/:re/:im',
    schema: {
      tags: ['documents'],
      summary: 'The map at a view, with title and picture for previews of links',
      querystring: query({ ...colours, max_iter: tileLimit(options) }),
      response: pageResponses,
    },
    handler: (request, reply) => {
      const view = readView(request.params, request.query, options)
      reply.headers(headers).type('text/html; charset=utf-8')
      return reply.send(
        replaceBetween(page, '<title>', '</title>', head(view, originOf(request, options['public-url']))),
      )
    },
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
      const { url, maxwidth = String(WIDTH), maxheight = String(HEIGHT) } = request.query
      const view = readUrl(url, options)
      const scale = Math.min(1, whole('maxwidth', maxwidth) / WIDTH, whole('maxheight', maxheight) / HEIGHT)
      const [width, height] = [WIDTH, HEIGHT].map((side) => Math.max(1, Math.floor(side * scale))) as [number, number]
      reply.header('cache-control', 'public, max-age=3600')
      const origin = originOf(request, options['public-url'])
      return {
        version: '1.0',
        type: 'photo',
        title: view.title,
        provider_name: 'mandeltiles',
        provider_url: `${origin}/`,
        url: pictureUrl(view, origin, width, height),
        width,
        height,
      }
    },
  })
}

const whole = (name: string, text: string) => parseWhole(name, text, 1, 1e6)

/** @throws Failure with a sentence that names the part */
function readView(
  { zoom, re, im }: Address,
  { max_iter: limit = 'auto', ...colours }: Colours,
  options: Options,
): SharedView {
  const [x, y] = [readCoordinate('re', re, options['max-digits']), readCoordinate('im', im, options['max-digits'])]
  const depth = readZoom(zoom, options)
  return {
    title: viewTitle(x, y, depth),
    zoom: String(depth),
    re: formatDecimal(x),
    im: formatDecimal(y),
    appearance: readAppearance(colours),
    maxIter: limit === 'auto' ? limit : parseWhole('max_iter', limit, 1, options['max-iterations']),
  }
}

function readUrl(text: string, options: Options): SharedView {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const [, zoom = '', re = '', im = ''] = /\/at\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(url?.pathname ?? '') ?? []
  if (!url || im === '') {
    throw new Failure('invalid', mustBe('url', 'the address of a page /at/{zoom}/{re}/{im}', text))
  }
  return readView({ zoom, re, im }, Object.fromEntries(url.searchParams), options)
}

/** The view's parameters by the names of the query. */
function parameters({ appearance, maxIter }: SharedView): URLSearchParams {
  const { aa: _, ...named } = writeAppearance(appearance)
  return new URLSearchParams({ ...named, ...(maxIter !== 'auto' && { max_iter: String(maxIter) }) })
}

function pictureUrl(view: SharedView, origin: string, width: number, height: number): string {
  const { re, im, zoom } = view
  // the map's pixels are those of a picture as wide as the screen: a smaller one shows the same in
  // fewer pixels
  const scaled = Number(zoom) - Math.log2(WIDTH / width)
  const where = new URLSearchParams({
    re,
    im,
    zoom: String(Math.max(0, scaled)),
    width: `${width}`,
    height: `${height}`,
    aa: `${AA}`,
  })
  return `${origin}/image.webp?${where}&${parameters(view)}`
}

function head(view: SharedView, origin: string): string {
  const { title, zoom, re, im, appearance, maxIter } = view
  const address = `${origin}/at/${zoom}/${re}/${im}?${parameters(view)}`
  const description = `The Mandelbrot set at ${excerpt(re)} + ${excerpt(im)} i. Zoom on from here.`
  const picture = pictureUrl(view, origin, WIDTH, HEIGHT)
  const look = { ...writeAppearance(appearance), ...(maxIter !== 'auto' && { iter: String(maxIter) }) }
  const fragment = [`${zoom}/${re}/${im}`, ...Object.entries(look).map(([name, value]) => `${name}=${value}`)].join('&')
  const meta = (key: 'name' | 'property', name: string, content: string) =>
    `<meta ${key}="${name}" content="${escaped(content)}" />`
  return [
    `<base href="../../../" />`,
    `<title>${escaped(title)}</title>`,
    `<link rel="canonical" href="${escaped(address)}" />`,
    `<link rel="alternate" type="application/json+oembed" href="${escaped(`${origin}/oembed?url=${encodeURIComponent(address)}`)}" title="${escaped(title)}" />`,
    meta('name', 'mandeltiles-view', fragment),
    meta('name', 'description', description),
    meta('property', 'og:type', 'website'),
    meta('property', 'og:title', title),
    meta('property', 'og:description', description),
    meta('property', 'og:url', address),
    meta('property', 'og:image', picture),
    meta('property', 'og:image:type', 'image/webp'),
    meta('property', 'og:image:width', String(WIDTH)),
    meta('property', 'og:image:height', String(HEIGHT)),
    meta('property', 'og:image:alt', `${title}: the picture of this place`),
    meta('name', 'twitter:card', 'summary_large_image'),
    meta('name', 'twitter:title', title),
    meta('name', 'twitter:description', description),
    meta('name', 'twitter:image', picture),
  ].join('\n    ')
}

/** A coordinate as a sentence shows it. */
function excerpt(text: string): string {
  return text.length > 14 ? `${text.slice(0, 13)}…` : text
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Replaces the part of a text from `start` to `end`, including both. */
function replaceBetween(text: string, start: string, end: string, by: string): string {
  const from = text.indexOf(start)
  const to = text.indexOf(end, from) + end.length
  return text.slice(0, from) + by + text.slice(to)
}
