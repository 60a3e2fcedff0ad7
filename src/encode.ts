// From numbers to bytes. A picture is one number a pixel, the phase in its palette's cycle, so a tile is stored as an
// indexed PNG whose palette is 768 bytes at a fixed place: recolouring copies the file and overwrites these. Against
// sharp's RGB PNG that is about a fifteenth of the time and a third of the bytes (bench/results.md).
import sharp, { type Sharp } from 'sharp'
import { AVIF_WHOLE, avifTile, writeGrid } from './avif.ts'
import { CHUNK, chunk, PNG_SIGNATURE, putChunk } from './chunk.ts'
import { type Imprint, imprintXmp } from './imprint.ts'
import { deflatedBytes, kernel } from './kernel.ts'
import { paletteTable } from './palette.ts'
import { DEFAULT_PALETTE } from './palettes.ts'

export const PICTURE_FORMATS = ['png', 'webp', 'avif', 'jpg'] as const
export type PictureFormat = (typeof PICTURE_FORMATS)[number]

/** What stills may be, beside. */
export const STILL_FORMATS = [...PICTURE_FORMATS, 'tiff'] as const
export type StillFormat = (typeof STILL_FORMATS)[number]

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

// sharp's own cache would hold decoded tiles beside ours, and one thread a picture leaves the cores to the kernels
sharp.cache(false)
sharp.concurrency(1)

/** Pixels of true colour, rows from the top, three bytes each. */
export interface Pixels {
  rgb: Uint8Array
  width: number
  height: number
}

/** A picture, a PNG or pixels of true colour, in a format, with an imprint where that is another than the PNG's own. */
export async function encode(
  picture: Uint8Array<ArrayBuffer> | Pixels,
  format: StillFormat,
  imprint?: Imprint,
): Promise<Uint8Array<ArrayBuffer>> {
  if (picture instanceof Uint8Array && format === 'png') return picture
  const size = picture instanceof Uint8Array ? pngSize(picture) : picture
  if (format === 'avif' && size.width * size.height > AVIF_WHOLE) return tiledAvif(await decoded(picture), imprint)
  const encoder = encoderOf(open(picture), format, imprint)
  // a copy: sharp's buffers may be slices of something larger, and what a cache holds must be what it weighs
  return new Uint8Array(await encoder.toBuffer())
}

/** Pixels of a large picture: one that a cache would not hold, nor an encoder all of it. */
export const LARGE = 4096 ** 2

/** sharp, told to write a picture in a format with its imprint, which says how many bits it has; one of many pixels by what holds few of them. */
export function encoderOf(picture: Sharp, format: StillFormat, imprint?: Imprint, pixels: number = 0): Sharp {
  if (imprint?.bits === '16') picture.toColourspace('rgb16')
  const encoder = ENCODERS[format](picture, pixels)
  return imprint ? encoder.withXmp(imprintXmp(imprint)) : encoder
}

function open(picture: Uint8Array | Pixels): Sharp {
  if (picture instanceof Uint8Array) return sharp(picture, { limitInputPixels: false })
  const { rgb, width, height } = picture
  return sharp(rgb, { raw: { width, height, channels: 3 } })
}

function pngSize(png: Uint8Array): { width: number; height: number } {
  const header = new DataView(png.buffer, png.byteOffset + PNG_SIGNATURE.length + 8)
  return { width: header.getUint32(0), height: header.getUint32(4) }
}

/** A picture as pixels. */
export async function decoded(picture: Uint8Array | Pixels): Promise<Pixels> {
  if (!(picture instanceof Uint8Array)) return picture
  const { data, info } = await open(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { rgb: data, width: info.width, height: info.height }
}

async function tiledAvif(pixels: Pixels, imprint?: Imprint): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: [Uint8Array, number][] = []
  await encodeTiles(
    () => open(pixels),
    pixels,
    imprint,
    (bytes, at) => pieces.push([bytes, at]),
  )
  const whole = new Uint8Array(pieces.reduce((sum, [bytes]) => sum + bytes.length, 0))
  for (const [bytes, at] of pieces) whole.set(bytes, at)
  return whole
}

/**
 * Writes an AVIF of many tiles, cut out of a picture that is opened for each and should be one of which a part can be read; `put` writes bytes at a place.
 */
export function encodeTiles(
  picture: () => Sharp,
  { width, height }: { width: number; height: number },
  imprint: Imprint | undefined,
  put: (bytes: Uint8Array, at: number) => unknown,
  signal?: AbortSignal,
): Promise<void> {
  const side = avifTile({ width, height })
  const tile = (left: number, top: number) => {
    const [w, h] = [Math.min(side, width - left), Math.min(side, height - top)]
    const part = picture().extract({ left, top, width: w, height: h })
    // beyond the border its last pixels go on, which takes fewest bytes
    const square = part.extend({ right: side - w, bottom: side - h, extendWith: 'copy' })
    return encoderOf(square, 'avif').toBuffer()
  }
  return writeGrid({ width, height, xmp: imprint && imprintXmp(imprint) }, tile, put, signal)
}

const ENCODERS = {
  png: (picture: Sharp) => picture.png({ compressionLevel: 6 }),
  webp: (picture: Sharp) => picture.webp({ quality: 88 }),
  avif: (picture: Sharp) => picture.avif({ quality: 65, effort: 2 }),
  // a code of its own takes the whole picture's coefficients to choose: 3 GB for one of 16,384 squared
  jpg: (picture: Sharp, pixels: number) =>
    picture.jpeg({ quality: 90, chromaSubsampling: '4:4:4', optimiseCoding: pixels <= LARGE }),
  // a TIFF's places have 32 bits where they suffice for three channels of 16
  tiff: (picture: Sharp, pixels: number) =>
    picture.tiff({ compression: 'deflate', predictor: 'horizontal', bigtiff: 6 * pixels > 2 ** 32 }),
}

/** Rows from the top as NumPy's own file format, version 1.0: a two-dimensional little-endian array in C order. */
export function npy(values: Float32Array | Float64Array, rows: number, columns: number): Buffer<ArrayBuffer> {
  const header = npyHeader(values instanceof Float32Array ? '<f4' : '<f8', rows, columns)
  const bytes = Buffer.alloc(header.length + values.byteLength)
  bytes.set(header)
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length)
  return bytes
}

/** What stands before the numbers: their type, single or double precision, and how many there are. */
export function npyHeader(type: '<f4' | '<f8', rows: number, columns: number): Buffer<ArrayBuffer> {
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`
  // magic, version and length take 10 bytes; the header ends in a newline at a multiple of 64
  const header = dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11) + '\n'
  const bytes = Buffer.alloc(10 + header.length)
  bytes.write('\x93NUMPY\x01\x00', 0, 'latin1')
  bytes.writeUInt16LE(header.length, 8)
  bytes.write(header, 10, 'latin1')
  return bytes
}
