import { TILE_SIZE, type TileAddress } from '../plane/tile.ts'
import { fetchPatiently } from './fetching.ts'
import type { Appearance } from './look.ts'
import { type Plane, tilePath } from './plane.ts'

// half a megabyte each: those the cursor was over last
const KEPT = 4

/** The smooth iteration counts of tiles, fetched whole: then every pixel of one is at hand. */
export class Counts {
  readonly #tiles = new Map<string, Promise<Float64Array>>()
  readonly #version: string

  constructor(version: string) {
    this.#version = version
  }

  /** The count at pixel (i, j) of a tile; below 0 it did not escape: -1 is interior, -2 met the limit. */
  async at(plane: Plane, tile: TileAddress, i: number, j: number, limit: Appearance['limit']): Promise<number> {
    return (await this.#values(plane, tile, limit))[j * TILE_SIZE + i]!
  }

  /** The share of a tile's pixels that met the limit, 0 to 1. */
  async limited(plane: Plane, tile: TileAddress, limit: Appearance['limit']): Promise<number> {
    const values = await this.#values(plane, tile, limit)
    return values.filter((nu) => nu === -2).length / values.length
  }

  #values(plane: Plane, { z, x, y }: TileAddress, limit: Appearance['limit']): Promise<Float64Array> {
    const query = new URLSearchParams({ ...(limit !== 'auto' && { max_iter: String(limit) }), v: this.#version })
    const url = `${tilePath(plane)}/${z}/${x}/${y}.npy?${query}`
    const values = this.#tiles.get(url) ?? load(url)
    // asked for last, kept longest
    this.#tiles.delete(url)
    this.#tiles.set(url, values)
    if (this.#tiles.size > KEPT) this.#tiles.delete(this.#tiles.keys().next().value!)
    values.catch(() => this.#tiles.delete(url))
    return values
  }
}

// NumPy's format 1.0: ten bytes, the last two the header's length; then the header, then doubles
async function load(url: string): Promise<Float64Array> {
  const body = await fetchPatiently(url, new AbortController().signal)
  const bytes = await body.arrayBuffer()
  return new Float64Array(bytes.slice(10 + new DataView(bytes).getUint16(8, true)))
}
