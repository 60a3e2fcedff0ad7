// The formats that sharp writes: WebP, AVIF, JPEG, TIFF, and PNG in true colour. No worker thread
// imports this file, because loading sharp takes each thread 44 to 79 ms and 2.5 MB.

import sharp, { type Sharp } from 'sharp'
import { AVIF_WHOLE, avifTile, writeGrid } from './avifgrid.ts'
import { encodeAlone, LARGE_ENCODE } from './encoderprocess.ts'
import type { ImageFormat } from './format.ts'
import { PNG_SIGNATURE } from './png/chunk.ts'
import { type ImageMetadata, metadataXmp } from './png/metadata.ts'

// sharp's own cache would hold decoded tiles besides ours; one thread per picture leaves the cores
// to rendering
sharp.cache(false)
sharp.concurrency(1)

/** Pixels of a JPEG up to which its codes are optimal: 54 MB. */
export const OPTIMAL = 2048 ** 2

/** Pixels of true colour, rows from the top, three bytes each. */
export interface Pixels {
  rgb: Uint8Array
  width: number
  height: number
}

/**
 * Encodes a picture, a PNG or pixels of true colour. A PNG that stays one is returned unchanged;
 * `metadata` goes into the other formats. When the signal aborts, a large picture stops at once, an
 * AVIF at its next tile.
 */
export async function encode(
  picture: Uint8Array<ArrayBuffer> | Pixels,
  format: ImageFormat,
  metadata?: ImageMetadata,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (picture instanceof Uint8Array && format === 'png') return picture
  const size = picture instanceof Uint8Array ? pngSize(picture) : picture
  const pixels = size.width * size.height
  if (format === 'avif' && pixels > AVIF_WHOLE) return tiledAvif(await decoded(picture), metadata, signal)
  if (pixels >= LARGE_ENCODE) {
    const { width, height } = size
    const raw = picture instanceof Uint8Array ? undefined : { width, height }
    return encodeAlone({ format, metadata, raw, pixels }, picture instanceof Uint8Array ? picture : picture.rgb, signal)
  }
  const encoder = encoderOf(open(picture), format, metadata, pixels)
  // a copy: sharp's buffers may be slices of something larger, which a cache would keep alive
  return new Uint8Array(await encoder.toBuffer())
}

/**
 * sharp, configured to encode a picture with its metadata, which has the bits per channel. `pixels`
 * is their number: large pictures are encoded with little memory.
 */
export function encoderOf(picture: Sharp, format: ImageFormat, metadata?: ImageMetadata, pixels: number = 0): Sharp {
  if (metadata?.bits === '16') picture.toColourspace('rgb16')
  const encoder = ENCODERS[format](picture, pixels)
  return metadata ? encoder.withXmp(metadataXmp(metadata)) : encoder
}

/**
 * A WebP of at most this many bytes: the picture itself, or the best of lower qualities that fits,
 * or the lowest.
 */
export async function webpWithin(
  maxBytes: number,
  picture: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = picture
  for (const quality of LOWER) {
    if (bytes.length <= maxBytes || signal?.aborted) break
    bytes = new Uint8Array(await open(picture).webp({ quality }).toBuffer())
  }
  return bytes
}

// each about a fifth smaller than the one before, on dense pictures
const LOWER = [75, 60, 45, 30, 15, 5]

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

async function tiledAvif(
  pixels: Pixels,
  metadata?: ImageMetadata,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: [Uint8Array, number][] = []
  await encodeTiles(
    () => open(pixels),
    pixels,
    metadata,
    (bytes, at) => pieces.push([bytes, at]),
    signal,
  )
  const whole = new Uint8Array(pieces.reduce((sum, [bytes]) => sum + bytes.length, 0))
  for (const [bytes, at] of pieces) whole.set(bytes, at)
  return whole
}

/**
 * Writes an AVIF of many tiles. `picture` is opened again for each tile, so its format should allow
 * reading a part. `put` writes bytes at an offset.
 */
export function encodeTiles(
  picture: () => Sharp,
  { width, height }: { width: number; height: number },
  metadata: ImageMetadata | undefined,
  put: (bytes: Uint8Array, at: number) => unknown,
  signal?: AbortSignal,
): Promise<void> {
  const side = avifTile({ width, height })
  const tile = (left: number, top: number) => {
    const [w, h] = [Math.min(side, width - left), Math.min(side, height - top)]
    const part = picture().extract({ left, top, width: w, height: h })
    // the last pixels are repeated beyond the border, which takes the fewest bytes
    const square = part.extend({ right: side - w, bottom: side - h, extendWith: 'copy' })
    return encoderOf(square, 'avif').toBuffer()
  }
  return writeGrid({ width, height, xmp: metadata && metadataXmp(metadata) }, tile, put, signal)
}

const ENCODERS = {
  png: (picture: Sharp) => picture.png({ compressionLevel: 6 }),
  webp: (picture: Sharp) => picture.webp({ quality: 88 }),
  avif: (picture: Sharp) => picture.avif({ quality: 65, effort: 2 }),
  // optimal Huffman codes need the coefficients of the whole picture, 13 bytes a pixel: 201 MB at
  // 4096 squared
  jpg: (picture: Sharp, pixels: number) =>
    picture.jpeg({ quality: 90, chromaSubsampling: '4:4:4', optimiseCoding: pixels <= OPTIMAL }),
  // offsets of 32 bits where they suffice for three channels of 16
  tiff: (picture: Sharp, pixels: number) =>
    picture.tiff({ compression: 'deflate', predictor: 'horizontal', bigtiff: 6 * pixels > 2 ** 32 }),
}
