// A pyramid as one file in the format PMTiles, version 3, which viewers read by ranges from any web
// server. https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
//
//   header and root directory, in the first 16 KB | tiles | leaf directories | metadata
//
// Tiles lie in the order of a Hilbert curve, zoom by zoom, so neighbours are close in the file.
// Tiles with the same bytes are written once.
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import type { PictureFormat } from '../formats/format.ts'

/** West, south, east and north, in degrees. */
export type LonLatBounds = readonly [number, number, number, number]

/** The deepest zoom: ids of tiles below it do not fit the numbers of readers in JavaScript. */
export const PMTILES_ZOOM = 26

/** The id of a tile: the count of tiles at all zooms above, plus its position along the curve. */
export function tileId(z: number, x: number, y: number): number {
  let id = (4 ** z - 1) / 3
  for (let side = 2 ** (z - 1); side >= 1; side /= 2) {
    const [right, down] = [(x & side) > 0 ? 1 : 0, (y & side) > 0 ? 1 : 0]
    id += side * side * ((3 * right) ^ down)
    // the quarters at the ends of the curve are rotated
    if (down === 0) {
      if (right === 1) [x, y] = [side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))]
      ;[x, y] = [y, x]
    }
  }
  return id
}

interface Entry {
  id: number
  offset: number
  length: number
  /** tiles in a row that have these bytes */
  run: number
}

const HEADER = 127
// readers fetch this much first
const FIRST = 16_384
const TYPES: Record<PictureFormat, number> = { png: 2, jpg: 3, webp: 4, avif: 5 }

/** A file to which tiles are added in the order of their ids. */
export class PmtilesWriter {
  readonly #file: FileHandle
  readonly #entries: Entry[] = []
  readonly #known = new Map<string, { offset: number; length: number }>()
  #length = 0
  #tiles = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async create(path: string): Promise<PmtilesWriter> {
    return new PmtilesWriter(await open(path, 'w'))
  }

  async add(z: number, x: number, y: number, bytes: Uint8Array): Promise<void> {
    const id = tileId(z, x, y)
    const hash = createHash('sha256').update(bytes).digest('base64')
    let place = this.#known.get(hash)
    if (!place) {
      place = { offset: this.#length, length: bytes.length }
      await this.#file.write(bytes, 0, bytes.length, FIRST + this.#length)
      this.#length += bytes.length
      this.#known.set(hash, place)
    }
    this.#tiles++
    const last = this.#entries.at(-1)
    if (last && last.offset === place.offset && last.id + last.run === id) last.run++
    else this.#entries.push({ id, ...place, run: 1 })
  }

  /** Writes the directories. */
  async finish(format: PictureFormat, zoom: number, bounds: LonLatBounds, metadata: object): Promise<void> {
    const { root, leaves } = directories(this.#entries)
    const about = gzipSync(JSON.stringify(metadata))
    const leavesAt = FIRST + this.#length
    const header = Buffer.alloc(HEADER)
    header.write('PMTiles', 'latin1')
    header.writeUInt8(3, 7)
    const sections = [
      HEADER,
      root.length,
      leavesAt + leaves.length,
      about.length,
      leavesAt,
      leaves.length,
      FIRST,
      this.#length,
    ]
    const numbers = [...sections, this.#tiles, this.#entries.length, this.#known.size]
    for (const [k, value] of numbers.entries()) header.writeBigUInt64LE(BigInt(value), 8 + 8 * k)
    // in order of ids; directories are gzipped, tiles are not
    for (const [k, value] of [1, 2, 1, TYPES[format], 0, zoom].entries()) header.writeUInt8(value, 96 + k)
    const [west, south, east, north] = bounds
    for (const [k, degrees] of [west, south, east, north].entries())
      header.writeInt32LE(Math.round(degrees * 1e7), 102 + 4 * k)
    header.writeUInt8(0, 118)
    for (const [k, degrees] of [(west + east) / 2, (south + north) / 2].entries()) {
      header.writeInt32LE(Math.round(degrees * 1e7), 119 + 4 * k)
    }
    await this.#file.write(Buffer.concat([leaves, about]), 0, undefined, leavesAt)
    await this.#file.write(Buffer.concat([header, root]), 0, undefined, 0)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** The root directory, and its leaf directories if the entries do not fit into it. */
function directories(entries: Entry[]): { root: Buffer; leaves: Buffer } {
  const whole = directory(entries)
  if (whole.length <= FIRST - HEADER) return { root: whole, leaves: Buffer.alloc(0) }
  for (let size = 4096; ; size *= 2) {
    const parts: Buffer[] = []
    const root: Entry[] = []
    let offset = 0
    for (let at = 0; at < entries.length; at += size) {
      const leaf = directory(entries.slice(at, at + size))
      // a run of 0 marks a leaf
      root.push({ id: entries[at]!.id, offset, length: leaf.length, run: 0 })
      parts.push(leaf)
      offset += leaf.length
    }
    const packed = directory(root)
    if (packed.length <= FIRST - HEADER) return { root: packed, leaves: Buffer.concat(parts) }
  }
}

// column by column: differences of ids, runs, lengths, offsets; 0 for what follows the one before
function directory(entries: Entry[]): Buffer {
  const numbers = [
    entries.length,
    ...entries.map(({ id }, k) => id - (entries[k - 1]?.id ?? 0)),
    ...entries.map(({ run }) => run),
    ...entries.map(({ length }) => length),
    ...entries.map(({ offset }, k) => {
      const before = entries[k - 1]
      return before && offset === before.offset + before.length ? 0 : offset + 1
    }),
  ]
  return gzipSync(Buffer.from(numbers.flatMap(varint)))
}

// seven bits a byte, the lowest first
function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  bytes.push(value)
  return bytes
}
