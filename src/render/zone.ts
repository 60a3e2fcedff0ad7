// What `auto` means. Tiles that share a border must agree, and nothing may flicker from zoom to zoom; so a limit belongs to a zone, a tile two or
// three zooms above the views that it serves, and follows from what a coarse grid of samples in the zone does:
//
//   eight times the iterations after which the last of the samples that escape has escaped, and four periods of the reference where it has
//   one, rounded up to a power of four.
//
// Of the samples of 63 tiles beside islands and cusps, the worst there are, 0.013 % on average and 0.13 % at most escaped beyond their limit; by no more
// can two zones differ where they meet, or a zoom from the next. A rule of zoom alone was too low at embedded Julia sets by a factor of a hundred; a limit
// that each tile found for itself made neighbours differ.
import type { ProbeStep } from '../kernel/task.ts'
import { tileZoom } from '../plane/precision.ts'
import { JULIA_SPAN, SPAN, type TileAddress } from '../plane/tile.ts'
import { juliaView, tileAround, tileView, type View } from '../plane/view.ts'

/** Samples along a side of a zone's grid: 16 to 64 of them lie in each tile of 256 x 256 that the zone serves. */
const GRID = 32

const ABOVE = 2 // zooms between a zone and the shallowest view it serves
const BAND = 2 // zooms that a zone serves. It divides that of neighbourhoods, so that one reference serves a zone with its views

/** The zone that a view has its limit from, in the Mandelbrot set's pyramid or a Julia set's. */
export function zoneOf(view: View, julia: boolean): TileAddress {
  const span = julia ? JULIA_SPAN : SPAN
  const z = BAND * Math.floor((tileZoom(view, span) - ABOVE - 1) / BAND) + 1
  return tileAround(view, Math.max(0, z), span)
}

/** A zone's grid of samples. */
export function zoneView(zone: TileAddress, julia: boolean): View {
  return julia ? juliaView(zone, GRID) : tileView(zone, GRID)
}

/** The deepest view that a zone of the Mandelbrot set serves, one of many: a tile at its corner. */
export function deepestView({ z, x, y }: TileAddress): View {
  const down = ABOVE + BAND - 1
  return tileView({ z: z + down, x: x << BigInt(down), y: y << BigInt(down) }, 256)
}

/** Limits are powers of four from this one on. */
export const LOWEST = 2 ** 12
/** No sample of a zone is followed beyond; the densest of the well-known places has samples that escape after 10 million iterations. */
const FARTHEST = 2 ** 24
/** In doubles the closest samples, 2^-36 apart, escape from beside a cusp within 10^6 iterations; and what is inside is rarely proven to be later on. */
const FARTHEST_DIRECT = 2 ** 20
/** How far an orbit is followed that neither closes nor escapes: inside the set none does. */
const FARTHEST_OPEN = 2 ** 20

/** How an orbit ended: closed after its period, escaped, or open. */
interface OrbitEnd {
  length: number
  period: number
  escaped: boolean
}

/** How far the samples of a zone are followed at most. */
export function farthest(reference: OrbitEnd | undefined): number {
  if (!reference) return FARTHEST_DIRECT
  return reference.period > 0 || reference.escaped ? FARTHEST : Math.max(FARTHEST_OPEN, reference.length)
}

/** How far a reference lets them be followed. */
export function reach(reference: OrbitEnd | undefined): number {
  return !reference || reference.period > 0 || reference.escaped ? Number.POSITIVE_INFINITY : reference.length
}

/** How long an orbit a zone asks for at first: by zoom, since most places need more the deeper they are, and an orbit that is run on costs its tables again. */
export function firstLimit({ z }: { z: number }): number {
  return Math.min(Math.round(1000 * 2 ** (z / 8)), FARTHEST_OPEN)
}

// where a nucleus is near, few samples escape before so many periods
const PERIODS = 4
const MARGIN = 8

/** What a zone's samples did up to a limit, and where the zone's own limit would lie from what has escaped so far. */
export interface ProbeLevel extends Omit<ProbeStep, 'last'> {
  limit: number
}

/** The limit for a zone, from the largest smooth count of its samples and its reference's period. */
export function limitFrom(last: number, period: number): number {
  const needed = Math.max(Math.min(MARGIN * last, FARTHEST), PERIODS * period, LOWEST)
  return 4 ** Math.ceil(Math.log2(needed) / 2)
}

/**
 * The work for a sample, in iterations in doubles, that a limit by default may take: a tile of it takes a core half a minute. A zone that wants more has the
 * highest limit that takes less, and if nothing is decided by then the lowest at once: a map shows black there, and who wants more names a limit.
 */
const DEAREST = 2 ** 20

/** The limit by default, from what a zone's samples have done so far; an iteration of the views that it serves counts `weight` times theirs. */
export function chosenLimit(probeLevels: ProbeLevel[], weight: number): number {
  const wanted = probeLevels.at(-1)!.limit
  let limit = wanted
  while (limit > LOWEST && weight * workUpTo(limit, probeLevels) > DEAREST) limit /= 4
  const then = probeLevels.find(({ to }) => to === limit)
  return limit < wanted && then?.limited === GRID ** 2 ? LOWEST : limit
}

/** Would more work on them leave that limit as it is? */
export function enough(probeLevels: ProbeLevel[], farthest: number, weight: number): boolean {
  const { to, limited, work } = probeLevels.at(-1)!
  return limited === 0 || to >= farthest || weight * work > DEAREST
}

/** The work for a sample up to a limit: between two rungs by proportion, and beyond the last one as much again for as many iterations. */
export function workUpTo(limit: number, probeLevels: ProbeLevel[]): number {
  const above = probeLevels.findIndex(({ to }) => to >= limit)
  const level = probeLevels.at(above)!
  if (above < 0) return level.limited === 0 ? level.work : (level.work * limit) / level.to
  const below = probeLevels[above - 1] ?? { to: 0, work: 0 }
  return below.work + ((level.work - below.work) * (limit - below.to)) / (level.to - below.to)
}
