import type { FastifyInstance } from 'fastify'
import { INTERIOR_INDEX, paletteColour } from '../../colour/palette.ts'
import { DEFAULT_PALETTE, PALETTE_NAMES, PALETTE_STOPS } from '../../colour/palettes.ts'
import { EXTERIOR_COUNT, PALETTE_STEPS, paletteIndex, phaseAt } from '../../colour/phase.ts'
import type { Options } from '../../core/options.ts'
import { PACKAGE_VERSION } from '../../core/package.ts'
import { RENDERER_VERSION } from '../../core/version.ts'
import { documentHandler } from '../documents.ts'
import { originOf } from '../protocol.ts'
import { palettesResponses, tileJsonResponses } from '../responses.ts'
import { query } from '../schemas.ts'
import { juliaZoom } from './tile.ts'

// TileJSON 3.0.0 allows no deeper zoom
const TILEJSON_ZOOM = 30
const SWATCHES = 32

/** GET /tile.json and /palettes.json: what clients read before they request tiles. */
export function metaRoutes(app: FastifyInstance, options: Options): void {
  const schema = { tags: ['documents'], querystring: query({}) }

  app.route({
    method: ['GET', 'HEAD'],
    url: '/tile.json',
    schema: { ...schema, summary: 'TileJSON 3.0.0, for maps', response: tileJsonResponses },
    handler: (request, reply) => {
      reply.header('cache-control', 'no-cache')
      const origin = originOf(request, options['public-url'])
      return {
        tilejson: '3.0.0',
        name: 'mandeltiles',
        description: 'The Mandelbrot set: re from -2 to 1, im from -1.5 to 1.5 at zoom 0',
        version: PACKAGE_VERSION,
        scheme: 'xyz',
        tiles: [`${origin}/tile/{z}/{x}/{y}.png?v=${RENDERER_VERSION}`],
        minzoom: 0,
        maxzoom: Math.min(options['max-zoom'], TILEJSON_ZOOM),
        bounds: [-180, -85.0511, 180, 85.0511],
        center: [0, 0, 0],
        mandeltiles: {
          maxzoom: options['max-zoom'],
          version: RENDERER_VERSION,
          julia: {
            tiles: [`${origin}/julia/{re},{im}/tile/{z}/{x}/{y}.png?v=${RENDERER_VERSION}`],
            maxzoom: juliaZoom(options),
          },
          max_iter: { min: 1, max: options['max-iterations'] },
          max_image: options['max-image'],
        },
      }
    },
  })

  const palettes = {
    default: DEFAULT_PALETTE,
    palettes: PALETTE_NAMES.map((name) => ({
      name,
      title: PALETTE_STOPS[name].title,
      colours: Array.from({ length: SWATCHES }, (_, k) =>
        paletteColour(name, Math.floor((k * PALETTE_STEPS) / SWATCHES)),
      ),
      exterior: paletteColour(name, paletteIndex(EXTERIOR_COUNT, phaseAt(0))),
      stops: PALETTE_STOPS[name].stops,
      set: paletteColour(name, INTERIOR_INDEX),
    })),
  }
  app.route({
    method: ['GET', 'HEAD'],
    url: '/palettes.json',
    schema: { ...schema, summary: 'The palettes, with preview colours', response: palettesResponses },
    handler: documentHandler(() => palettes),
  })
}
