// The comment in an image, where Kalles Fraktaler stores the .kfr of the images that it saves: the
// text chunk `Comment` of a PNG, the COM segments of a JPEG, the ImageDescription of a TIFF. Only
// the parts that lead to it are read, because such images may be large.
import { type FileHandle, open } from 'node:fs/promises'
import { inflateSync } from 'node:zlib'
import { CHUNK_BYTES, isPng, PNG_SIGNATURE } from './png/chunk.ts'
import { decodeText } from './text.ts'

// longer than any comment: larger lengths in a file are not trusted
const LONGEST = 2 ** 24

/** The comment in an image file; undefined if it has none, or another format. */
export async function readComment(path: string): Promise<string | undefined> {
  const file = await open(path)
  try {
    const first = await read(file, 0, 8)
    if (isPng(first)) return await pngComment(file)
    if (first[0] === 0xff && first[1] === 0xd8) return await jpegComment(file)
    const order = first.toString('latin1', 0, 4)
    if (order === 'II*\0' || order === 'MM\0*') return await tiffComment(file, order === 'II*\0')
    return undefined
  } finally {
    await file.close()
  }
}

// fewer bytes at the end of the file
async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(length, LONGEST)), 0, undefined, at)
  return buffer.subarray(0, bytesRead)
}

async function pngComment(file: FileHandle): Promise<string | undefined> {
  for (let at = PNG_SIGNATURE.length; ; ) {
    const head = await read(file, at, 8)
    if (head.length < 8) return undefined
    const [length, type] = [head.readUInt32BE(0), head.toString('latin1', 4, 8)]
    if (type === 'tEXt' || type === 'zTXt' || type === 'iTXt') {
      const comment = pngText(type, await read(file, at + 8, length))
      if (comment !== undefined) return comment
    }
    at += CHUNK_BYTES + length
  }
}

// the text of a chunk whose keyword is Comment
function pngText(type: 'tEXt' | 'zTXt' | 'iTXt', data: Buffer): string | undefined {
  const end = data.indexOf(0)
  if (data.toString('latin1', 0, Math.max(end, 0)).toLowerCase() !== 'comment') return undefined
  if (type === 'tEXt') return decodeText(data.subarray(end + 1))
  // a byte for the method, which is deflate
  if (type === 'zTXt') return inflated(data.subarray(end + 2))
  // flag, method, language, translated keyword, then the text
  const translated = data.indexOf(0, end + 3) + 1
  const text = data.subarray(data.indexOf(0, translated) + 1)
  return data[end + 1] === 1 ? inflated(text) : decodeText(text)
}

function inflated(data: Buffer): string | undefined {
  try {
    return decodeText(inflateSync(data, { maxOutputLength: LONGEST }))
  } catch {
    return undefined
  }
}

// a long comment takes several segments, since each has 64 KB at most
async function jpegComment(file: FileHandle): Promise<string | undefined> {
  const [COM, SCAN] = [0xfe, 0xda]
  const parts: Buffer[] = []
  for (let at = 2; ; ) {
    const head = await read(file, at, 4)
    if (head.length < 4 || head[0] !== 0xff || head[1] === SCAN) break
    const length = head.readUInt16BE(2)
    if (length < 2) break
    if (head[1] === COM) parts.push(await read(file, at + 4, length - 2))
    at += 2 + length
  }
  return parts.length === 0 ? undefined : decodeText(Buffer.concat(parts))
}

async function tiffComment(file: FileHandle, littleEndian: boolean): Promise<string | undefined> {
  const DESCRIPTION = 270
  const short = (bytes: Buffer, at: number) => (littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const long = (bytes: Buffer, at: number) => (littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  // the first directory has entries of twelve bytes: tag, type, count, and the value or its offset
  const offset = await read(file, 4, 4)
  if (offset.length < 4) return undefined
  const at = long(offset, 0)
  const count = await read(file, at, 2)
  if (count.length < 2) return undefined
  const entries = await read(file, at + 2, 12 * short(count, 0))
  for (let k = 0; k + 12 <= entries.length; k += 12) {
    if (short(entries, k) !== DESCRIPTION) continue
    const length = long(entries, k + 4)
    const text = length <= 4 ? entries.subarray(k + 8, k + 8 + length) : await read(file, long(entries, k + 8), length)
    return decodeText(text).replace(/\0.*$/s, '')
  }
  return undefined
}
