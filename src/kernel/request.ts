// Requests to the pipeline, after the server or the command line has checked them.

import type { Appearance } from '../colour/appearance.ts'
import type { Decimal } from '../plane/decimal.ts'
import type { JuliaPoint, TileAddress } from '../plane/tile.ts'
import type { View } from '../plane/view.ts'

/** A whole number, or `auto`: as many as the place needs. */
export type IterationLimit = number | 'auto'

export interface TileRequest {
  tile: TileAddress
  /** the point of a Julia set; without it the tile is one of the Mandelbrot set */
  julia?: JuliaPoint
  /** pixels a side */
  size: number
  maxIter: IterationLimit
}

/** An image's centre, its zoom (that of the map, possibly a fraction) and its size in pixels. */
export interface ImageRequest {
  re: Decimal
  im: Decimal
  zoom: number
  /**
   * the zoom that decides the colours, if it is another one: a key frame has finer pixels than its
   * film
   */
  colourZoom?: number
  /** counter-clockwise rotation in degrees, from 0 to below 360; 0 if left out */
  rotation?: number
  /** does the imaginary axis point down, before the rotation? */
  mirror?: boolean
  width: number
  height: number
  /** bits a channel; 8 if left out */
  bits?: 8 | 16
  maxIter: IterationLimit
  appearance: Appearance
}

/**
 * What to render: exact samples, how far to iterate them, and what to show. The record is made once
 * per request, and passed down to the kernel.
 */
export interface RenderSpec {
  /** the samples, aa · aa for each pixel */
  view: View
  /** the point of a Julia set; without it the view is one of the Mandelbrot set */
  julia?: JuliaPoint | undefined
  /** do the samples need perturbation? Double precision resolves all others */
  deep: boolean
  /** the map's zoom that the colours follow */
  zoom: number
  /** samples along one of the map's pixels, 1/256 of a tile, in which distances are measured */
  perPixel: number
  maxIter: IterationLimit
  appearance: Appearance
}

export const FEATURE_KINDS = ['nucleus', 'misiurewicz'] as const
export type FeatureKind = (typeof FEATURE_KINDS)[number]

/**
 * The feature that dominates a square around a place, of the size of a tile at this zoom, which may
 * be fractional.
 */
export interface FeatureRequest {
  re: Decimal
  im: Decimal
  zoom: number
  kind: FeatureKind
}

/** The most iterates that one request may ask for: their digits grow with their number. */
export const MOST_ITERATES = 10_000
/** The most digits of all of them: some 4 MB of text. */
export const MOST_DIGITS = 2_000_000

/** The first `count` iterates of a point, with this many digits after the decimal point. */
export interface IteratesRequest {
  re: Decimal
  im: Decimal
  count: number
  digits: number
}
