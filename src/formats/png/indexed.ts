// Tiles and grids as PNG, made in one go.
//
// A tile has one number per pixel: the phase in its palette's cycle. So it is stored as an indexed
// PNG, whose palette is 768 bytes at a fixed place. To change the colours, `recolour` copies the
// file and overwrites these bytes. Against sharp's RGB PNG this takes about a fifteenth of the time
// and a third of the bytes.
import { crc32, inflateSync } from 'node:zlib'
import { paletteTable } from '../../colour/palette.ts'
import { DEFAULT_PALETTE } from '../../colour/palettes.ts'
import { deflatedBytes, kernel } from '../../kernel/binding.ts'
import { CHUNK_BYTES, chunk, type PIXELS, PNG_END, pngStart, putChunk, START_BYTES } from './chunk.ts'

/**
 * One byte per pixel, rows from the top, as an indexed PNG in the default palette; `recolour` gives
 * it another.
 */
export function indexedPng(index: Uint8Array, width: number, height: number): Buffer<ArrayBuffer> {
  return png(index, width, height, 'index8', [paletteChunk(paletteTable(DEFAULT_PALETTE))])
}

/** Values from 0 (black) to 1 (white), rows from the top, as a greyscale PNG. */
export function greyPng(values: ArrayLike<number>, width: number, height: number): Buffer<ArrayBuffer> {
  return png(greyPixels(values), width, height, 'grey8', [])
}

/** The same values as pixels. */
export function greyPixels(values: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(values, (value) => Math.round(255 * value))
}

function png(
  pixels: Uint8Array,
  width: number,
  height: number,
  kind: keyof typeof PIXELS,
  extra: Buffer[],
): Buffer<ArrayBuffer> {
  const head = Buffer.concat([pngStart(width, height, kind), ...extra])
  const stream = deflated(pixels, width, height)
  // memory of its own, never a slice of Node's shared pool, because it is transferred to another
  // thread
  const bytes = Buffer.allocUnsafeSlow(head.length + CHUNK_BYTES + stream.length + PNG_END.length)
  bytes.set(head)
  bytes.set(PNG_END, putChunk(bytes, head.length, 'IDAT', stream))
  return bytes
}

// buffers that are used again from tile to tile: 512 rows of a filter byte and 512 pixels
const TILE = 512 * (1 + 512)
const tileRows = new Uint8Array(TILE)
const tileStream = new Uint8Array(deflatedBytes(TILE))

// Filtered by the difference to the pixel on the left. The steps of a palette are a cycle, so
// differences are small where colours change evenly.
function deflated(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const count = height * (width + 1)
  const buffer = (kept: Uint8Array, bytes: number) => (count <= TILE ? kept.subarray(0, bytes) : new Uint8Array(bytes))
  const rows = buffer(tileRows, count)
  kernel.pngSubFilter(pixels, width, height, rows)
  const stream = buffer(tileStream, deflatedBytes(count))
  return stream.subarray(0, kernel.deflate(rows, stream))
}

/**
 * An indexed PNG in other colours, 256 RGB triples: a copy, or itself if it already has them.
 */
export function recolour(png: Uint8Array<ArrayBuffer>, table: Uint8Array): Uint8Array<ArrayBuffer> {
  const palette = paletteChunk(table)
  if (palette.compare(png, START_BYTES, START_BYTES + palette.length) === 0) return png
  const copy = Buffer.from(png)
  copy.set(palette, START_BYTES)
  return copy
}

/**
 * Is this what indexedPng writes, with this many pixels? Check before recolouring or decoding
 * foreign bytes: the palette is overwritten in place, a few bytes may claim any number of pixels,
 * and a picture that a decoder rejects would fail again and again.
 */
export function isIndexedPng(png: Uint8Array, width: number, height: number): boolean {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  const start = pngStart(width, height, 'index8')
  const palette = START_BYTES + PALETTE_BYTES + CHUNK_BYTES
  const end = bytes.length - PNG_END.length
  return (
    end >= palette + CHUNK_BYTES &&
    start.equals(bytes.subarray(0, START_BYTES)) &&
    isChunk(bytes.subarray(START_BYTES, palette), 'PLTE') &&
    isChunk(bytes.subarray(palette, end), 'IDAT') &&
    PNG_END.equals(bytes.subarray(end)) &&
    areRows(bytes.subarray(palette + 8, end - 4), width, height)
  )
}

/** Is this a chunk of that type, and nothing else? */
function isChunk(bytes: Buffer, type: string): boolean {
  return (
    bytes.readUInt32BE(0) + CHUNK_BYTES === bytes.length &&
    bytes.toString('latin1', 4, 8) === type &&
    bytes.readUInt32BE(bytes.length - 4) === crc32(bytes.subarray(4, -4))
  )
}

/** Is this a zlib stream of this many rows, each after its filter byte? */
function areRows(stream: Buffer, width: number, height: number): boolean {
  try {
    const rows = inflateSync(stream, { maxOutputLength: height * (width + 1) })
    if (rows.length !== height * (width + 1)) return false
    for (let at = 0; at < rows.length; at += width + 1) if (rows[at]! > LAST_FILTER) return false
    return true
  } catch {
    // it is damaged, or inflates to more
    return false
  }
}

const LAST_FILTER = 4

/** 256 colours of three bytes. */
const PALETTE_BYTES = 768

// by table; palette.ts returns the same one for the same colours
const paletteChunks = new WeakMap<Uint8Array, Buffer>()

function paletteChunk(table: Uint8Array): Buffer {
  let bytes = paletteChunks.get(table)
  if (!bytes) {
    bytes = chunk('PLTE', table)
    paletteChunks.set(table, bytes)
  }
  return bytes
}
