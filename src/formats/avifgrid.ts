// Large AVIFs, as grids of tiles.
//
// An AV1 encoder needs some 30 bytes of memory for each pixel. So a large picture is a grid: each
// tile is encoded alone, one after the other, and the reader puts them together. Neither sharp nor
// libvips writes grids. This file writes the boxes (ISO/IEC 14496-12) and items (23008-12, HEIF;
// the grid is 6.6.2.3) itself, and takes each tile's stream out of the AVIF that sharp makes of
// that tile.
import { Failure } from '../core/errors.ts'

// libheif reads at most 256 items in a file: the tiles, the grid and its XMP packet
const TILES = 254

/**
 * Pixels along a side of a grid's tiles: 1024, which takes the encoder some 40 MB, doubled until
 * there are few enough of them.
 */
export function avifTile({ width, height }: { width: number; height: number }): number {
  let side = 1024
  while (Math.ceil(width / side) * Math.ceil(height / side) > TILES) side *= 2
  return side
}

/** Pixels of the largest AVIF that is not a grid. */
export const AVIF_WHOLE = 2 ** 21

// tiles that are encoded at the same time
const AT_ONCE = 2

/** A grid: its size in pixels, and its XMP packet. */
export interface Grid {
  width: number
  height: number
  xmp?: string | undefined
}

/**
 * Writes an AVIF tile by tile, rows from the top.
 * @param tile makes the AVIF of a tile, avifTile(grid) pixels a side, from the picture's pixel
 * (left, top) on. Pixels beyond the picture's borders are not shown.
 * @param put writes bytes at an offset of the file; the beginning of the file is written last
 */
export async function writeGrid(
  grid: Grid,
  tile: (left: number, top: number) => Promise<Uint8Array>,
  put: (bytes: Uint8Array, at: number) => unknown,
  signal?: AbortSignal,
): Promise<void> {
  const side = avifTile(grid)
  const columns = Math.ceil(grid.width / side)
  const count = columns * Math.ceil(grid.height / side)
  const lengths: number[] = new Array(count).fill(0)
  let at = 0
  let config: Buffer = Buffer.alloc(0)
  for (let first = 0; first < count; first += AT_ONCE) {
    signal?.throwIfAborted()
    const some = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, k) => {
      const [row, column] = [Math.floor((first + k) / columns), (first + k) % columns]
      return tile(column * side, row * side)
    })
    for (const [k, { av1C, stream }] of (await Promise.all(some)).map(partsOf).entries()) {
      if (at === 0) {
        config = av1C
        at = head(grid, config, lengths).length
      }
      if (!av1C.equals(config)) throw new Failure('internal', 'tiles of one AVIF differ in how they are encoded')
      await put(stream, at)
      lengths[first + k] = stream.length
      at += stream.length
    }
  }
  await put(head(grid, config, lengths), 0)
}

/** What a grid needs of a tile's AVIF: the encoder's configuration, and the AV1 stream. */
function partsOf(avif: Uint8Array): { av1C: Buffer; stream: Buffer } {
  const file = Buffer.from(avif.buffer, avif.byteOffset, avif.byteLength)
  const properties = inside(inside(inside(file, 'meta').subarray(4), 'iprp'), 'ipco')
  return { av1C: inside(properties, 'av1C'), stream: inside(file, 'mdat') }
}

function inside(boxes: Buffer, type: string): Buffer {
  for (let at = 0; at + 8 <= boxes.length; ) {
    const length = boxes.readUInt32BE(at)
    const end = length === 0 ? boxes.length : at + length
    if (boxes.toString('latin1', at + 4, at + 8) === type) return boxes.subarray(at + 8, end)
    at = end
  }
  throw new Failure('internal', `an AVIF without ${type}`)
}

/** Everything before the tiles' streams. Its length does not depend on theirs. */
function head({ width, height, xmp = '' }: Grid, config: Buffer, lengths: readonly number[]): Buffer {
  const packet = Buffer.from(xmp)
  const side = avifTile({ width, height })
  const [columns, rows] = [Math.ceil(width / side), Math.ceil(height / side)]
  // version, flags: sizes of four bytes
  const grid = Buffer.concat([Buffer.from([0, 1, rows - 1, columns - 1]), u32(width, height)])
  const tiles = lengths.length
  const [whole, text] = [tiles + 1, tiles + 2]
  const ids = lengths.map((_, k) => k + 1)
  const withText = packet.length > 0
  const sizes = [...lengths, grid.length, ...(withText ? [packet.length] : [])]
  const items = [
    ...ids.map((id) => full('infe', 2, 1, u16(id, 0), 'av01\0')), // flag 1: not shown by itself
    full('infe', 2, 0, u16(whole, 0), 'grid\0'),
    ...(withText ? [full('infe', 2, 0, u16(text, 0), 'mime\0application/rdf+xml\0\0')] : []),
  ]
  const references = [box('dimg', u16(whole, tiles, ...ids)), ...(withText ? [box('cdsc', u16(text, 1, whole))] : [])]
  // items refer to properties by number, from 1 on; a decoder must obey av1C, hence 0x81
  const properties = [
    box('av1C', config),
    full('ispe', 0, 0, u32(side, side)),
    full('pixi', 0, 0, Buffer.from([3, 8, 8, 8])),
    full('ispe', 0, 0, u32(width, height)),
  ]
  const owned = [
    ...ids.map((id) => Buffer.concat([u16(id), Buffer.from([3, 0x81, 2, 3])])),
    Buffer.concat([u16(whole), Buffer.from([2, 4, 3])]),
  ]
  const boxes = (places: readonly number[]) =>
    Buffer.concat([
      box('ftyp', 'avif', u32(0), 'mif1avifmiaf'),
      full(
        'meta',
        0,
        0,
        full('hdlr', 0, 0, u32(0), 'pict', u32(0, 0, 0), '\0'),
        full('pitm', 0, 0, u16(whole)),
        // offsets and lengths of four bytes, one extent for each item
        full(
          'iloc',
          0,
          0,
          u16(0x4400, sizes.length),
          ...sizes.map((size, k) => Buffer.concat([u16(k + 1, 0, 1), u32(places[k]!, size)])),
        ),
        full('iinf', 0, 0, u16(items.length), ...items),
        full('iref', 0, 0, ...references),
        box('iprp', box('ipco', ...properties), full('ipma', 0, 0, u32(owned.length), ...owned)),
      ),
    ])
  // the boxes are followed by eight bytes of the data's header, the grid, the packet and the tiles
  const data = boxes(sizes).length + 8
  let at = data + grid.length + packet.length
  const places = lengths.map((length) => {
    at += length
    return at - length
  })
  const written = boxes([...places, data, data + grid.length])
  return Buffer.concat([written, u32(at - data + 8), Buffer.from('mdat'), grid, packet])
}

function box(type: string, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

// a box with a version and flags
function full(type: string, version: number, flags: number, ...parts: (Buffer | string)[]): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...parts)
}

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  for (const [k, value] of values.entries()) bytes.writeUInt16BE(value, 2 * k)
  return bytes
}

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [k, value] of values.entries()) bytes.writeUInt32BE(value, 4 * k)
  return bytes
}
