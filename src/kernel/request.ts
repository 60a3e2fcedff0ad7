// What may be asked of the pipeline, after the doors have checked it.

import type { Appearance } from '../colour/appearance.ts'
import type { Decimal } from '../plane/decimal.ts'
import type { JuliaPoint, TileAddress } from '../plane/tile.ts'

/** A whole number, or what the place needs. */
export type IterationLimit = number | 'auto'

export interface TileRequest {
  tile: TileAddress
  /** a Julia set's tile; without it the Mandelbrot set's */
  julia?: JuliaPoint
  /** pixels a side */
  size: number
  maxIter: IterationLimit
}

/** A picture's centre, its zoom (that of the map, maybe a fraction) and its size in pixels. */
export interface ImageRequest {
  re: Decimal
  im: Decimal
  zoom: number
  /** how far the picture is turned counter-clockwise, in degrees from 0 to below 360; 0 where it is left out */
  rotation?: number
  width: number
  height: number
  /** bits a channel; 8 where it is left out */
  bits?: 8 | 16
  maxIter: IterationLimit
  appearance: Appearance
}
