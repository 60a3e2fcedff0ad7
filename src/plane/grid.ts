import { parseDecimal } from './decimal.ts'
import { isDeep } from './precision.ts'
import { gridView, type View } from './view.ts'

/** The corners as the doubles nearest to them: what the original's Python gets from its own literals. */
export function gridSpan({ x0, y0, x1, y1 }: GridRequest): { x0: number; y0: number; x1: number; y1: number } {
  return { x0: Number(x0), y0: Number(y0), x1: Number(x1), y1: Number(y1) }
}

/** A grid as an exact view. Its corners are decimals: the doors have seen to that. */
export function gridViewOf({ x0, y0, x1, y1, grid }: Omit<GridRequest, 'precision'>): View {
  return gridView(parseDecimal(x0)!, parseDecimal(y0)!, parseDecimal(x1)!, parseDecimal(y1)!, grid)
}

/** The arithmetic that `auto` means for a grid: float64 where doubles tell its samples apart, perturbation beyond. */
export function autoPrecision(request: Omit<GridRequest, 'precision'>): 'float64' | 'perturbation' {
  return isDeep(gridViewOf(request)) ? 'perturbation' : 'float64'
}

/** The original's mandelbrot() over HTTP: corners as decimal strings, so that none is rounded on the way. */
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
