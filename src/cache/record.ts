// How finished bytes lie outside the process, in a file or under a Redis key: sixteen bytes that say what they are, then the bytes. The
// checksum covers the key and the renderer's version too, so what was cut short, damaged, or put under a wrong name is not taken for it.
//
//   0  magic "MDT1"   4  crc32   8  iteration limit   12  length of what follows      (little-endian)
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { RENDERER_VERSION } from '../core/version.ts'
import type { CacheEntry } from './memory.ts'

const MAGIC = Buffer.from('MDT1', 'latin1')
const HEADER = 16

/** The name of a key outside the process: forty hexadecimal digits, others for every version of the renderer. */
export function storedName(key: string): string {
  return createHash('sha256').update(`${RENDERER_VERSION} ${key}`).digest('hex').slice(0, 40)
}

/** What was made for a key, sealed. */
export function encodeRecord(key: string, { bytes, limit }: CacheEntry): Buffer {
  const sealed = Buffer.allocUnsafeSlow(HEADER + bytes.byteLength)
  MAGIC.copy(sealed)
  sealed.writeUInt32LE(limit, 8)
  sealed.writeUInt32LE(bytes.byteLength, 12)
  sealed.set(bytes, HEADER)
  sealed.writeUInt32LE(checksum(key, sealed), 4)
  return sealed
}

/** What was sealed for a key, in memory of its own; undefined when this is not it, whole. */
export function decodeRecord(key: string, sealed: Buffer): CacheEntry | undefined {
  if (sealed.length < HEADER || !sealed.subarray(0, 4).equals(MAGIC)) return undefined
  if (sealed.readUInt32LE(12) !== sealed.length - HEADER || sealed.readUInt32LE(4) !== checksum(key, sealed))
    return undefined
  return { bytes: new Uint8Array(sealed.subarray(HEADER)), limit: sealed.readUInt32LE(8) }
}

function checksum(key: string, sealed: Buffer): number {
  return crc32(sealed.subarray(8), crc32(`${RENDERER_VERSION} ${key}`))
}
