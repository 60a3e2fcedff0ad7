// The parts that every PNG is made of: signature, header and chunks.
import { crc32 } from 'node:zlib'
import type { PixelKind } from '../../kernel/task.ts'

export const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

// the PNG specification's colour types
const [GREY, RGB, INDEXED] = [0, 2, 3]

/** How each kind of pixel is stored. Channels of 16 bits have their high byte first. */
export const PIXELS = {
  grey8: { bytes: 1, bits: 8, colourType: GREY },
  index8: { bytes: 1, bits: 8, colourType: INDEXED },
  rgb8: { bytes: 3, bits: 8, colourType: RGB },
  rgb16: { bytes: 6, bits: 16, colourType: RGB },
} as const satisfies Record<PixelKind | 'grey8', { bytes: number; bits: number; colourType: number }>

const HEADER_BYTES = 13

/** The signature and the IHDR chunk, with which a PNG begins. */
export function pngStart(width: number, height: number, kind: keyof typeof PIXELS): Buffer {
  const { bits, colourType } = PIXELS[kind]
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // what follows stays 0: deflate, the only filter method, and no interlacing
  header.set([bits, colourType], 8)
  return Buffer.concat([PNG_SIGNATURE, chunk('IHDR', header)])
}

/** Bytes of a chunk without its data. */
export const CHUNK_BYTES = 12

/** Bytes of what pngStart writes. */
export const START_BYTES = PNG_SIGNATURE.length + CHUNK_BYTES + HEADER_BYTES

/** The chunk with which a PNG ends. */
export const PNG_END = chunk('IEND', new Uint8Array(0))

/** A chunk of a PNG: length, type, data, checksum. */
export function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(CHUNK_BYTES + data.length)
  putChunk(bytes, 0, type, data)
  return bytes
}

/** Writes a chunk at an offset, and returns the offset after it. */
export function putChunk(bytes: Buffer, at: number, type: string, data: Uint8Array): number {
  bytes.writeUInt32BE(data.length, at)
  bytes.write(type, at + 4, 'latin1')
  bytes.set(data, at + 8)
  const end = at + 8 + data.length
  bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end)
  return end + 4
}

/** The chunks of a PNG up to its pixels, in order; ends early if the bytes do. */
export function* chunksBeforePixels(bytes: Uint8Array): Generator<{ type: string; data: Buffer }> {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = PNG_SIGNATURE.length; at + CHUNK_BYTES <= png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    if (type === 'IDAT') return
    yield { type, data: png.subarray(at + 8, at + 8 + length) }
    at += CHUNK_BYTES + length
  }
}

/** Are these the first bytes of a PNG? */
export function isPng(bytes: Uint8Array): boolean {
  return PNG_SIGNATURE.equals(bytes.subarray(0, PNG_SIGNATURE.length))
}
