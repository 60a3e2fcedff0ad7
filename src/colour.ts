// The phase that a smooth iteration count has in its palette's cycle: DENSITY · log2(nu + BIAS) + OFFSET. A function of nu
// alone, so that no seam can show and no zoom changes a colour. A logarithm, because counts grow with depth while the eye
// follows their ratio. The figures were chosen on twenty views from zoom 0 to 40, from bare antennas (counts 94 to 126) to dense
// spirals (525 to 7857): the bias keeps the exterior of the whole set, counts below 10, from taking half the cycles.
export const DENSITY = 0.8
export const BIAS = 16
export const OFFSET = -DENSITY * Math.log2(BIAS) // so that phase 0 lies far outside the set

/** The step of the palette, 0 to 254, that a smooth count of at least 0 falls on; what the kernel does for every pixel. */
export function step(nu: number): number {
  const phase = DENSITY * Math.log2(nu + BIAS) + OFFSET
  return Math.min(254, Math.floor(255 * (phase - Math.floor(phase))))
}

/** The smooth count round the border of zoom 0's square, 0.8 to 1.8 but near its antenna: what a page shows beyond it. */
export const EXTERIOR = 1.2
