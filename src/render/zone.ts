// The meaning of `max_iter=auto`. Tiles that share a border must agree, and nothing may flicker
// from zoom to zoom. So a limit belongs to a zone, a tile two or three zooms above the views that
// it serves, and follows from a coarse grid of samples in the zone:
//
//   eight times the iterations of the last sample to escape, and at least four periods of the
//   reference orbit, if it has one, rounded up to a power of four.
//
// Rejected: a rule based on the zoom alone, which was a hundred times too low at embedded Julia
// sets; and a limit that each tile finds for itself, which made neighbours differ.
//
// How well it works: in 63 tiles beside islands and cusps, the worst cases, 0.013 % of the samples
// on average, and 0.13 % at most, escaped beyond their limit. Two zones cannot differ by more where
// they meet, nor a zoom from the next.
import type { ProbeStep } from '../kernel/task.ts'
import { tileZoom } from '../plane/precision.ts'
import { JULIA_SPAN, SPAN, type TileAddress } from '../plane/tile.ts'
import { juliaView, tileAround, tileView, type View } from '../plane/view.ts'

/**
 * Samples along a side of a zone's grid: 16 to 64 of them lie in each tile of 256 x 256 that the
 * zone serves.
 */
export const GRID = 32

const ABOVE = 2 // zooms between a zone and the shallowest view it serves
// zooms that a zone serves; it divides that of neighbourhoods, so a zone and its views have the
// same reference
const BAND = 2

/**
 * The zone that determines a view's limit, in the pyramid of the Mandelbrot set or of a Julia set.
 */
export function zoneOf(view: View, julia: boolean): TileAddress {
  const span = julia ? JULIA_SPAN : SPAN
  const z = BAND * Math.floor((tileZoom(view, span) - ABOVE - 1) / BAND) + 1
  return tileAround(view, Math.max(0, z), span)
}

/** A zone's grid of samples. */
export function zoneView(zone: TileAddress, julia: boolean): View {
  return julia ? juliaView(zone, GRID) : tileView(zone, GRID)
}

/** One of the deepest views that a zone of the Mandelbrot set serves: the tile at its corner. */
export function deepestView({ z, x, y }: TileAddress): View {
  const down = ABOVE + BAND - 1
  return tileView({ z: z + down, x: x << BigInt(down), y: y << BigInt(down) }, 256)
}

/** Limits are powers of four from this one on. */
export const LOWEST = 2 ** 12
/**
 * No sample of a zone is iterated further. The densest of the well-known places has samples that
 * escape after 10 million iterations.
 */
const FARTHEST = 2 ** 24
/**
 * The same in double precision. The closest samples, 2^-36 apart, escape from beside a cusp within
 * 10^6 iterations, and samples inside the set are rarely proven interior later than that.
 */
const FARTHEST_DIRECT = 2 ** 20
/** The same if the orbit neither closes nor escapes, as everywhere inside the set. */
const FARTHEST_OPEN = 2 ** 20

/** How an orbit ended: closed after its period, escaped, or open. */
interface OrbitEnd {
  length: number
  period: number
  escaped: boolean
}

/** The highest limit that a zone's samples are iterated to. */
export function farthest(reference: OrbitEnd | undefined): number {
  if (!reference) return FARTHEST_DIRECT
  return reference.period > 0 || reference.escaped ? FARTHEST : Math.max(FARTHEST_OPEN, reference.length)
}

/** The highest limit that a reference serves. */
export function reach(reference: OrbitEnd | undefined): number {
  return !reference || reference.period > 0 || reference.escaped ? Number.POSITIVE_INFINITY : reference.length
}

/**
 * The length of the orbit that a zone requests at first, a power of four like the limits. It grows
 * with the zoom, because most places need more the deeper they are, and an orbit that is extended
 * needs new tables.
 */
export function firstLimit({ z }: { z: number }): number {
  return Math.min(Math.max(2 ** 16, 4 ** Math.ceil(Math.log2(1000 * 2 ** (z / 8)) / 2)), FARTHEST_OPEN)
}

// near a nucleus few samples escape earlier than that
const PERIODS = 4
const MARGIN = 8

/**
 * What a zone's samples did up to an iteration limit, and what the zone's limit would be if no more
 * of them escaped.
 */
export interface ProbeLevel extends Omit<ProbeStep, 'last'> {
  limit: number
}

/** A zone's limit, from the largest smooth count of its samples and the period of its reference. */
export function limitFrom(last: number, period: number): number {
  const needed = Math.max(Math.min(MARGIN * last, FARTHEST), PERIODS * period, LOWEST)
  return 4 ** Math.ceil(Math.log2(needed) / 2)
}

/**
 * The most work for a sample that `auto` may choose, in iterations in double precision: a tile of
 * it takes a core half a minute. A zone that needs more gets the highest limit that takes less. If
 * that decides none of its samples it gets the lowest limit at once: the map is black there either
 * way, and a request can name its own limit.
 */
const MAX_WORK = 2 ** 20

/**
 * The limit to choose, from the results of a zone's samples so far. An iteration of the views that
 * the zone serves costs `weight` times one of its grid.
 */
export function chosenLimit(probeLevels: ProbeLevel[], weight: number): number {
  const needed = probeLevels.at(-1)!.limit
  let limit = needed
  while (limit > LOWEST && weight * workUpTo(limit, probeLevels) > MAX_WORK) limit /= 4
  const reached = probeLevels.find(({ to }) => to === limit)
  return limit < needed && reached?.limited === GRID ** 2 ? LOWEST : limit
}

/** Would further levels leave that limit unchanged? */
export function enough(probeLevels: ProbeLevel[], farthest: number, weight: number): boolean {
  const { to, limited, work } = probeLevels.at(-1)!
  return limited === 0 || to >= farthest || weight * work > MAX_WORK
}

/**
 * The work for a sample up to a limit: interpolated between two levels, and beyond the last one
 * extrapolated at the same work for an iteration.
 */
export function workUpTo(limit: number, probeLevels: ProbeLevel[]): number {
  const above = probeLevels.findIndex(({ to }) => to >= limit)
  const level = probeLevels.at(above)!
  if (above < 0) return level.limited === 0 ? level.work : (level.work * limit) / level.to
  const below = probeLevels[above - 1] ?? { to: 0, work: 0 }
  return below.work + ((level.work - below.work) * (limit - below.to)) / (level.to - below.to)
}
