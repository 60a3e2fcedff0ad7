import type { TileAddress } from '../src/plane/tile.ts'

/** The tile `levels` zooms up that holds this one; zoom 0 is its own ancestor. */
export function ancestor(tile: TileAddress, levels: number): TileAddress {
  const up = Math.min(levels, tile.z)
  return { z: tile.z - up, x: tile.x >> BigInt(up), y: tile.y >> BigInt(up) }
}
