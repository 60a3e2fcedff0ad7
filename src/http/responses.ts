// What the server answers, as JSON schemas. The OpenAPI document is made of these, and the tests
// check live answers against them.
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

/** An object of these properties and no others; the second ones are optional. */
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
  detail: text('the field, its allowed values, and the value received'),
})

const PROBLEMS = {
  400: 'a parameter is not understood, or the request costs more than one may',
  404: 'there is nothing here, or the zoom is deeper than the deepest served',
  421: 'another replica renders this neighbourhood, which X-Neighbourhood names (only if a load balancer asks)',
  416: 'the requested Range lies behind the end of the picture',
  429: 'this client has used up its renders (only if they are limited); Retry-After says when to try again',
  503: 'the queue is full, or the wait or the deadline too long; Retry-After says when to try again',
} as const

/** One answer of a media type. */
const content = (description: string, type: string, schema: object, headers: Record<string, object> = {}) => ({
  description,
  content: { [type.split(';')[0]!]: { schema } },
  ...(Object.keys(headers).length > 0 ? { headers } : {}),
})

/** The failures that a route may give. */
const problems = (...statuses: (keyof typeof PROBLEMS)[]) =>
  Object.fromEntries(
    statuses.map((status) => {
      const later = status === 429 || status === 503
      const headers = later ? { 'retry-after': text('seconds after which to try again') } : {}
      return [status, content(PROBLEMS[status], 'application/problem+json', problem, headers)]
    }),
  )

const VALIDATORS = {
  etag: text('known before rendering; strong, weak where the answer is compressed'),
  'cache-control': text('a day; a year and immutable with the current version as v'),
  'surrogate-key': text('for a content delivery network to purge by: all of mandeltiles, or one version of it'),
}
const MADE = {
  ...VALIDATORS,
  'x-cache': { type: 'string', enum: ['HIT', 'MISS', 'COALESCED'], description: 'whether the answer was in a cache' },
  'server-timing': text('milliseconds in the queue, of rendering and of encoding'),
}

/** An answer that a cache key determines: the bytes, 304 if the client has them, and failures. */
const rendered = (description: string, type: string, schema: object, ...statuses: (keyof typeof PROBLEMS)[]) => ({
  200: content(description, type, schema, MADE),
  304: { description: 'the client has these bytes', type: 'null', headers: VALIDATORS },
  ...problems(400, ...statuses, 429, 503),
})

const binary = (type: string) => ({ type: 'string', contentMediaType: type })

/** A picture. */
export const pictureResponses = (format: ImageFormat, ...statuses: (keyof typeof PROBLEMS)[]) => {
  const type = MEDIA_TYPES[format]
  const part = { 'content-range': text('the first and last byte, and the length of the whole') }
  return {
    ...rendered('the picture', type, binary(type), ...statuses, 416),
    206: content('the requested Range of the picture', type, binary(type), { ...MADE, ...part }),
  }
}

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
      max_iter: count('the iteration limit that applied'),
      counts: object({
        escaped: count('samples that escaped'),
        interior: count('samples proven to belong to the set'),
        limited: count('samples that reached the limit'),
      }),
      values: rows('rows from the top; -1 is proven interior, -2 reached the limit'),
    },
    { c: object({ re: number('of the c of a Julia set'), im: number('of the c of a Julia set') }) },
  ),
  404,
)

export const nucleusResponses = rendered(
  'the island, or the Misiurewicz point',
  MEDIA_TYPES.json,
  object(
    {
      period: count('the period of its cycle'),
      re: text('the real part, with all digits that its size or the view asks for'),
      im: text('the imaginary part, likewise'),
      kind: { type: 'string', enum: ['cardioid', 'disc', 'misiurewicz'], description: 'what it is' },
    },
    {
      preperiod: count('of a Misiurewicz point: iterations before the cycle'),
      size: text('of an island: its size, that of the whole set being 1'),
      zoom: number('of an island: the zoom at which a tile shows it as tile 0/0/0 shows the whole set'),
      angle: number('of an island: how far it is turned, in degrees counter-clockwise'),
    },
  ),
  404,
)

const island = object({
  period: count('the period of its cycle'),
  re: text('the real part of its nucleus, with all digits that its size asks for'),
  im: text('the imaginary part, likewise'),
  size: text('its size, that of the whole set being 1'),
  zoom: number('the zoom at which a tile shows it as tile 0/0/0 shows the whole set'),
  angle: number('how far it is turned, in degrees counter-clockwise'),
  kind: { type: 'string', enum: ['cardioid', 'disc'], description: 'the shape of its body' },
})
const point = object({
  type: { const: 'Point' },
  coordinates: { type: 'array', minItems: 2, maxItems: 2, items: { type: 'number' } },
})
const spiral = object({
  preperiod: count('iterations before its cycle'),
  period: count('the period of its cycle'),
  re: text('the real part, with all digits that the tile requires'),
  im: text('the imaginary part, likewise'),
  kind: { type: 'string', enum: ['misiurewicz'], description: 'what it is' },
})
export const listedResponses = rendered(
  'the islands, or the Misiurewicz points, largest first',
  MEDIA_TYPES.geojson,
  object({
    type: { const: 'FeatureCollection' },
    features: {
      type: 'array',
      items: object({ type: { const: 'Feature' }, geometry: point, properties: { anyOf: [island, spiral] } }),
    },
  }),
  404,
)

const iterate = { type: 'array', minItems: 2, maxItems: 2, items: text('the real and the imaginary part') }
export const orbitResponses = rendered(
  'the iterates',
  MEDIA_TYPES.json,
  object(
    { points: { type: 'array', description: 'z_1, z_2, …', items: iterate } },
    {
      escaped: count('the first iteration at which |z| > 2'),
      nu: number('of an orbit that escapes: the smooth iteration count'),
      distance: text('likewise: the distance to the set, to a factor of two'),
      atom_period: count('likewise: the period of the atom domain, the iteration that comes nearest to 0'),
      period: count('the period of the cycle that the orbit approaches'),
      multiplier: object({ re: number('the real part'), im: number('the imaginary part') }),
      cycle: { type: 'array', description: 'the first n points of the cycle, from where z_1 leads', items: iterate },
    },
  ),
)

export const gridResponses = rendered(
  'the grid',
  MEDIA_TYPES.json,
  object({
    x0: text('first column'),
    y0: text('first row'),
    x1: text('where the column after the last one would be'),
    y1: text('where the row after the last one would be'),
    grid: count('samples a side'),
    max_iter: count('the iteration limit'),
    precision: {
      type: 'string',
      enum: ['float32', 'float64', 'perturbation'],
      description: 'the arithmetic that was used',
    },
    values: rows('rows from y0 on: 1 - n/max_iter, or 0 where the limit was reached'),
  }),
)

const json = (description: string, schema: object, ...statuses: (keyof typeof PROBLEMS)[]) => ({
  200: content(description, MEDIA_TYPES.json, schema),
  ...problems(400, ...statuses),
})

/** A document that is the same for all clients. */
const document = (description: string, schema: object) => {
  const headers = { etag: text('of these bytes; strong'), 'cache-control': text('no-cache') }
  return {
    200: content(description, MEDIA_TYPES.json, schema, headers),
    304: { description: 'the client has these bytes', type: 'null', headers },
    ...problems(400),
  }
}

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
    maxzoom: { type: 'integer', minimum: 0, maximum: 30, description: 'TileJSON allows no deeper zoom than 30' },
    bounds: { type: 'array', minItems: 4, maxItems: 4, items: { type: 'number' } },
    center: { type: 'array', minItems: 3, maxItems: 3, items: { type: 'number' } },
    mandeltiles: object({
      maxzoom: count('the deepest zoom served'),
      version: text("the renderer's version, for the parameter v"),
      julia: object({
        tiles: { type: 'array', items: { type: 'string' } },
        maxzoom: count('the deepest zoom of Julia sets'),
      }),
      max_iter: object({ min: count('lowest iteration limit'), max: count('highest iteration limit') }),
      max_image: count('longest side of a picture, in pixels'),
    }),
  }),
)

export const pageResponses = {
  200: content('the page', 'text/html; charset=utf-8', { type: 'string' }),
  ...problems(400),
}

export const oembedResponses = json(
  'the picture of the view',
  object({
    version: { const: '1.0' },
    type: { const: 'photo' },
    title: text('where the view is'),
    provider_name: text('mandeltiles'),
    provider_url: text('the address of the map'),
    url: text('the address of the picture'),
    width: count('pixels'),
    height: count('pixels'),
  }),
)

export const iiifInfoResponses = json(
  'the image service',
  object({
    '@context': { const: 'http://iiif.io/api/image/3/context.json' },
    id: text('the address of the service'),
    type: { const: 'ImageService3' },
    protocol: { const: 'http://iiif.io/api/image' },
    profile: { const: 'level2' },
    width: count('pixels of the whole'),
    height: count('pixels of the whole'),
    maxWidth: count('pixels of an answer'),
    maxHeight: count('pixels of an answer'),
    tiles: { type: 'array', items: { type: 'object' } },
    extraFormats: { type: 'array', items: { type: 'string' } },
    extraQualities: { type: 'array', items: { type: 'string' } },
    extraFeatures: { type: 'array', items: { type: 'string' } },
  }),
  404,
)

const colour = { type: 'string', pattern: '^#[0-9a-f]{6}$' }
export const levelsResponses = rendered(
  'the levels',
  MEDIA_TYPES.json,
  object({ levels: text(APPEARANCE_FORMS.levels) }),
)

export const palettesResponses = document(
  'the palettes',
  object({
    default: { type: 'string', enum: PALETTE_NAMES },
    palettes: {
      type: 'array',
      items: object({
        name: { type: 'string', enum: PALETTE_NAMES },
        title: text('its name for display'),
        colours: { type: 'array', items: colour, description: 'samples of its cycle' },
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
      requests: object({ hit: count('found'), miss: count('not there'), damaged: count('there, but damaged') }),
      errors: count('reads and writes that failed'),
      dropped: count('entries not written, because too many were waiting'),
    },
    { bytes: count('bytes that its entries take'), fault: text('what is wrong now; the server does without the tier') },
  ),
}

export const healthResponses = json(
  'the process is alive',
  object({
    status: { const: 'ok' },
    version: text("the renderer's version"),
    cache: object({
      entries: count('answers cached'),
      bytes: count('memory they take'),
      requests: object({
        hit: count('found'),
        miss: count('rendered'),
        coalesced: count('joined to a render in progress'),
      }),
    }),
    tiers,
    orbits: object({
      entries: count('reference orbits cached'),
      bytes: count('memory they take'),
    }),
    images: object({ rendering: count('images that are being rendered strip by strip') }),
    renders: object({
      tile: count('tiles begun'),
      grid: count('grids begun'),
      image: count('pictures begun'),
      orbit: count('orbits begun'),
      feature: count('searches for islands, points and orbits begun'),
    }),
    pool: object({ threads: count('workers'), queued: count('renders that wait'), running: count('renders that run') }),
    memory: object({ resident: count('bytes') }),
  }),
)

export const progressResponses = json(
  'what the requests of one client wait for',
  object({
    requests: count('requests of this client that wait'),
    orbits: {
      type: 'array',
      description: 'the reference orbits that they wait for',
      items: object({ reached: count('iterations so far'), limit: count('the most there may be') }),
    },
    images: {
      type: 'array',
      description: 'the images that they wait for',
      items: object({ etag: text('of the image'), done: number('the part that is done, 0 to 1') }),
    },
  }),
)

export const readyResponses = json(
  'a tile was rendered and its numbers are right',
  object({ status: { const: 'ready' }, seconds: number('since the last check'), tiers }),
  503,
)

export const metricsResponses = {
  200: content('Prometheus text format', 'text/plain', { type: 'string' }),
  ...problems(400),
}

export const openapiResponses = document('this document', { type: 'object' })
