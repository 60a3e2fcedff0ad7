// The formats that sharp writes: WebP, AVIF, JPEG, TIFF, and PNG of true colour. No worker thread imports this file: loading sharp costs each
// thread 44 to 79 ms and 2.5 MB.

import sharp, { type Sharp } from 'sharp'
import { AVIF_WHOLE, avifTile, writeGrid } from './avifgrid.ts'
import { type ImageFormat, LARGE } from './format.ts'
import { PNG_SIGNATURE } from './png/chunk.ts'
import { type ImageMetadata, metadataXmp } from './png/metadata.ts'

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
  format: ImageFormat,
  metadata?: ImageMetadata,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (picture instanceof Uint8Array && format === 'png') return picture
  const size = picture instanceof Uint8Array ? pngSize(picture) : picture
  if (format === 'avif' && size.width * size.height > AVIF_WHOLE)
    return tiledAvif(await decoded(picture), metadata, signal)
  const encoder = encoderOf(open(picture), format, metadata)
  // a copy: sharp's buffers may be slices of something larger, and what a cache holds must be what it weighs
  return new Uint8Array(await encoder.toBuffer())
}

/** sharp, told to write a picture in a format with its imprint, which says how many bits it has; one of many pixels by what holds few of them. */
export function encoderOf(picture: Sharp, format: ImageFormat, metadata?: ImageMetadata, pixels: number = 0): Sharp {
  if (metadata?.bits === '16') picture.toColourspace('rgb16')
  const encoder = ENCODERS[format](picture, pixels)
  return metadata ? encoder.withXmp(metadataXmp(metadata)) : encoder
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
 * Writes an AVIF of many tiles, cut out of a picture that is opened for each and should be one of which a part can be read; `put` writes bytes at a place.
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
    // beyond the border its last pixels go on, which takes fewest bytes
    const square = part.extend({ right: side - w, bottom: side - h, extendWith: 'copy' })
    return encoderOf(square, 'avif').toBuffer()
  }
  return writeGrid({ width, height, xmp: metadata && metadataXmp(metadata) }, tile, put, signal)
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
