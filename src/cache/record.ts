// How an entry is stored outside the process, in a file or under a Redis key: a header of sixteen
// bytes, then the entry's bytes. The checksum also covers the key and the renderer's version. So a
// record that is cut short, damaged, or stored under another name is recognised and not used.
//
//   0  magic "MDT1"   4  crc32   8  iteration limit   12  length of the bytes    (little-endian)
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { RENDERER_VERSION } from '../core/version.ts'
import type { CacheEntry } from './memory.ts'

const MAGIC = Buffer.from('MDT1', 'latin1')
const HEADER = 16

/** The name of a key outside the process: forty hexadecimal digits that include the version. */
export function storedName(key: string): string {
  return createHash('sha256').update(`${RENDERER_VERSION} ${key}`).digest('hex').slice(0, 40)
}

/** A key's entry as a record. */
export function encodeRecord(key: string, { bytes, limit }: CacheEntry): Buffer {
  const record = Buffer.allocUnsafeSlow(HEADER + bytes.byteLength)
  MAGIC.copy(record)
  record.writeUInt32LE(limit, 8)
  record.writeUInt32LE(bytes.byteLength, 12)
  record.set(bytes, HEADER)
  record.writeUInt32LE(checksum(key, record), 4)
  return record
}

/** The entry that encodeRecord wrote for a key, in memory of its own; undefined if it is not. */
export function decodeRecord(key: string, record: Buffer): CacheEntry | undefined {
  if (record.length < HEADER || !record.subarray(0, 4).equals(MAGIC)) return undefined
  if (record.readUInt32LE(12) !== record.length - HEADER) return undefined
  if (record.readUInt32LE(4) !== checksum(key, record)) return undefined
  return { bytes: new Uint8Array(record.subarray(HEADER)), limit: record.readUInt32LE(8) }
}

function checksum(key: string, record: Buffer): number {
  return crc32(record.subarray(8), crc32(`${RENDERER_VERSION} ${key}`))
}
