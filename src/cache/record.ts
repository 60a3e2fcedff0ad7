// How an entry is stored outside the process, in a file or under a Redis key: a header, then the
// entry's bytes. The checksum also covers the key and the renderer's version. So a record that is
// truncated, damaged, or stored under another name is detected and not used.
//
//   0  magic "MDT1"   4  crc32   8  iteration limit   12  length of the bytes    (little-endian)
//
// A checksum does not protect against somebody who can write to the Redis. With a secret, which all
// replicas share, the magic is "MDT2", an HMAC-SHA256 of the same data follows the header, and only
// records with a valid one are used. The names depend on the secret too, so replicas with another
// secret, or none, neither read each other's records nor remove them.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { RENDERER_VERSION } from '../core/version.ts'
import type { CacheEntry } from './memory.ts'

const HEADER = 16
const MAC = 32

/** Bytes that a record adds to its entry, at most. */
export const RECORD_BYTES = HEADER + MAC

/** The name of a key outside the process: forty hexadecimal digits that include the version. */
export function storedName(key: string, secret = ''): string {
  const hash = secret === '' ? createHash('sha256') : createHmac('sha256', secret)
  return hash.update(`${RENDERER_VERSION} ${key}`).digest('hex').slice(0, 40)
}

/** A key's entry as a record, authenticated if there is a secret. */
export function encodeRecord(key: string, { bytes, limit }: CacheEntry, secret = ''): Buffer {
  const { magic, start } = layout(secret)
  const record = Buffer.allocUnsafeSlow(start + bytes.byteLength)
  magic.copy(record)
  record.writeUInt32LE(limit, 8)
  record.writeUInt32LE(bytes.byteLength, 12)
  record.set(bytes, start)
  record.writeUInt32LE(checksum(key, record, start), 4)
  if (secret !== '') mac(key, record, secret).copy(record, HEADER)
  return record
}

/**
 * The entry that encodeRecord wrote for a key, in its own memory; undefined if the record is not
 * valid for the key.
 */
export function decodeRecord(key: string, record: Buffer, secret = ''): CacheEntry | undefined {
  const { magic, start } = layout(secret)
  if (record.length < start || !record.subarray(0, 4).equals(magic)) return undefined
  if (record.readUInt32LE(12) !== record.length - start) return undefined
  if (record.readUInt32LE(4) !== checksum(key, record, start)) return undefined
  if (secret !== '' && !timingSafeEqual(mac(key, record, secret), record.subarray(HEADER, start))) {
    return undefined
  }
  return { bytes: new Uint8Array(record.subarray(start)), limit: record.readUInt32LE(8) }
}

const DETECTING = { magic: Buffer.from('MDT1', 'latin1'), start: HEADER }
const AUTHENTICATED = { magic: Buffer.from('MDT2', 'latin1'), start: HEADER + MAC }

function layout(secret: string): typeof DETECTING {
  return secret === '' ? DETECTING : AUTHENTICATED
}

function checksum(key: string, record: Buffer, start: number): number {
  const head = crc32(record.subarray(8, HEADER), crc32(`${RENDERER_VERSION} ${key}`))
  return crc32(record.subarray(start), head)
}

function mac(key: string, record: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret)
    .update(`${RENDERER_VERSION} ${key}\0`)
    .update(record.subarray(0, HEADER))
    .update(record.subarray(AUTHENTICATED.start))
    .digest()
}
