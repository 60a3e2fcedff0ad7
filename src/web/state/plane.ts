import { JULIA_SPAN, LEFT, SPAN, TOP } from '../../plane/tile.ts'

/** A point of the complex plane as decimal text. */
export interface Coordinates {
  re: string
  im: string
}

/** The set that a map shows: the square of its zoom 0, and for a Julia set its parameter c. */
export interface Plane {
  /** left and top of the square, doubled so that they are integers, and its side */
  left2: bigint
  top2: bigint
  span: bigint
  julia?: Coordinates
}

/** The plane of the Mandelbrot set. */
export const MANDELBROT: Plane = { left2: BigInt(2 * LEFT), top2: BigInt(2 * TOP), span: BigInt(SPAN) }

/** The plane of the Julia set of c. */
export function juliaPlane(julia: Coordinates): Plane {
  const side = BigInt(JULIA_SPAN)
  return { left2: -side, top2: side, span: side, julia }
}

/** The path of a plane's tiles, relative to the page. */
export function tilePath({ julia }: Plane): string {
  return julia ? `julia/${julia.re},${julia.im}/tile` : 'tile'
}
