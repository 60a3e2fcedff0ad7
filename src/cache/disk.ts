// Finished pictures as plain files: two levels of folders by hashed name. Each file is written
// under a temporary name and then renamed, so it is there complete or not at all.
//
// A list in memory, about a hundred bytes a file, holds what is in the folder in order of last use.
// A scan at startup fills it; nothing waits for the scan, since a file is found by its name.
// Several processes may share a folder: each scans it again from time to time, and so learns what
// the others have written and removed.
import { randomUUID } from 'node:crypto'
import { constants, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { replaceFile } from '../core/files.ts'
import { CircuitBreaker } from './breaker.ts'
import type { CacheEntry } from './memory.ts'
import { decodeRecord, encodeRecord, storedName } from './record.ts'
import type { Operation, Tier } from './tier.ts'
import { WriteBehind } from './writebehind.ts'

// milliseconds: a read that takes longer than a render is of no use
const READ_TIMEOUT = 500
const WRITE_TIMEOUT = 10_000

/** Above the bound, files are removed down to this share of it, so removal is rare and in bulk. */
const LOW_WATER = 0.9

/** The largest picture that is cached has 4096 x 4096 pixels of six bytes. */
const LARGEST = 2 ** 27

/**
 * On nearly every file system the size of a file is rounded up to a multiple of this many bytes.
 */
const BLOCK = 4096

const SCAN_EVERY = 10 * 60_000 // milliseconds
/** A partial file of this age, in milliseconds, was left behind by a process that ended. */
const ABANDONED = 60_000
const PART = '.part'
const HOUR = 3_600_000 // milliseconds
/** Files that a scan adds to its list before it lets other work run. */
const SCAN_BATCH = 5000

export class DiskTier implements Tier {
  readonly name = 'disk'
  readonly requests = { hit: 0, miss: 0, damaged: 0 }
  readonly reads: CircuitBreaker
  readonly writes: CircuitBreaker
  readonly pending: WriteBehind
  readonly #folder: string
  readonly #maxBytes: number
  readonly #secret: string
  // names and bytes, least recently used first: files that were there at the start, and files that
  // were written or read since
  readonly #before = new Map<string, number>()
  readonly #since = new Map<string, number>()
  readonly #rescan: NodeJS.Timeout
  readonly #created: Promise<unknown>
  // damaged files that are being removed
  readonly #removals = new Map<string, Promise<void>>()
  #bytes = 0
  #sweeping = false
  #closed = false

  /** `maxBytes` bounds the space that the files take. */
  constructor(
    folder: string,
    maxBytes: number,
    onChange: (operation: Operation, message: string | undefined) => void,
    secret = '',
  ) {
    this.#folder = resolve(folder)
    this.#maxBytes = maxBytes
    this.#secret = secret
    this.reads = new CircuitBreaker((fault) => onChange('read', fault))
    this.writes = new CircuitBreaker((fault) => onChange('write', fault))
    this.pending = new WriteBehind(this.writes)
    this.#created = this.writes.attempt(() => mkdir(folder, { recursive: true }), WRITE_TIMEOUT)
    this.#rescan = setInterval(() => void this.#scan(this.#since), SCAN_EVERY).unref()
    void this.#scan(this.#before)
  }

  get bytes(): number {
    return this.#bytes
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const name = storedName(key, this.#secret)
    const record = await this.reads.attempt(() => readRecord(this.#path(name)).catch(absent), READ_TIMEOUT)
    const entry = record && decodeRecord(key, record, this.#secret)
    if (entry) {
      this.requests.hit++
      this.#note(name, record.length)
    } else {
      this.requests.miss++
      if (record) this.#discard(name)
    }
    return entry
  }

  async set(key: string, entry: CacheEntry): Promise<boolean> {
    if (room(entry.bytes.byteLength) > this.#maxBytes) return false
    const name = storedName(key, this.#secret)
    const record = encodeRecord(key, entry, this.#secret)
    const write = () => this.#write(name, record)
    const stored = await this.pending.write(record.length, write, WRITE_TIMEOUT)
    if (stored) this.#note(name, record.length)
    void this.#sweep(this.#maxBytes)
    return stored
  }

  async has(key: string): Promise<boolean> {
    const name = storedName(key, this.#secret)
    const found = await this.reads.attempt(() => stat(this.#path(name)).catch(absent), READ_TIMEOUT)
    if (found) this.#note(name, found.size)
    return found !== undefined
  }

  reject(key: string): void {
    this.requests.hit--
    this.requests.miss++
    this.#discard(storedName(key, this.#secret))
  }

  async opened(): Promise<void> {
    await this.#created
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#rescan)
    await this.pending.settled()
  }

  #path(name: string): string {
    return join(this.#folder, name.slice(0, 2), name.slice(2, 4), name)
  }

  async #write(name: string, record: Buffer): Promise<void> {
    const path = this.#path(name)
    // a damaged file that is still being removed must not take this one with it
    await this.#removals.get(name)
    try {
      await this.#place(path, record).catch(async (error) => {
        if (error.code !== 'ENOENT') throw error
        const created = await mkdir(dirname(path), { recursive: true })
        // mkdir gives the first folder that was missing: if it is the cache's own, every file is
        // gone
        if (created !== undefined && created.length <= this.#folder.length) this.#forgetAll()
        await this.#place(path, record)
      })
    } catch (error) {
      // other programs fill the disk too: the cache makes room, and may succeed at the next attempt
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') void this.#sweep(LOW_WATER * this.#bytes)
      throw error
    }
  }

  async #place(path: string, record: Buffer): Promise<void> {
    // random, not the process id: two containers that share the folder may both be process 1
    await replaceFile(path, record, `${path}.${randomUUID()}${PART}`)
  }

  #discard(name: string): void {
    this.requests.damaged++
    this.#forget(name)
    const removed = rm(this.#path(name), { force: true }).catch(() => {})
    this.#removals.set(name, removed)
    void removed.then(() => this.#removals.delete(name))
  }

  /** Makes a file the most recently used one. */
  #note(name: string, length: number, list = this.#since): void {
    this.#forget(name)
    list.set(name, room(length))
    this.#bytes += room(length)
  }

  #forget(name: string): void {
    this.#bytes -= this.#since.get(name) ?? this.#before.get(name) ?? 0
    this.#since.delete(name)
    this.#before.delete(name)
  }

  #forgetAll(): void {
    this.#since.clear()
    this.#before.clear()
    this.#bytes = 0
  }

  /** Removes the least recently used files once all of them take more than `bound`. */
  async #sweep(bound: number): Promise<void> {
    if (this.#sweeping || this.#bytes <= bound) return
    this.#sweeping = true
    for (const list of [this.#before, this.#since]) {
      for (const name of list.keys()) {
        if (this.#bytes <= LOW_WATER * bound) break
        this.#forget(name)
        await rm(this.#path(name), { force: true }).catch((error) => this.writes.fail(error))
      }
    }
    this.#sweeping = false
  }

  /** Adds the files that are not listed yet to `list`, in order of the hour of last use. */
  async #scan(list: Map<string, number>): Promise<void> {
    const hours = new Map<number, { name: string; length: number }[]>()
    for await (const { path, name, length, used } of this.#walk()) {
      if (this.#closed) return
      if (name.endsWith(PART)) {
        if (Date.now() - used > ABANDONED) await rm(path, { force: true }).catch(() => {})
      } else if (NAME.test(name)) {
        const hour = Math.floor(used / HOUR)
        const same = hours.get(hour)
        if (same) same.push({ name, length })
        else hours.set(hour, [{ name, length }])
      }
    }
    for (const hour of [...hours.keys()].sort((a, b) => a - b)) {
      for (const [at, { name, length }] of hours.get(hour)!.entries()) {
        if (!this.#since.has(name) && !this.#before.has(name)) this.#note(name, length, list)
        if (at % SCAN_BATCH === SCAN_BATCH - 1) await setImmediate()
      }
    }
    void this.#sweep(this.#maxBytes)
  }

  async *#walk(): AsyncGenerator<{ path: string; name: string; length: number; used: number }> {
    for (const first of await this.#list('')) {
      for (const second of await this.#list(first)) {
        for (const name of await this.#list(join(first, second))) {
          const path = join(this.#folder, first, second, name)
          // files come and go during the walk
          const found = await stat(path).catch(() => undefined)
          if (found) yield { path, name, length: found.size, used: Math.max(found.atimeMs, found.mtimeMs) }
        }
      }
    }
  }

  /** Names in a folder; none if it does not exist, or cannot be read, which is reported. */
  async #list(folder: string): Promise<string[]> {
    return readdir(join(this.#folder, folder)).catch((error) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') this.reads.fail(error)
      return []
    })
  }
}

const NAME = /^[0-9a-f]{40}$/

function room(length: number): number {
  return Math.ceil(length / BLOCK) * BLOCK
}

/**
 * A file's bytes; nothing if it is not a regular file, or larger than any record. Opening a pipe
 * would wait for its writer.
 */
async function readRecord(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await file.stat()
    return stats.isFile() && stats.size <= LARGEST ? await file.readFile() : Buffer.alloc(0)
  } finally {
    await file.close()
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
