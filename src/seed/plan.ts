// What is to be seeded: layers of one zoom each, shallow ones first, each counted without being listed, and walked by blocks.
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

/** A tile and what is wanted of it. */
export interface Wanted {
  tile: TileAddress
  spec: TileSpec
}

/** The tiles of one zoom. */
export interface Layer {
  z: number
  tiles: number
  /** reference orbits that they need, and the zoom of the neighbourhoods these belong to */
  orbits: { z: number; count: number } | undefined
  blocks(): Iterable<Metatile>
  /** about so many of them, spread evenly; `random` gives numbers from 0 to 1 */
  spread(count: number, random: () => number): Wanted[]
}

/** One of so many shares of a plan, from 0 on. */
export interface Part {
  index: number
  of: number
}

// a thousand machines would take a year over more
const MOST = 1e12

/** A layer for an area of each zoom. */
export function planAreas(areas: readonly Area[], spec: TileSpec): Layer[] {
  return checked(
    areas.map((area) => ({
      z: area.z,
      tiles: Number(tileCount(area)),
      orbits: orbitsOf(area, spec),
      blocks: () => metatilesOf(area, spec),
      spread: (count, random) => spreadOver(area, count, random).map((tile) => ({ tile, spec })),
    })),
  )
}

/** The layers of areas that may overlap. */
export function planPlaces(areas: readonly { area: Area; spec: TileSpec }[]): Layer[] {
  const zooms = [...new Set(areas.map(({ area }) => area.z))].sort((a, b) => a - b)
  return checked(
    zooms.map((z) => {
      const blocks = mergedMetatiles(areas.filter(({ area }) => area.z === z))
      const tiles = blocks.reduce((sum, block) => sum + block.tiles.length, 0)
      const homes = blocks.flatMap((block) => metatileOrbit(block) ?? [])
      const orbits = homes[0] && { z: homes[0].z, count: new Set(homes.map(addressName)).size }
      return {
        z,
        tiles,
        orbits,
        blocks: () => blocks,
        spread: (count, random) => spreadAlong(blocks, tiles, count, random),
      }
    }),
  )
}

function checked(layers: Layer[]): Layer[] {
  const tiles = layers.reduce((sum, layer) => sum + layer.tiles, 0)
  if (tiles <= MOST) return layers
  throw new Failure('too_expensive', mustBe('the tiles to seed', `at most ${MOST}`, tiles))
}

/**
 * The blocks of a plan, or of a part of it. Parts take turns, block by block; but blocks that share a reference orbit are in one part, so that no two
 * machines make the same orbit.
 */
export function* metatilesOfPlan(layers: readonly Layer[], part: Part = { index: 0, of: 1 }): Generator<Metatile> {
  const homes = new Map<string, number>()
  let turn = 0
  for (const layer of layers) {
    for (const block of layer.blocks()) {
      const orbit = metatileOrbit(block)
      const name = orbit && addressName(orbit)
      const home = (name === undefined ? undefined : homes.get(name)) ?? turn++ % part.of
      if (name !== undefined) homes.set(name, home)
      if (home === part.index) yield block
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

/** Tiles of an area, one at random in each cell of a net of about `count` cells. */
function spreadOver(area: Area, count: number, random: () => number): TileAddress[] {
  const [width, height] = [Number(area.x1 - area.x0) + 1, Number(area.y1 - area.y0) + 1]
  if (width * height <= count) return spreadAll(area, width, height)
  const columns = Math.max(1, Math.min(width, Math.round(Math.sqrt((count * width) / height))))
  const rows = Math.max(1, Math.min(height, Math.round(count / columns)))
  const at = (cell: number, cells: number, side: number) => BigInt(Math.floor(((cell + random()) * side) / cells))
  return Array.from({ length: columns * rows }, (_, k) => ({
    z: area.z,
    x: area.x0 + at(k % columns, columns, width),
    y: area.y0 + at(Math.floor(k / columns), rows, height),
  }))
}

function spreadAll({ z, x0, y0 }: Area, width: number, height: number): TileAddress[] {
  return Array.from({ length: width * height }, (_, k) => ({
    z,
    x: x0 + BigInt(k % width),
    y: y0 + BigInt(Math.floor(k / width)),
  }))
}

/** Tiles of blocks, one at random in each of `count` equal stretches. */
function spreadAlong(blocks: readonly Metatile[], tiles: number, count: number, random: () => number): Wanted[] {
  const picked = Array.from({ length: Math.min(count, tiles) }, (_, k, cells = Math.min(count, tiles)) =>
    Math.floor(((k + (cells === tiles ? 0 : random())) * tiles) / cells),
  )
  const wanted: Wanted[] = []
  let [first, next] = [0, 0]
  for (const block of blocks) {
    const own = tilesOf(block)
    for (; next < picked.length && picked[next]! < first + own.length; next++) {
      wanted.push({ tile: own[picked[next]! - first]!, spec: block.spec })
    }
    first += own.length
  }
  return wanted
}
