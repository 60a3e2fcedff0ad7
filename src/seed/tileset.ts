// Areas of the pyramid, exact at any zoom, and the metatiles into which they are divided. A
// metatile is the unit of work of one process: neighbours of one zoom that share their reference
// orbit, few enough that little is lost with the process.

import { cachedPictureKey, tileKey } from '../cache/keys.ts'
import type { Appearance } from '../colour/appearance.ts'
import type { PictureFormat } from '../formats/format.ts'
import type { IterationLimit } from '../kernel/request.ts'
import type { Decimal } from '../plane/decimal.ts'
import { neighbourhood } from '../plane/neighbourhood.ts'
import { isDeep } from '../plane/precision.ts'
import { LEFT, SPAN, TILE_SIZE, type TileAddress, TOP } from '../plane/tile.ts'
import { tileView } from '../plane/view.ts'

/** The tiles of a zoom from (x0, y0) to (x1, y1), both included. */
export interface Area {
  z: number
  x0: bigint
  y0: bigint
  x1: bigint
  y1: bigint
}

/** How a tile is rendered. */
export interface TileSpec {
  /** pixels a side */
  size: number
  maxIter: IterationLimit
  appearance: Appearance
  format: PictureFormat
}

/**
 * Tiles of a square of `side` by `side` tiles whose first is (x, y). Tile k is at
 * (x + k mod side, y + ⌊k / side⌋).
 */
export interface Metatile {
  z: number
  x: bigint
  y: bigint
  side: number
  tiles: number[]
  spec: TileSpec
}

/** A point of the plane. */
export interface Point {
  re: Decimal
  im: Decimal
}

/** The tiles of a zoom between two opposite corners; undefined if there are none. */
export function areaOfBounds(a: Point, b: Point, z: number): Area | undefined {
  const corners = [across(a.re, z), across(b.re, z), down(a.im, z), down(b.im, z)] as const
  const [left, right] = ordered(corners[0], corners[1])
  const [top, bottom] = ordered(corners[2], corners[3])
  // a tile that only touches a bound from outside does not belong to it
  return clipped({ z, x0: floor(left), y0: floor(top), x1: ceil(right) - 1n, y1: ceil(bottom) - 1n })
}

/** The tiles of a zoom within a tile, or the one tile that contains it. */
export function areaOfTile({ z: own, x, y }: TileAddress, z: number): Area {
  const [up, levels] = [z < own, BigInt(Math.abs(z - own))]
  if (up) return { z, x0: x >> levels, y0: y >> levels, x1: x >> levels, y1: y >> levels }
  const last = (at: bigint) => ((at + 1n) << levels) - 1n
  return { z, x0: x << levels, y0: y << levels, x1: last(x), y1: last(y) }
}

/**
 * The tiles of a screen, its size in pixels, with a point in its centre; undefined if there are
 * none.
 */
export function areaOfScreen({ re, im }: Point, width: number, height: number, z: number): Area | undefined {
  const side = BigInt(TILE_SIZE)
  const [x, y] = [across(re, z), down(im, z)].map(({ over, under }) => floor({ over: over * side, under })) as [
    bigint,
    bigint,
  ]
  const [half, tall] = [BigInt(Math.ceil(width / 2)), BigInt(Math.ceil(height / 2))]
  const tile = (pixel: bigint) => floor({ over: pixel, under: side })
  return clipped({ z, x0: tile(x - half), y0: tile(y - tall), x1: tile(x + half), y1: tile(y + tall) })
}

export function tileCount({ x0, y0, x1, y1 }: Area): bigint {
  return (x1 - x0 + 1n) * (y1 - y0 + 1n)
}

/** The metatiles of an area, row by row. */
export function* metatilesOf(area: Area, spec: TileSpec): Generator<Metatile> {
  const { z, x0, y0, x1, y1 } = area
  const { side, shift } = metatileSide(z, spec.size)
  const within = (first: bigint, low: bigint, high: bigint) => {
    const from = low > first ? Number(low - first) : 0
    const to = high - first < BigInt(side) ? Number(high - first) : side - 1
    return { from, to }
  }
  for (let row = y0 >> shift; row <= y1 >> shift; row++) {
    for (let column = x0 >> shift; column <= x1 >> shift; column++) {
      const [x, y] = [column << shift, row << shift]
      const [i, j] = [within(x, x0, x1), within(y, y0, y1)]
      const tiles: number[] = []
      for (let at = j.from; at <= j.to; at++) for (let k = i.from; k <= i.to; k++) tiles.push(at * side + k)
      yield { z, x, y, side, tiles, spec }
    }
  }
}

/** The metatiles of areas that may overlap: each tile that is cached once is listed once. */
export function mergedMetatiles(areas: readonly { area: Area; spec: TileSpec }[]): Metatile[] {
  const merged = new Map<string, { metatile: Metatile; tiles: Set<number> }>()
  for (const { area, spec } of areas) {
    for (const metatile of metatilesOf(area, spec)) {
      const name = metatileName(metatile)
      const known = merged.get(name)
      if (known) for (const tile of metatile.tiles) known.tiles.add(tile)
      else merged.set(name, { metatile, tiles: new Set(metatile.tiles) })
    }
  }
  return [...merged.values()].map(({ metatile, tiles }) => ({ ...metatile, tiles: [...tiles].sort((a, b) => a - b) }))
}

/** The name of a metatile's square: the same for all specs that are cached as one. */
function metatileName({ z, x, y, side, spec }: Omit<Metatile, 'tiles'>): string {
  const { size, maxIter, appearance, format } = spec
  return `${side} ${cachedPictureKey(tileKey({ tile: { z, x, y }, size, maxIter }), appearance, format)}`
}

/** The tiles of a metatile. */
export function tilesOf({ z, x, y, side, tiles }: Metatile): TileAddress[] {
  return tiles.map((at) => ({ z, x: x + BigInt(at % side), y: y + BigInt(Math.floor(at / side)) }))
}

/** The neighbourhood whose reference orbit the tiles share; undefined if doubles suffice. */
export function metatileOrbit({ z, x, y, spec }: Metatile): TileAddress | undefined {
  return orbitAt({ z, x, y }, spec.size)
}

/** The neighbourhood whose reference orbit a tile needs; undefined if doubles suffice. */
export function orbitAt(tile: TileAddress, size: number): TileAddress | undefined {
  return needsOrbit(tile.z, size) ? neighbourhood(tileView(tile, size)) : undefined
}

export function addressName({ z, x, y }: TileAddress): string {
  return `${z}/${x}/${y}`
}

// 8 x 8 shallow tiles, of about ten milliseconds each: a metatile takes about a second
const SHALLOW = 3
// at most 32 x 32 deep ones: their orbit may take half a minute, and should be computed once
const DEEP = 5

/**
 * The side of a metatile, a power of two, and its logarithm. A metatile is no larger than a
 * neighbourhood and aligned like one, so it lies within one.
 */
function metatileSide(z: number, size: number): { side: number; shift: bigint } {
  const above = z - neighbourhood(tileView({ z, x: 0n, y: 0n }, size)).z
  const shift = needsOrbit(z, size) ? Math.min(DEEP, above) : SHALLOW
  return { side: 2 ** shift, shift: BigInt(shift) }
}

function needsOrbit(z: number, size: number): boolean {
  return isDeep(tileView({ z, x: 0n, y: 0n }, size))
}

/** over / under, under above 0 */
interface Ratio {
  over: bigint
  under: bigint
}

// in tiles of zoom z, from the left: (re - LEFT) 2^z / SPAN
function across({ digits, scale }: Decimal, z: number): Ratio {
  const one = 10n ** BigInt(scale)
  return { over: (digits - BigInt(LEFT) * one) << BigInt(z), under: BigInt(SPAN) * one }
}

// from the top: (TOP - im) 2^z / SPAN, both halves of TOP taken into account
function down({ digits, scale }: Decimal, z: number): Ratio {
  const one = 10n ** BigInt(scale)
  return { over: (BigInt(2 * TOP) * one - 2n * digits) << BigInt(z), under: BigInt(2 * SPAN) * one }
}

function floor({ over, under }: Ratio): bigint {
  const quotient = over / under
  return over < 0n && quotient * under !== over ? quotient - 1n : quotient
}

function ceil({ over, under }: Ratio): bigint {
  return -floor({ over: -over, under })
}

function ordered(a: Ratio, b: Ratio): [Ratio, Ratio] {
  return a.over * b.under <= b.over * a.under ? [a, b] : [b, a]
}

function clipped({ z, ...sides }: Area): Area | undefined {
  const last = (1n << BigInt(z)) - 1n
  const low = (at: bigint) => (at < 0n ? 0n : at)
  const high = (at: bigint) => (at > last ? last : at)
  const area = { z, x0: low(sides.x0), y0: low(sides.y0), x1: high(sides.x1), y1: high(sides.y1) }
  return area.x0 <= area.x1 && area.y0 <= area.y1 ? area : undefined
}
