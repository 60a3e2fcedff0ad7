// The phase that a smooth iteration count has in its palette's cycle: density · log2(nu + BIAS) + offset. A function of
// nu alone, so no seam can show. A logarithm, because counts grow with depth while what the eye follows
// is their ratio.
export const DENSITY = 0.32
export const BIAS = 1
export const OFFSET = 0
