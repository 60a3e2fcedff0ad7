// The pyramid: zoom 0 is one tile, zoom z has 2^z by 2^z. x grows with re, y grows downwards. Past
// zoom 52 a double cannot count x and y, so they are bigint everywhere.

/** A tile's address: zoom z, column x from the left, row y from the top; 0 <= x, y < 2^z. */
export interface TileAddress {
  z: number
  x: bigint
  y: bigint
}

/**
 * Samples along one side of a tile; `@2x` doubles it. A power of two, so that every sample is a
 * dyadic number.
 */
export const TILE_SIZE = 256

/**
 * The square of zoom 0, the original's default: re from LEFT to LEFT + SPAN, im from TOP down to
 * TOP - SPAN.
 */
export const LEFT = -2
export const TOP = 1.5
export const SPAN = 3

/**
 * The square of a Julia set's zoom 0: re and im from -2 to 2. It contains the Julia set of every c
 * in the Mandelbrot set.
 */
export const JULIA_SPAN = 4

/**
 * The deepest zoom of a Julia set. The samples of its tiles are 2^-36 apart there, the closest
 * spacing at which orbits in doubles are right (see precision.ts).
 */
export const JULIA_MAX_ZOOM = 30

/** Is 0 <= index < 2^z? */
export function inPyramid(index: bigint, z: number): boolean {
  return index >= 0n && index >> BigInt(z) === 0n
}

/** The c of a Julia set, in the doubles that the kernel computes with. */
export interface JuliaPoint {
  re: number
  im: number
}
