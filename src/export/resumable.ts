// A file that is written piece by piece, and can be continued after its process was killed. The
// pieces are in FILE.part. FILE.part.log beside it names the file's content, then has a line for
// each piece with its length and a checksum, written after the piece. So whenever the process ends,
// the log shows which pieces are complete; the rest is truncated.
//
// The two files may also be damaged in the meantime: by a full disk, a copy, a person. So every
// piece is read and checked before it is continued, at some gigabytes a second. Everything after
// the first damage is written again.
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { Failure } from '../core/errors.ts'
import { replaceFile } from '../core/files.ts'

/** What the log says about a piece besides its length and checksum. */
type Note = Record<string, unknown>

interface OpenOptions {
  /** continue an existing part? */
  resume: boolean
  /** called with a message if a part is damaged, which says what is done about it */
  onDamage?: ((sentence: string) => void) | undefined
}

export class ResumableFile<N extends Note> {
  /** the notes of the pieces that exist */
  readonly notes: N[]
  readonly path: string
  readonly #log: FileHandle
  readonly #data: FileHandle

  private constructor(path: string, notes: N[], log: FileHandle, data: FileHandle) {
    this.path = path
    this.notes = notes
    this.#log = log
    this.#data = data
  }

  /**
   * Begins the part of a file, or continues one.
   * @param what everything that affects the file: a part is continued if it was begun with the same
   * @throws Failure `invalid` if there is a part of something else
   */
  static async open<N extends Note>(
    file: string,
    what: string,
    { resume, onDamage = () => {} }: OpenOptions,
  ): Promise<ResumableFile<N>> {
    const path = `${file}.part`
    const found = resume ? await readPart<N>(path, what) : undefined
    if (found?.damage) onDamage(`${path} ${found.damage}`)
    if (!found || found.notes.length === 0) {
      const log = await open(`${path}.log`, 'w')
      await log.write(`${header(what)}\n`)
      return new ResumableFile(path, [], log, await open(path, 'w'))
    }
    const [log, data] = [await open(`${path}.log`, 'r+'), await open(path, 'r+')]
    await log.truncate(found.logBytes)
    await data.truncate(found.bytes)
    return new ResumableFile(path, found.notes, await atEnd(log, `${path}.log`), await atEnd(data, path))
  }

  /** Writes a piece, then its line in the log. */
  async append(piece: Uint8Array, note: N): Promise<void> {
    await this.#data.appendFile(piece)
    await this.#log.appendFile(`${JSON.stringify({ ...note, bytes: piece.length, crc: checksum(piece, note) })}\n`)
  }

  async close(): Promise<void> {
    await this.#data.close()
    await this.#log.close()
  }

  /**
   * Gives the finished file its name. With `make`, the file is what `make` produces from the part.
   */
  async finish(file: string, make?: (part: string, to: string) => Promise<void>): Promise<void> {
    await this.close()
    if (make) {
      await replaceFile(file, (beside) => make(this.path, beside))
      await rm(this.path)
    } else {
      await rename(this.path, file)
    }
    await rm(`${this.path}.log`)
  }
}

// a handle that appends
async function atEnd(handle: FileHandle, path: string): Promise<FileHandle> {
  await handle.close()
  return open(path, 'a')
}

function header(what: string): string {
  return JSON.stringify({ of: what })
}

// of the bytes and the note: a wrong note would spoil the file as much
function checksum(piece: Uint8Array, note: Note): number {
  return crc32(JSON.stringify(note), crc32(piece))
}

interface Part<N> {
  /** of the complete pieces, from the first one on */
  notes: N[]
  bytes: number
  /** of the log up to there */
  logBytes: number
  /** what is wrong after them, and what is done about it */
  damage?: string
}

const AGAIN = 'so it is started again'

/** What exists of a part; undefined if there is nothing. */
async function readPart<N extends Note>(path: string, what: string): Promise<Part<N> | undefined> {
  const none = { notes: [], bytes: 0, logBytes: 0 }
  const text = await readFile(`${path}.log`, 'utf8').catch(() => undefined)
  const data = await open(path, 'r').catch(() => undefined)
  if (text === undefined || data === undefined) {
    await data?.close()
    if (text === undefined && data === undefined) return undefined
    return { ...none, damage: `${data ? 'has lost its log' : 'is missing, and only its log exists'}, ${AGAIN}` }
  }
  try {
    // a last line without its end was being written
    const [first = '', ...lines] = text.split('\n').slice(0, -1)
    if (first !== header(what)) {
      const of = parsed(first)?.of
      if (typeof of !== 'string') return { ...none, damage: `has a damaged log, ${AGAIN}` }
      throw new Failure(
        'invalid',
        `${path} belongs to another image, or another version: it says ${of}, this is ${what}`,
      )
    }
    const part: Part<N> = { ...none, notes: [], logBytes: Buffer.byteLength(`${first}\n`) }
    for (const [at, line] of lines.entries()) {
      const { bytes, crc, ...note } = parsed(line) ?? {}
      const whole = typeof bytes === 'number' && (await readPiece(data, part.bytes, bytes))
      if (!whole || checksum(whole, note) !== crc) {
        const from = part.notes.length === 0 ? AGAIN : `so it is continued from piece ${part.notes.length}`
        return { ...part, damage: `is damaged in piece ${at} of ${lines.length}, ${from}` }
      }
      part.bytes += bytes
      part.logBytes += Buffer.byteLength(`${line}\n`)
      part.notes.push(note as N)
    }
    return part
  } finally {
    await data.close()
  }
}

async function readPiece(data: FileHandle, at: number, length: number): Promise<Uint8Array | undefined> {
  const { size } = await data.stat()
  if (!Number.isSafeInteger(length) || length < 0 || at + length > size) return undefined
  const { buffer, bytesRead } = await data.read(Buffer.alloc(length), 0, length, at)
  return bytesRead === length ? buffer : undefined
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
