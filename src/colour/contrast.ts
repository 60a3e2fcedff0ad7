// The contrast of a place: how much denser its colours are than by the zoom rule (phase.ts).
//
// The rule fails where all counts of a screen are nearly equal: at the filaments around a small
// island they are 1000 to 1250, which is a quarter of a cycle: one muddy colour. There, phases are
// stretched about a typical one. Writing L for the natural logarithm of nu + BIAS, L becomes
//
//   L + Σ weight · more · (L - middle)
//
// over the corners of the zone that the sample lies in. A corner's `middle` is the median of L
// around it, and `more` follows from the spread of L there. The weights are bilinear, so the
// stretch has no seams: neither from zone to zone nor from a tile to an image. It depends only on a
// sample's place and the zoom.

import { BIAS } from './phase.ts'

/** The counts around a corner: the median of L, and the difference of two of its quantiles. */
export interface Around {
  middle: number
  spread: number
}

/** The quantiles between which a spread lies. */
const [LOW, HIGH] = [0.03, 0.97]
/** Fewer counts than this are not enough. */
const FEWEST = 32
/**
 * Below this median everything is far exterior. Tiles that the page paints itself have such counts.
 */
const SKY = 16

/** The result of the counts around a corner; undefined if the rule by zoom should apply. */
export function aroundOf(nu: ArrayLike<number>): Around | undefined {
  const sorted = Float64Array.from(nu)
    .filter((count) => count >= 0)
    .sort()
  if (sorted.length < FEWEST) return undefined
  const quantile = (part: number) => Math.log(sorted[Math.round(part * (sorted.length - 1))]! + BIAS)
  const middle = quantile(0.5)
  if (middle < Math.log(SKY + BIAS)) return undefined
  return { middle, spread: quantile(HIGH) - quantile(LOW) }
}

/** A spread of this many cycles needs no stretch. */
const ENOUGH = 0.6
/** The strongest stretch: more would show noise. */
const MOST = 4

/**
 * By how much a place's phases grow, 0 to MOST - 1, where the zoom's density is `density`. The
 * square makes a spread of half of ENOUGH twice ENOUGH: areas of nearly one colour gain most.
 */
export function moreAt({ spread }: Around, density: number): number {
  return Math.min(Math.max((ENOUGH / ((density / Math.LN2) * spread)) ** 2, 1), MOST) - 1
}

/** A count cannot be below 0, so L is at least this. */
const LEAST = Math.log(BIAS)

/**
 * Added to all L of a picture with a stretch anywhere: whole cycles, so that no L corresponds to a
 * negative count, which would mean a sample of the set.
 * @param farthest the highest `middle` of its corners
 * @param density that of the picture's phase
 */
export function lift(farthest: number, density: number): number {
  const cycles = Math.ceil(((MOST - 1) * (farthest - LEAST) * density) / Math.LN2)
  return (cycles / density) * Math.LN2
}
