// A file that is written piece by piece, and can be continued after its process was killed. The pieces
// are in FILE.part. FILE.part.log beside it says what the file is of, then the length of each piece,
// in a line that is written after the piece. So whenever the process ends, the log knows how much of
// the part is whole; the rest is cut off.
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { Failure } from '../core/errors.ts'
import { replaceFile } from '../core/files.ts'

/** What the log says of a piece beside its length. */
type Note = Record<string, unknown>

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
   * @param what everything that shapes the file: a part is continued if it was begun with the same
   * @throws Failure `invalid` where there is a part of something else
   */
  static async open<N extends Note>(file: string, what: string, resume: boolean): Promise<ResumableFile<N>> {
    const [path, logPath] = [`${file}.part`, `${file}.part.log`]
    const text = resume ? await readFile(logPath, 'utf8').catch(() => '') : ''
    const lines = text.split('\n').slice(0, -1)
    const header = JSON.stringify({ of: what })
    if (lines.length > 0 && lines[0] !== header) {
      const of = JSON.parse(lines[0]!).of
      throw new Failure('invalid', `${path} is of another image, or of another version: it says ${of}, this is ${what}`)
    }
    if (lines.length === 0) {
      const log = await open(logPath, 'w')
      await log.write(`${header}\n`)
      return new ResumableFile(path, [], log, await open(path, 'w'))
    }
    const notes: N[] = []
    const data = await open(path, 'r+')
    const { size } = await data.stat()
    let [bytes, kept] = [0, Buffer.byteLength(`${header}\n`)]
    for (const line of lines.slice(1)) {
      const { bytes: length, ...note } = JSON.parse(line)
      if (bytes + length > size) break
      bytes += length
      kept += Buffer.byteLength(`${line}\n`)
      notes.push(note)
    }
    const log = await open(logPath, 'r+')
    await log.truncate(kept)
    await data.truncate(bytes)
    return new ResumableFile(path, notes, await atEnd(log, logPath), await atEnd(data, path))
  }

  /** Writes a piece, then its line in the log. */
  async append(piece: Uint8Array, note: N): Promise<void> {
    await this.#data.appendFile(piece)
    await this.#log.appendFile(`${JSON.stringify({ ...note, bytes: piece.length })}\n`)
  }

  async close(): Promise<void> {
    await this.#data.close()
    await this.#log.close()
  }

  /** Gives the finished file its name. With `make`, the file is what `make` makes of the part. */
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
