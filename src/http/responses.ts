// What the server answers, as JSON schemas. The OpenAPI document is made of these, and the tests hold live answers to them.

import { APPEARANCE_FORMS } from '../colour/appearance.ts'
import { PALETTE_NAMES } from '../colour/palettes.ts'
import type { ImageFormat } from '../formats/format.ts'
import { MEDIA_TYPES } from './mediatypes.ts'

const text = (description: string) => ({ type: 'string', description })
const number = (description: string) => ({ type: 'number', description })
const count = (description: string) => ({ type: 'integer', minimum: 0, description })
const rows = (description: string) => ({
  type: 'array',
  description,
  items: { type: 'array', items: { type: 'number' } },
})

/** An object of these properties and no others: all of the first are there, the second where there is something to say. */
const object = (properties: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties: { ...properties, ...optional },
})

const problem = object({
  type: text('about:blank'),
  title: text('the status in words'),
  status: count('the status'),
  detail: text('what it names, what it may be, and what it was'),
})

const PROBLEMS = {
  400: 'a parameter is not understood, or the request is dearer than one may be',
  404: 'there is nothing here, or the zoom is deeper than the deepest served',
  421: 'rendered where its neighbours are: X-Neighbourhood names them (only where a balancer asks for it)',
  429: 'this client has rendered its share (only where such a share is set); Retry-After says when to come back',
  503: 'the queue is full, the wait or the deadline too long; Retry-After says when to come back',
} as const

/** One answer of a media type. */
const content = (description: string, type: string, schema: object, headers: Record<string, object> = {}) => ({
  description,
  content: { [type.split(';')[0]!]: { schema } },
  ...(Object.keys(headers).length > 0 ? { headers } : {}),
})

/** The failures that a route may answer with. */
const problems = (...statuses: (keyof typeof PROBLEMS)[]) =>
  Object.fromEntries(
    statuses.map((status) => {
      const later = status === 429 || status === 503
      const headers = later ? { 'retry-after': text('seconds after which to come back') } : {}
      return [status, content(PROBLEMS[status], 'application/problem+json', problem, headers)]
    }),
  )

const VALIDATORS = {
  etag: text('known before rendering; strong'),
  'cache-control': text('a day; a year and immutable with the current version as v'),
  'surrogate-key': text("for a content delivery network to purge by: all of mandeltiles, and the renderer's version"),
}
const MADE = {
  ...VALIDATORS,
  'x-cache': { type: 'string', enum: ['HIT', 'MISS', 'COALESCED'], description: 'whether it was there already' },
  'server-timing': text('milliseconds in the queue, of rendering and of encoding'),
}

/** What a key determines: the bytes, 304 where the client has them, and the ways to fail. */
const rendered = (description: string, type: string, schema: object, ...statuses: (keyof typeof PROBLEMS)[]) => ({
  200: content(description, type, schema, MADE),
  304: { description: 'the client has these bytes', type: 'null', headers: VALIDATORS },
  ...problems(400, ...statuses, 429, 503),
})

const binary = (type: string) => ({ type: 'string', contentMediaType: type })

/** A picture. */
export const pictureResponses = (format: ImageFormat, ...statuses: (keyof typeof PROBLEMS)[]) =>
  rendered('the picture', MEDIA_TYPES[format], binary(MEDIA_TYPES[format]), ...statuses)

/** A NumPy array. */
export const npyResponses = (description: string, ...statuses: (keyof typeof PROBLEMS)[]) =>
  rendered(description, MEDIA_TYPES.npy, binary(MEDIA_TYPES.npy), ...statuses)

export const tileNumbersResponses = rendered(
  'the tile as smooth iteration counts',
  MEDIA_TYPES.json,
  object(
    {
      z: count('the zoom'),
      x: text('the column, of any number of digits'),
      y: text('the row, of any number of digits'),
      size: count('samples a side'),
      max_iter: count('the iteration limit that held'),
      counts: object({
        escaped: count('samples that escaped'),
        interior: count('samples proven to belong to the set'),
        limited: count('samples that met the limit'),
      }),
      values: rows('rows from the top; -1 is proven interior, -2 met the limit'),
    },
    { c: object({ re: number('of the c of a Julia set'), im: number('of the c of a Julia set') }) },
  ),
  404,
)

export const gridResponses = rendered(
  'the grid',
  MEDIA_TYPES.json,
  object({
    x0: text('first column'),
    y0: text('first row'),
    x1: text('where the column after the last would be'),
    y1: text('where the row after the last would be'),
    grid: count('samples a side'),
    max_iter: count('the iteration limit'),
    precision: {
      type: 'string',
      enum: ['float32', 'float64', 'perturbation'],
      description: 'the arithmetic that held',
    },
    values: rows('rows from y0 on: 1 - n/max_iter, or 0 where the limit was reached'),
  }),
)

const json = (description: string, schema: object, ...statuses: (keyof typeof PROBLEMS)[]) => ({
  200: content(description, MEDIA_TYPES.json, schema),
  ...problems(400, ...statuses),
})

export const tileJsonResponses = json(
  'TileJSON 3.0.0',
  object({
    tilejson: { const: '3.0.0' },
    name: text(''),
    description: text(''),
    version: text("the package's version"),
    scheme: { const: 'xyz' },
    tiles: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^https?://.*/\\{z\\}/\\{x\\}/\\{y\\}' } },
    minzoom: { const: 0 },
    maxzoom: { type: 'integer', minimum: 0, maximum: 30, description: 'TileJSON knows no deeper zoom than 30' },
    bounds: { type: 'array', minItems: 4, maxItems: 4, items: { type: 'number' } },
    center: { type: 'array', minItems: 3, maxItems: 3, items: { type: 'number' } },
    mandeltiles: object({
      maxzoom: count('the deepest zoom served'),
      version: text("the renderer's version, for v"),
      julia: object({
        tiles: { type: 'array', items: { type: 'string' } },
        maxzoom: count('the deepest zoom of Julia sets'),
      }),
      max_iter: object({ min: count('lowest iteration limit'), max: count('highest iteration limit') }),
      max_image: count('longest side of a picture, in pixels'),
    }),
  }),
)

const colour = { type: 'string', pattern: '^#[0-9a-f]{6}$' }
export const levelsResponses = rendered(
  'the levels',
  MEDIA_TYPES.json,
  object({ levels: text(APPEARANCE_FORMS.levels) }),
)

export const palettesResponses = json(
  'the palettes',
  object({
    default: { type: 'string', enum: PALETTE_NAMES },
    palettes: {
      type: 'array',
      items: object({
        name: { type: 'string', enum: PALETTE_NAMES },
        title: text('its name for people'),
        colours: { type: 'array', items: colour, description: 'samples round its cycle' },
        exterior: colour,
        stops: {
          type: 'array',
          description: 'its gradient: positions from 0 to 1 in the cycle, and the colours there',
          items: { type: 'array', minItems: 2, maxItems: 2, prefixItems: [{ type: 'number' }, colour] },
        },
        set: colour,
      }),
    },
  }),
)

const tiers = {
  type: 'array',
  description: 'the caches below memory',
  items: object(
    {
      name: { type: 'string', enum: ['disk', 'redis', 'redis-orbits'] },
      requests: object({ hit: count('found'), miss: count('not there'), damaged: count('there, but not whole') }),
      errors: count('reads and writes that failed'),
      dropped: count('answers not written, since too many waited to be'),
    },
    { bytes: count('bytes that they take'), fault: text('what is wrong now: they are done without') },
  ),
}

export const healthResponses = json(
  'the process lives',
  object({
    status: { const: 'ok' },
    version: text("the renderer's version"),
    cache: object({
      entries: count('answers kept'),
      bytes: count('memory they take'),
      requests: object({
        hit: count('found'),
        miss: count('rendered'),
        coalesced: count('waited for what was under way'),
      }),
    }),
    tiers,
    orbits: object({
      entries: count('reference orbits kept'),
      bytes: count('memory they take'),
      making: {
        type: 'array',
        items: object({
          key: text('neighbourhood and class'),
          reached: count('iterations'),
          limit: count('most of them'),
        }),
      },
    }),
    images: object({
      making: {
        type: 'array',
        items: object({ etag: text('of the picture'), done: number('the part that is done') }),
      },
    }),
    renders: object({
      tile: count('tiles begun'),
      grid: count('grids begun'),
      image: count('pictures begun'),
      orbit: count('orbits begun'),
    }),
    pool: object({ threads: count('workers'), queued: count('renders that wait'), running: count('renders that run') }),
    memory: object({ resident: count('bytes') }),
  }),
)

export const readyResponses = json(
  'a tile was rendered and its numbers are right',
  object({ status: { const: 'ready' }, seconds: number('since the check that holds'), tiers }),
  503,
)

export const metricsResponses = {
  200: content('Prometheus text format', 'text/plain', { type: 'string' }),
  ...problems(400),
}

export const openapiResponses = {
  200: content('this document', MEDIA_TYPES.json, { type: 'object' }),
  ...problems(400),
}
