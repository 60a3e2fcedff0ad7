import { JULIA_SPAN, LEFT, SPAN, TOP } from '../plane/tile.ts'

/** A point of the plane as decimal text. */
export interface Point {
  re: string
  im: string
}

/** What a map shows: the square of its zoom 0, and the point whose Julia set it is, if it is one. */
export interface Plane {
  /** the square's left and top in halves, so that they are whole; and its side */
  left2: bigint
  top2: bigint
  span: bigint
  julia?: Point
}

/** The plane of the Mandelbrot set. */
export const MANDELBROT: Plane = { left2: BigInt(2 * LEFT), top2: BigInt(2 * TOP), span: BigInt(SPAN) }

/** The plane of a point's Julia set. */
export function juliaPlane(julia: Point): Plane {
  const side = BigInt(JULIA_SPAN)
  return { left2: -side, top2: side, span: side, julia }
}

/** Where a plane's tiles are, relative to the page. */
export function tilePath({ julia }: Plane): string {
  return julia ? `julia/${julia.re},${julia.im}/tile` : 'tile'
}
