// Is a stored picture what it should be? Whoever can write to a cache below memory can put anything
// there. So before a picture from it is sent, its header must show the requested format and size.
// Only headers are read, by bounded loops: a decoder would be another target for malicious bytes,
// and a few bytes may claim any number of pixels.
import type { ImageFormat } from './format.ts'
import { isPng } from './png/chunk.ts'

interface Size {
  width: number
  height: number
}

interface Stored {
  bytes: Uint8Array<ArrayBuffer>
}

/** A test for pictures of this format and size, by their headers. */
export function isPictureOf(format: ImageFormat, width: number, height: number): (stored: Stored) => boolean {
  return ({ bytes }) => {
    try {
      const size = SIZE_OF[format](Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
      return size !== undefined && size.width === width && size.height === height
    } catch (error) {
      // a number would lie past the last byte
      if (error instanceof RangeError) return false
      throw error
    }
  }
}

/** Are these bytes a JSON document? */
export function isJson({ bytes }: Stored): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes))
    return true
  } catch {
    return false
  }
}

const SIZE_OF: Record<ImageFormat, (bytes: Buffer) => Size | undefined> = {
  png: (bytes) =>
    isPng(bytes) && name(bytes, 12) === 'IHDR'
      ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
      : undefined,
  webp: webpSize,
  jpg: jpegSize,
  avif: (bytes) => (name(bytes, 4) === 'ftyp' ? avifSize(bytes, ['meta', 'iprp', 'ipco']) : undefined),
  tiff: tiffSize,
}

function name(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 4)
}

// RFC 9649: lossy, lossless, or with chunks for metadata
function webpSize(bytes: Buffer): Size | undefined {
  if (name(bytes, 0) !== 'RIFF' || name(bytes, 8) !== 'WEBP' || bytes.readUInt32LE(4) + 8 !== bytes.length) return
  switch (name(bytes, 12)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const both = bytes.readUInt32LE(21)
      return { width: 1 + (both & 0x3fff), height: 1 + ((both >>> 14) & 0x3fff) }
    }
    case 'VP8X':
      return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) }
  }
}

// ITU T.81, B.1.1: segments, of which one begins a frame and has its size
function jpegSize(bytes: Buffer): Size | undefined {
  if (bytes.readUInt16BE(0) !== 0xffd8) return
  for (let at = 2; bytes[at] === 0xff; ) {
    const marker = bytes.readUInt8(at + 1)
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (frame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    at += 2 + Math.max(2, bytes.readUInt16BE(at + 2))
  }
}

// ISO/IEC 14496-12: boxes in boxes, the size of each item in a box of its own. That of a grid is
// the largest
function avifSize(bytes: Buffer, path: string[]): Size | undefined {
  let largest: Size | undefined
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    if (length < 8 || at + length > bytes.length) break
    const type = name(bytes, at + 4)
    // the metadata box has a version before its contents
    const inside = bytes.subarray(at + (type === 'meta' ? 12 : 8), at + length)
    if (type === path[0]) return avifSize(inside, path.slice(1))
    if (path.length === 0 && type === 'ispe') {
      const size = { width: inside.readUInt32BE(4), height: inside.readUInt32BE(8) }
      if (!largest || size.width * size.height > largest.width * largest.height) largest = size
    }
    at += length
  }
  return largest
}

// TIFF 6.0: the first directory, whose entries 256 and 257 are the width and the height
function tiffSize(bytes: Buffer): Size | undefined {
  if (bytes.readUInt32BE(0) !== 0x49492a00) return
  const directory = bytes.readUInt32LE(4)
  const size: Size = { width: 0, height: 0 }
  for (let entry = 0; entry < bytes.readUInt16LE(directory); entry++) {
    const at = directory + 2 + 12 * entry
    const short = bytes.readUInt16LE(at + 2) === 3
    const value = short ? bytes.readUInt16LE(at + 8) : bytes.readUInt32LE(at + 8)
    const tag = bytes.readUInt16LE(at)
    if (tag === 256) size.width = value
    if (tag === 257) size.height = value
  }
  return size
}
