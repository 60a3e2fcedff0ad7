// Where a smooth iteration count lies in the cycle of a palette, as a phase:
//
//   phase = density · log2(nu + BIAS) + offset
//
// The phase depends on the count and the zoom only, never on the tile, so no seam can show. It
// follows the logarithm of the count, because counts grow with depth, and the eye perceives their
// ratio. The constants were chosen on twenty views from zoom 0 to 40, from bare antennas (counts 94
// to 126) to dense spirals (525 to 7857). Without the bias, the exterior of the whole set, with
// counts below 10, would take half the cycles.
//
// Deeper views share more of their count: about the last few of z zooms vary. So the density
// follows the zoom. It changes only where the zoom doubles, because all colours change with it. The
// change is spread over the last zoom before, so that a film shows no jump. At whole zooms it is a
// power of two.

/** Steps in the cycle of a palette. */
export const PALETTE_STEPS = 255

/** How counts become phases: phase = density · log2(nu + bias) + offset. */
export interface Phase {
  density: number
  bias: number
  offset: number
}

const DENSITY = 0.8
export const BIAS = 16
/** The first zoom with twice the density. */
const DEEP = 32
/** Counts of a typical view, per zoom: of dense spirals at zoom 40 they are 525 to 7857. */
const TYPICAL = 50

/**
 * The phase of smooth counts at a zoom, with a multiple of the density. Phase 0 is far outside the
 * set.
 *
 * Over the last zoom before the density has doubled, it grows with the zoom's fraction. The offset
 * follows it, so that a typical count keeps its colour meanwhile, and the others drift relative to
 * it. Without this, all colours would run through some eight cycles. In the end the offset has
 * moved by whole cycles, so tiles, which have integer zooms, are not affected.
 */
export function phaseAt(zoom: number, multiplier: number = 1): Phase {
  const doublings = Math.max(0, 1 + Math.floor(Math.log2(Math.max(zoom, 1) / DEEP)))
  const base = multiplier * DENSITY * 2 ** doublings
  const doubled = DEEP * 2 ** doublings
  const growth = Math.max(0, zoom - (doubled - 1))
  if (growth === 0) return { density: base, bias: BIAS, offset: -base * Math.log2(BIAS) }
  const density = base * 2 ** growth
  const cycles = Math.round(base * Math.log2(1 + (TYPICAL * doubled) / BIAS))
  return { density, bias: BIAS, offset: -density * Math.log2(BIAS) - cycles * (density / base - 1) }
}

/**
 * The step of the palette, 0 to 254, that is nearest to the phase of a count of at least 0. The
 * kernel does the same for every pixel (fmandel_palette_indices).
 */
export function paletteIndex(nu: number, { density, bias, offset }: Phase): number {
  const phase = density * Math.log2(nu + bias) + offset
  return Math.round(PALETTE_STEPS * (phase - Math.floor(phase))) % PALETTE_STEPS
}

/**
 * A smooth count for the plane beyond zoom 0. Along the border of its square counts are 0.8 to 1.8,
 * apart from the antenna.
 */
export const EXTERIOR_COUNT = 1.2
