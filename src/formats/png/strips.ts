// A PNG in pieces: a head, a piece for each strip of rows, a tail. Any thread makes pieces in any
// order; then they are written one after the other, so a picture of any size is never held in
// memory.
//
// Each strip is filtered and deflated alone, up to a whole byte (a full flush), so that strips in a
// row are one deflate stream, as in pigz. Only the Adler-32 checksum depends on all of them, and
// the checksums of two parts can be combined into that of both. Because the deflate window starts
// anew with every strip, a file is about 1 % larger.

import { deflatedBytes, kernel } from '../../kernel/binding.ts'
import type { Checksum } from '../../kernel/task.ts'
import { chunk, PIXELS, PNG_END, pngStart } from './chunk.ts'
import { type ImageMetadata, metadataChunks } from './metadata.ts'

/** The kinds of pixels of a strip: those of an image, or a grid's grey ones. */
type StripPixels = keyof typeof PIXELS

/** A strip's chunk, the Adler-32 of its filtered bytes, and how many these are. */
export interface PngStrip {
  bytes: Uint8Array<ArrayBuffer>
  sum: Checksum
}

/** What precedes the strips. `palette` is the 768 bytes of an indexed picture's colours. */
export function pngHead(
  width: number,
  height: number,
  kind: StripPixels,
  palette: Uint8Array | undefined,
  metadata: ImageMetadata,
): Buffer {
  return Buffer.concat([
    pngStart(width, height, kind),
    ...metadataChunks(metadata),
    ...(palette ? [chunk('PLTE', palette)] : []),
    chunk('IDAT', ZLIB_HEADER),
  ])
}

/** Rows of pixels as a strip. */
export function pngStrip(pixels: Uint8Array, width: number, kind: StripPixels): PngStrip {
  const stride = width * PIXELS[kind].bytes
  const height = pixels.length / stride
  const filtered = new Uint8Array(height * (stride + 1))
  // indices are filtered by the difference to the pixel on the left, as in tiles
  if (kind === 'index8') kernel.pngSubFilter(pixels, width, height, filtered)
  else kernel.pngFilter(pixels, stride, height, PIXELS[kind].bytes, filtered)
  const stream = new Uint8Array(deflatedBytes(filtered.length))
  const { length, adler } = kernel.deflatePart(filtered, stream)
  // memory of its own, never a slice of Node's shared pool, because it is transferred to another
  // thread
  const bytes = new Uint8Array(chunk('IDAT', stream.subarray(0, length)))
  return { bytes, sum: { adler, length: filtered.length } }
}

/** What follows the strips; the argument is their combined checksum. */
export function pngTail({ adler }: Checksum): Buffer {
  const end = Buffer.alloc(6)
  end.set(LAST_BLOCK)
  end.writeUInt32BE(adler, 2)
  return Buffer.concat([chunk('IDAT', end), PNG_END])
}

/** The checksum of no bytes. */
export const EMPTY: Checksum = { adler: 1, length: 0 }

/** The checksum of two consecutive parts, from the sums of RFC 1950. */
export function join(first: Checksum, second: Checksum): Checksum {
  const [a1, b1, a2, b2] = [first.adler & 0xffff, first.adler >>> 16, second.adler & 0xffff, second.adler >>> 16]
  const a = (a1 + a2 - 1 + BASE) % BASE
  const b = (b1 + b2 + (second.length % BASE) * (a1 - 1 + BASE)) % BASE
  return { adler: ((b << 16) | a) >>> 0, length: first.length + second.length }
}

const BASE = 65_521

// deflate with a window of 32 KB; an empty last block
const ZLIB_HEADER = Uint8Array.of(0x78, 0x5e)
const LAST_BLOCK = Uint8Array.of(0x03, 0x00)
