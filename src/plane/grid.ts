import { parseDecimal } from './decimal.ts'
import { isDeep } from './precision.ts'
import { gridView, type View } from './view.ts'

/** The corners as the nearest doubles, which is what Python makes of the same literals. */
export function gridSpan({ x0, y0, x1, y1 }: GridRequest): { x0: number; y0: number; x1: number; y1: number } {
  return { x0: Number(x0), y0: Number(y0), x1: Number(x1), y1: Number(y1) }
}

/** The original's mandelbrot() over HTTP. Corners are decimal strings, so that none is rounded. */
export interface GridRequest {
  x0: string
  y0: string
  x1: string
  y1: string
  /** samples a side */
  grid: number
  maxIter: number
  precision: 'float32' | 'float64' | 'perturbation'
}

/** A grid whose precision may be left open: `auto` is float64 where doubles suffice. */
export type GridQuery = Omit<GridRequest, 'precision'> & { precision: GridRequest['precision'] | 'auto' }

/** Settles a grid's precision. Its exact samples are computed when something first needs them. */
export function readGrid(query: GridQuery): { request: GridRequest; view: () => View } {
  let made: View | undefined
  const view = () => (made ??= viewOf(query))
  const precision = query.precision === 'auto' ? (isDeep(view()) ? 'perturbation' : 'float64') : query.precision
  return { request: { ...query, precision }, view }
}

// the corners have been checked to be decimals
function viewOf({ x0, y0, x1, y1, grid }: GridQuery): View {
  return gridView(parseDecimal(x0)!, parseDecimal(y0)!, parseDecimal(x1)!, parseDecimal(y1)!, grid)
}
