// Finds islands for the visitor: the one under the cursor, the next one inside an island, and the
// next deeper one beside it.
//
// An island's own filaments lead to copies of copies, whose periods multiply: after a dozen of them
// orbits are too long for any server. So the search continues in the filaments around it. An island
// of size s and period p dominates a disc about sqrt(s) wide. At a part of that distance lie
// islands of period p plus a few, smaller than it by that part squared. So the periods add up, and
// a thousand zooms take periods of a few thousand.
import { parseDecimal } from '../../plane/decimal.ts'
import { atZoom, coordinates, movedBy, type Place, placeAt } from '../state/place.ts'
import type { Features, Island, MisiurewiczPoint } from './features.ts'

// the squares about a point that are searched one after the other, in zooms beyond the map's: from
// 4 pixels to 32, then the middle of the screen and all of it
const NEAR = [6, 5, 4, 3]
const FAR = [0, -1, -2]

// the longest period, with its preperiod, whose rays are followed
const SIMPLE = 64

// a deeper island is this many zooms deeper
const DEEPER = 20
// how far from an island the search goes, as a part of the disc that it dominates
const LOG2_PART = Math.log2(10)
// it searches a square this many zooms smaller than that distance, which is 341 of its 256 pixels
const CLOSER = 2
const DISTANCE = 341
// directions that are tried from each island; the golden angle spreads them evenly
const DIRECTIONS = 12
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))

// the largest island on the antenna of a copy of the set, and of a disc, in units of its size
const INSIDE = { cardioid: -1.7549, disc: -1.5 }

export class IslandFinder {
  readonly #features: Features
  readonly #maxZoom: number

  constructor(features: Features, maxZoom: number) {
    this.#features = features
    this.#maxZoom = maxZoom
  }

  /** The island close to a point of the map. */
  near(point: Place, signal: AbortSignal): Promise<Island | undefined> {
    return this.#first(point, NEAR, (at, zoom) => this.#features.island(at, zoom, signal))
  }

  /** The island that dominates the screen. */
  dominating(middle: Place, signal: AbortSignal): Promise<Island | undefined> {
    return this.#first(middle, FAR, (at, zoom) => this.#features.island(at, zoom, signal))
  }

  /** The Misiurewicz point near a point of the map. */
  spiral(point: Place, signal: AbortSignal): Promise<MisiurewiczPoint | undefined> {
    return this.#first(point, [...NEAR, 2, ...FAR], (at, zoom) => this.#features.misiurewicz(at, zoom, signal))
  }

  /**
   * The simplest place near a point of the map at which external rays land: a Misiurewicz point, or
   * an island, whose root is one.
   */
  landing(point: Place, signal: AbortSignal): Promise<Island | MisiurewiczPoint | undefined> {
    return this.#first(point, [...NEAR, 2, ...FAR], async (at, zoom) => {
      const [island, spiral] = await Promise.all([
        this.#features.island(at, zoom, signal),
        this.#features.misiurewicz(at, zoom, signal),
      ])
      const order = spiral ? spiral.preperiod + spiral.period : Number.POSITIVE_INFINITY
      const simplest = spiral && order <= (island?.period ?? order) ? spiral : island
      return Math.min(order, island?.period ?? order) <= SIMPLE ? simplest : undefined
    })
  }

  /** The largest island on an island's own antenna. */
  async inside(island: Island, signal: AbortSignal): Promise<Island | undefined> {
    const { zoom, kind } = island
    const at = onAxis(island, INSIDE[kind], zoom)
    for (const closer of [4, 3, 2]) {
      if (zoom + closer > this.#maxZoom) continue
      const found = await this.#features.island(coordinates(atZoom(at, zoom + closer)), zoom + closer, signal)
      if (found && found.zoom > zoom + 1) return found
    }
    return undefined
  }

  /**
   * A copy of the set some 20 zooms deeper, in the filaments around an island. `random` gives
   * numbers from 0 to 1, which choose the direction at every step.
   */
  async deeper(island: Island, signal: AbortSignal, random: () => number = () => 0): Promise<Island | undefined> {
    let at = island
    while (at.zoom < island.zoom + DEEPER || at.kind !== 'cardioid') {
      const next = await this.#beside(at, 2 * Math.PI * random(), signal)
      if (!next) return undefined
      at = next
    }
    return at
  }

  async #beside(island: Island, first: number, signal: AbortSignal): Promise<Island | undefined> {
    const zoom = Math.min(island.zoom / 2 + LOG2_PART, island.zoom) + CLOSER
    if (zoom > this.#maxZoom) return undefined
    const middle = placeOf(island, zoom)
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const angle = first + direction * GOLDEN_ANGLE
      const at = movedBy(middle, DISTANCE * Math.cos(angle), DISTANCE * Math.sin(angle))
      const found = await this.#features.island(coordinates(at), zoom, signal)
      if (found && found.zoom > island.zoom + 1 && found.zoom <= this.#maxZoom) return found
    }
    return undefined
  }

  async #first<T>(
    point: Place,
    zooms: number[],
    find: (at: { re: string; im: string }, zoom: number) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (const closer of zooms) {
      const zoom = point.zoom + closer
      const found = zoom > this.#maxZoom || zoom < 0 ? undefined : await find(coordinates(atZoom(point, zoom)), zoom)
      if (found) return found
    }
    return undefined
  }
}

/** An island's size at a zoom, in CSS pixels: 256/3 at its own zoom. */
export function sizeAt(island: Island, zoom: number): number {
  return (256 / 3) * 2 ** (zoom - island.zoom)
}

/** The point on an island's axis at a multiple of its size from its nucleus, at a zoom. */
export function onAxis(island: Island, sizes: number, zoom: number): Place {
  const pixels = sizes * sizeAt(island, zoom)
  const radians = (island.angle * Math.PI) / 180
  return movedBy(placeOf(island, zoom), pixels * Math.cos(radians), -pixels * Math.sin(radians))
}

/** A feature's point at a zoom. */
export function placeOf({ re, im }: { re: string; im: string }, zoom: number): Place {
  return placeAt(parseDecimal(re)!, parseDecimal(im)!, zoom)
}
