// The phase that a smooth iteration count has in its palette's cycle: density · log2(nu + BIAS) + offset. A function of nu and the
// zoom alone, so that no seam can show.
//
// A logarithm, because counts grow with depth while the eye follows their ratio. The figures were chosen on twenty views from zoom 0 to 40, from
// bare antennas (counts 94 to 126) to dense spirals (525 to 7857): the bias keeps the exterior of the whole set, counts
// below 10, from taking half the cycles.
//
// The deeper the view, the smaller the part of its counts that it has to itself: what z zooms added up varies by about the share of the
// last few. So the density follows the zoom, doubling when it doubles and not more often, since that is when colours change.

/** Steps of a phase in a palette's cycle. */
export const STEPS = 255

/** How a view's counts are coloured: phase = density · log2(nu + bias) + offset. */
export interface Phase {
  density: number
  bias: number
  offset: number
}

const DENSITY = 0.8
export const BIAS = 16
const DEEP = 32 // the first zoom with twice the density

/** The phase at a zoom, its density multiplied; phase 0 lies far outside the set. */
export function phaseAt(zoom: number, multiplier: number = 1): Phase {
  const density = multiplier * DENSITY * 2 ** Math.max(0, 1 + Math.floor(Math.log2(Math.max(zoom, 1) / DEEP)))
  return { density, bias: BIAS, offset: -density * Math.log2(BIAS) }
}

/** The step of the palette, 0 to 254, nearest to a smooth count of at least 0; what the kernel does for every pixel. */
export function step(nu: number, { density, bias, offset }: Phase): number {
  const phase = density * Math.log2(nu + bias) + offset
  return Math.round(STEPS * (phase - Math.floor(phase))) % STEPS
}

/** The smooth count round the border of zoom 0's square, 0.8 to 1.8 but near its antenna: what a page shows beyond it. */
export const EXTERIOR = 1.2
