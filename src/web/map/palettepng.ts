// An indexed PNG in other colours. The server's tiles hold one number a pixel; what it looks like
// is in the 768 bytes of the PLTE chunk, which always follows the header. So the page exchanges
// these and the chunk's checksum, and the compressed pixels stay as they are.

const PLTE_AT = 8 + 12 + 13
const PLTE_BYTES = 12 + 768
const INDEXED = 3

/** Are these bytes a PNG whose colours can be exchanged? */
export function isIndexedPng(bytes: Uint8Array): boolean {
  const type = String.fromCharCode(...bytes.subarray(PLTE_AT + 4, PLTE_AT + 8))
  return bytes[25] === INDEXED && type === 'PLTE'
}

/** The PNG with another table of 256 RGB triples. */
export function withPalette(png: Uint8Array<ArrayBuffer>, table: Uint8Array): Blob {
  return new Blob([png.subarray(0, PLTE_AT), chunkOf(table), png.subarray(PLTE_AT + PLTE_BYTES)], { type: 'image/png' })
}

const chunks = new WeakMap<Uint8Array, Uint8Array<ArrayBuffer>>()

function chunkOf(table: Uint8Array): Uint8Array<ArrayBuffer> {
  const known = chunks.get(table)
  if (known) return known
  const chunk = new Uint8Array(PLTE_BYTES)
  const view = new DataView(chunk.buffer)
  view.setUint32(0, table.length)
  chunk.set([0x50, 0x4c, 0x54, 0x45], 4)
  chunk.set(table, 8)
  // the checksum covers the type and the data
  view.setUint32(PLTE_BYTES - 4, crc32(chunk.subarray(4, PLTE_BYTES - 4)))
  chunks.set(table, chunk)
  return chunk
}

// the CRC-32 of ISO 3309, as PNG defines it, by bytes
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
