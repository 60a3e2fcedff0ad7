// Indexed PNG. A picture is one number a pixel, the phase in its palette's cycle, so a tile is stored as an
// indexed PNG whose palette is 768 bytes at a fixed place: recolouring copies the file and overwrites these. Against
// sharp's RGB PNG that takes about a fifteenth of the time and a third of the bytes.
import { paletteTable } from '../../colour/palette.ts'
import { DEFAULT_PALETTE } from '../../colour/palettes.ts'
import { deflatedBytes, kernel } from '../../kernel/binding.ts'
import { CHUNK, chunk, PNG_SIGNATURE, putChunk } from './chunk.ts'

const HEADER_BYTES = 13

const PLTE_AT = PNG_SIGNATURE.length + 12 + HEADER_BYTES

/** One byte a pixel, rows from the top, as an indexed PNG in the default palette; `recolour` gives it another. */
export function indexedPng(index: Uint8Array, width: number, height: number): Buffer<ArrayBuffer> {
  return png(index, width, height, INDEXED, [colourChunk(paletteTable(DEFAULT_PALETTE))])
}

/** Values from 0 (black) to 1 (white), rows from the top, as a greyscale PNG. */
export function greyPng(values: ArrayLike<number>, width: number, height: number): Buffer<ArrayBuffer> {
  return png(
    Uint8Array.from(values, (value) => Math.round(255 * value)),
    width,
    height,
    GREY,
    [],
  )
}

// the PNG specification's colour types
const GREY = 0

const INDEXED = 3

function png(
  pixels: Uint8Array,
  width: number,
  height: number,
  colourType: number,
  extra: Buffer[],
): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, colourType], 8) // eight bits; deflate, the one filter method and no interlacing are 0
  const head = Buffer.concat([PNG_SIGNATURE, chunk('IHDR', header), ...extra])
  const stream = deflated(pixels, width, height)
  // memory of its own, never a slice of Node's shared pool: it is handed over to another thread
  const bytes = Buffer.allocUnsafeSlow(head.length + CHUNK + stream.length + END.length)
  bytes.set(head)
  bytes.set(END, putChunk(bytes, head.length, 'IDAT', stream))
  return bytes
}

const END = chunk('IEND', new Uint8Array(0))

// a tile's rows and their stream, kept from tile to tile
const TILE = 513 * 512

const rowsRoom = new Uint8Array(TILE)

const streamRoom = new Uint8Array(deflatedBytes(TILE))

// filtered by differences to the pixel on the left: the steps of a palette are a cycle, so these are small where colours run evenly
function deflated(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const count = height * (width + 1)
  const room = (kept: Uint8Array, bytes: number) => (count <= TILE ? kept.subarray(0, bytes) : new Uint8Array(bytes))
  const rows = room(rowsRoom, count)
  kernel.differences(pixels, width, height, rows)
  const stream = room(streamRoom, deflatedBytes(count))
  return stream.subarray(0, kernel.deflate(rows, stream))
}

/** An indexed PNG in other colours, 256 RGB triples: a copy, or itself where it has them already. */
export function recolour(png: Uint8Array<ArrayBuffer>, table: Uint8Array): Uint8Array<ArrayBuffer> {
  const colours = colourChunk(table)
  if (colours.compare(png, PLTE_AT, PLTE_AT + colours.length) === 0) return png
  const copy = Buffer.from(png)
  copy.set(colours, PLTE_AT)
  return copy
}

// by table, as palette.ts keeps them
const colourChunks = new WeakMap<Uint8Array, Buffer>()

function colourChunk(table: Uint8Array): Buffer {
  let made = colourChunks.get(table)
  if (!made) {
    made = chunk('PLTE', table)
    colourChunks.set(table, made)
  }
  return made
}
