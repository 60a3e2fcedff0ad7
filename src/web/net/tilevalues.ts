import { TILE_SIZE, type TileAddress } from '../../plane/tile.ts'
import type { MapAppearance } from '../state/appearance.ts'
import { type Plane, tilePath } from '../state/plane.ts'
import { fetchWithRetry } from './fetching.ts'

// the most recent tiles, half a megabyte each
const CACHED_TILES = 4

/**
 * The smooth iteration counts of tiles. A tile is fetched whole, so every further pixel of it costs
 * nothing.
 */
export class TileValues {
  readonly #tiles = new Map<string, Promise<Float64Array>>()
  readonly #version: string

  constructor(version: string) {
    this.#version = version
  }

  /**
   * The count at a pixel of a tile. Below 0 it did not escape: -1 is proven interior, -2 reached
   * the limit.
   */
  async valueAt(
    plane: Plane,
    tile: TileAddress,
    [column, row]: [number, number],
    limit: MapAppearance['limit'],
  ): Promise<number> {
    return (await this.all(plane, tile, limit))[row * TILE_SIZE + column]!
  }

  /** The share of a tile's pixels that reached the limit, 0 to 1. */
  async limitedShare(plane: Plane, tile: TileAddress, limit: MapAppearance['limit']): Promise<number> {
    const values = await this.all(plane, tile, limit)
    return values.filter((nu) => nu === -2).length / values.length
  }

  /** All counts of a tile, rows from the top. */
  all(plane: Plane, { z, x, y }: TileAddress, limit: MapAppearance['limit']): Promise<Float64Array> {
    const query = new URLSearchParams({ ...(limit !== 'auto' && { max_iter: String(limit) }), v: this.#version })
    const url = `${tilePath(plane)}/${z}/${x}/${y}.npy?${query}`
    const values = this.#tiles.get(url) ?? fetchValues(url)
    // least recently used first
    this.#tiles.delete(url)
    this.#tiles.set(url, values)
    if (this.#tiles.size > CACHED_TILES) this.#tiles.delete(this.#tiles.keys().next().value!)
    values.catch(() => this.#tiles.delete(url))
    return values
  }
}

// NumPy's format 1.0: ten bytes, the last two of which are the header's length, then the header,
// then doubles
async function fetchValues(url: string): Promise<Float64Array> {
  const body = await fetchWithRetry(url, new AbortController().signal)
  const bytes = await body.arrayBuffer()
  return new Float64Array(bytes.slice(10 + new DataView(bytes).getUint16(8, true)))
}
