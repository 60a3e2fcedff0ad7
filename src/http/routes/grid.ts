import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Options } from '../../core/options.ts'
import { parseWhole } from '../../core/parse.ts'
import type { GridNumbers } from '../../kernel/task.ts'
import { readCoordinate } from '../../plane/coordinate.ts'
import type { GridQuery } from '../../plane/grid.ts'
import type { Renderer } from '../../render/renderer.ts'
import { MEDIA_TYPES } from '../mediatypes.ts'
import { answer } from '../reply.ts'
import { gridResponses, npyResponses, pictureResponses } from '../responses.ts'
import { choice, decimal, query, version, whole } from '../schemas.ts'
import { streamGrid } from '../stream.ts'

interface Query {
  x0: string
  y0: string
  x1: string
  y1: string
  grid: string
  max_iter: string
  precision: 'float32' | 'float64' | 'auto'
}

/** The original's mandelbrot() as /grid and /grid.npy, and its quick_plot() as /plot.png. */
export function gridRoutes(app: FastifyInstance, renderer: Renderer, options: Options): void {
  const schema = (grid: number, limit: number) => ({
    tags: ['grid'],
    querystring: query({
      x0: decimal(options, '-2'),
      y0: decimal(options, '-1.5'),
      x1: decimal(options, '1'),
      y1: decimal(options, '1.5'),
      grid: whole(`a whole number from 1 to ${options['max-grid']}`, grid),
      max_iter: whole(`a whole number from 1 to ${options['max-iterations']}`, limit),
      precision: choice(['auto', 'float64', 'float32'], 'auto'),
      v: version,
    }),
  })
  const route = (url: string, format: GridNumbers, grid: number, limit: number, summary: string, response: object) =>
    app.route<{ Querystring: Query }>({
      method: ['GET', 'HEAD'],
      url,
      schema: { ...schema(grid, limit), summary, response },
      handler: (request, reply) => {
        const handle = renderer.grid(read(request, options), format)
        if (handle.plan.streamed) return streamGrid(request, reply, renderer, handle)
        return answer(request, reply, handle, MEDIA_TYPES[format])
      },
    })
  route('/grid', 'json', 50, 1000, "The original's mandelbrot()", gridResponses)
  const array = 'grid x grid numbers, rows from y0 on: float32 for precision float32, otherwise float64'
  route('/grid.npy', 'npy', 50, 1000, "The original's mandelbrot() as a NumPy array", npyResponses(array))
  // quick_plot() has its own defaults
  route('/plot.png', 'png', 100, 10, "The original's quick_plot(): the grid in grey", pictureResponses('png'))
}

function read({ query }: FastifyRequest<{ Querystring: Query }>, options: Options): GridQuery {
  const corner = (name: 'x0' | 'y0' | 'x1' | 'y1') => readCoordinate(name, query[name], options['max-digits'])
  return {
    x0: query.x0,
    y0: query.y0,
    x1: query.x1,
    y1: query.y1,
    grid: parseWhole('grid', query.grid, 1, options['max-grid']),
    maxIter: parseWhole('max_iter', query.max_iter, 1, options['max-iterations']),
    precision: query.precision,
    corners: { x0: corner('x0'), y0: corner('y0'), x1: corner('x1'), y1: corner('y1') },
  }
}
