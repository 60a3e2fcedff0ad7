// What may be asked of the pipeline, after the doors have checked it.
import type { Decimal } from './decimal.ts'
import type { Lane } from './lanes.ts'
import type { Look } from './look.ts'
import type { TileAddress } from './tile.ts'

/** On whose behalf something is asked for. Its signal is looked at only where there is something to wait for, so that it may be made then. */
export interface Caller {
  /** the caller has left, or has waited long enough, once it aborts */
  readonly signal?: AbortSignal | undefined
  readonly lane?: Lane | undefined
  /** asked before a render begins for this caller: throws where it has had its share */
  readonly spend?: (() => void) | undefined
  /** handed what the tiers do with a fresh answer: it resolves to whether they keep it */
  readonly onKept?: ((kept: Promise<boolean>) => void) | undefined
}

/** A whole number, or what the place needs. */
export type IterationLimit = number | 'auto'

/** The c of a Julia set, as the doubles that the kernel computes with. */
export interface JuliaPoint {
  re: number
  im: number
}

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
  look: Look
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
