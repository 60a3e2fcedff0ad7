import { type Decimal, parseDecimal } from './decimal.ts'
import { isDeep } from './precision.ts'
import { gridView, type View } from './view.ts'

/** The corners as the nearest doubles, which is what Python makes of the same literals. */
export function gridSpan({ x0, y0, x1, y1 }: GridRequest): { x0: number; y0: number; x1: number; y1: number } {
  return { x0: Number(x0), y0: Number(y0), x1: Number(x1), y1: Number(y1) }
}

/** The original's mandelbrot() over HTTP. Corners are decimal strings, so they are not rounded. */
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

type Corner = 'x0' | 'y0' | 'x1' | 'y1'

/**
 * A requested grid: its precision may be left open. `corners` are the same decimals, if they have
 * been parsed already.
 */
export type GridQuery = Omit<GridRequest, 'precision'> & {
  precision: GridRequest['precision'] | 'auto'
  corners?: Record<Corner, Decimal>
}

/**
 * Resolves a grid's precision: `auto` is float64 if doubles suffice. Its exact samples are computed
 * when something first needs them.
 */
export function readGrid({ corners, ...query }: GridQuery): { request: GridRequest; view: () => View } {
  let made: View | undefined
  const corner = (name: Corner) => corners?.[name] ?? parseDecimal(query[name])!
  const view = () => (made ??= gridView(corner('x0'), corner('y0'), corner('x1'), corner('y1'), query.grid))
  const precision = query.precision === 'auto' ? (isDeep(view()) ? 'perturbation' : 'float64') : query.precision
  return { request: { ...query, precision }, view }
}
