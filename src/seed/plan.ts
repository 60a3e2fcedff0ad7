// The tiles to seed: one layer for each zoom, shallow ones first. A layer is counted without
// listing it, and yields its tiles by metatiles.
import { Failure, mustBe } from '../core/errors.ts'
import type { TileAddress } from '../plane/tile.ts'
import {
  type Area,
  addressName,
  type Metatile,
  mergedMetatiles,
  metatileOrbit,
  metatilesOf,
  orbitAt,
  type TileSpec,
  tileCount,
  tilesOf,
} from './tileset.ts'

/** A tile and how it looks. */
export interface PlannedTile {
  tile: TileAddress
  spec: TileSpec
}

/** The tiles of one zoom. */
export interface Layer {
  z: number
  tiles: number
  /**
   * the reference orbits that the tiles need: their number, and the zoom of their neighbourhoods
   */
  orbits: { z: number; count: number } | undefined
  metatiles(): Iterable<Metatile>
  /** about `count` tiles, spread evenly; `random` returns numbers from 0 to 1 */
  sample(count: number, random: () => number): PlannedTile[]
}

/** Part `index`, counted from 0, of a plan divided into `of` parts. */
export interface Part {
  index: number
  of: number
}

// a thousand machines that render 32 tiles a second each need a year for as many
const MOST_TILES = 1e12

/** A layer for an area of each zoom. */
export function planAreas(areas: readonly Area[], spec: TileSpec): Layer[] {
  return checked(
    areas.map((area) => ({
      z: area.z,
      tiles: Number(tileCount(area)),
      orbits: orbitsOf(area, spec),
      metatiles: () => metatilesOf(area, spec),
      sample: (count, random) => sampleArea(area, count, random).map((tile) => ({ tile, spec })),
    })),
  )
}

/** The layers of areas that may overlap. */
export function planLocations(areas: readonly { area: Area; spec: TileSpec }[]): Layer[] {
  const zooms = [...new Set(areas.map(({ area }) => area.z))].sort((a, b) => a - b)
  return checked(
    zooms.map((z) => {
      const metatiles = mergedMetatiles(areas.filter(({ area }) => area.z === z))
      const tiles = metatiles.reduce((sum, { tiles }) => sum + tiles.length, 0)
      const neighbourhoods = metatiles.flatMap((metatile) => metatileOrbit(metatile) ?? [])
      const [first] = neighbourhoods
      const orbits = first && { z: first.z, count: new Set(neighbourhoods.map(addressName)).size }
      return {
        z,
        tiles,
        orbits,
        metatiles: () => metatiles,
        sample: (count, random) => sampleMetatiles(metatiles, tiles, count, random),
      }
    }),
  )
}

function checked(layers: Layer[]): Layer[] {
  const tiles = layers.reduce((sum, layer) => sum + layer.tiles, 0)
  if (tiles <= MOST_TILES) return layers
  throw new Failure('too_expensive', mustBe('the tiles to seed', `at most ${MOST_TILES}`, tiles))
}

/**
 * The metatiles of a plan, or of a part of it. Parts take turns, but metatiles that share a
 * reference orbit are in the same part, so that no two machines compute the same orbit.
 */
export function* metatilesOfPlan(layers: readonly Layer[], part: Part = { index: 0, of: 1 }): Generator<Metatile> {
  const partOfOrbit = new Map<string, number>()
  let turn = 0
  for (const layer of layers) {
    for (const metatile of layer.metatiles()) {
      const orbit = metatileOrbit(metatile)
      const name = orbit && addressName(orbit)
      const index = (name === undefined ? undefined : partOfOrbit.get(name)) ?? turn++ % part.of
      if (name !== undefined) partOfOrbit.set(name, index)
      if (index === part.index) yield metatile
    }
  }
}

function orbitsOf(area: Area, spec: TileSpec): Layer['orbits'] {
  const [from, to] = [
    [area.x0, area.y0],
    [area.x1, area.y1],
  ].map(([x, y]) => orbitAt({ z: area.z, x: x!, y: y! }, spec.size))
  return from && to && { z: from.z, count: (Number(to.x - from.x) + 1) * (Number(to.y - from.y) + 1) }
}

/** Tiles of an area: a random one in each cell of a grid of about `count` cells. */
function sampleArea(area: Area, count: number, random: () => number): TileAddress[] {
  const [width, height] = [Number(area.x1 - area.x0) + 1, Number(area.y1 - area.y0) + 1]
  if (width * height <= count) return allOf(area, width, height)
  const columns = Math.max(1, Math.min(width, Math.round(Math.sqrt((count * width) / height))))
  const rows = Math.max(1, Math.min(height, Math.round(count / columns)))
  const at = (cell: number, cells: number, side: number) => BigInt(Math.floor(((cell + random()) * side) / cells))
  return Array.from({ length: columns * rows }, (_, k) => ({
    z: area.z,
    x: area.x0 + at(k % columns, columns, width),
    y: area.y0 + at(Math.floor(k / columns), rows, height),
  }))
}

function allOf({ z, x0, y0 }: Area, width: number, height: number): TileAddress[] {
  return Array.from({ length: width * height }, (_, k) => ({
    z,
    x: x0 + BigInt(k % width),
    y: y0 + BigInt(Math.floor(k / width)),
  }))
}

/** Tiles of metatiles: a random one in each of `count` equal runs. */
function sampleMetatiles(
  metatiles: readonly Metatile[],
  tiles: number,
  count: number,
  random: () => number,
): PlannedTile[] {
  const picked = Array.from({ length: Math.min(count, tiles) }, (_, k, cells = Math.min(count, tiles)) =>
    Math.floor(((k + (cells === tiles ? 0 : random())) * tiles) / cells),
  )
  const sample: PlannedTile[] = []
  let [first, next] = [0, 0]
  for (const metatile of metatiles) {
    const own = tilesOf(metatile)
    for (; next < picked.length && picked[next]! < first + own.length; next++) {
      sample.push({ tile: own[picked[next]! - first]!, spec: metatile.spec })
    }
    first += own.length
  }
  return sample
}
