import { readFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { PNG_SIGNATURE } from '../formats/png/chunk.ts'

/** Is this file a PNG of which every chunk, up to its end, has the right checksum? */
export async function isWholePng(file: string): Promise<boolean> {
  const png = await readFile(file).catch(() => undefined)
  if (!png?.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return false
  let at = PNG_SIGNATURE.length
  // a chunk is its length, a type of four letters, the data, and a checksum of type and data
  while (at + 12 <= png.length) {
    const end = at + 8 + png.readUInt32BE(at)
    if (end + 4 > png.length || png.readUInt32BE(end) !== crc32(png.subarray(at + 4, end))) return false
    const last = png.toString('latin1', at + 4, at + 8) === 'IEND'
    at = end + 4
    if (last) return at === png.length
  }
  return false
}
