import { crc32 } from 'node:zlib'

export const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** A chunk of a PNG: length, type, data, checksum. */
export function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(CHUNK + data.length)
  putChunk(bytes, 0, type, data)
  return bytes
}

/** Bytes of a chunk beside its data. */
export const CHUNK = 12

/** Writes a chunk at a place; returns the place behind it. */
export function putChunk(bytes: Buffer, at: number, type: string, data: Uint8Array): number {
  bytes.writeUInt32BE(data.length, at)
  bytes.write(type, at + 4, 'latin1')
  bytes.set(data, at + 8)
  const end = at + 8 + data.length
  bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end)
  return end + 4
}
