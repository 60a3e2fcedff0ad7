// Finished pictures in plain files: two levels of folders by hashed name, each written beside its place and renamed into it, so that a file
// is whole or not there. What lies in the folder is known by a list in memory, about a hundred bytes a file, which a scan at the start
// fills in the order of last use; nothing waits for the scan, since a file is looked for by its name. Several processes may share a
// folder: each scans it anew from time to time, and so learns what the others have written and removed.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { CircuitBreaker } from './breaker.ts'
import type { CacheEntry } from './memory.ts'
import { decodeRecord, encodeRecord, storedName } from './record.ts'
import type { Operation, Tier } from './tier.ts'

/** A disk that takes longer than a render gains nothing, in milliseconds. */
const READ_PATIENCE = 500
const WRITE_PATIENCE = 10_000

/** When the bound is passed, files go until this share of it is left: seldom and many, not one with every tile. */
const LOW_WATER = 0.9

/** What a file takes up is a multiple of this on nearly every file system. */
const BLOCK = 4096

const SCAN_EVERY = 10 * 60_000 // milliseconds
/** A file half written and as old as this was left behind by a process that ended. */
const ABANDONED = 60_000 // milliseconds
const PART = '.part'
const HOUR = 3_600_000
/** Files that a scan takes into its list before it lets others have their turn. */
const BREATH = 5000

export class DiskTier implements Tier {
  readonly name = 'disk'
  readonly requests = { hit: 0, miss: 0, damaged: 0 }
  readonly reads: CircuitBreaker
  readonly writes: CircuitBreaker
  readonly #folder: string
  readonly #maxBytes: number
  // names to bytes, the least recently used first: what lay there at the start, and what was written or read since
  readonly #before = new Map<string, number>()
  readonly #since = new Map<string, number>()
  readonly #rescan: NodeJS.Timeout
  readonly #made: Promise<unknown>
  #bytes = 0
  #sweeping = false
  #closed = false

  /** `maxBytes` bounds what the files take up. */
  constructor(folder: string, maxBytes: number, told: (operation: Operation, fault: string | undefined) => void) {
    this.#folder = resolve(folder)
    this.#maxBytes = maxBytes
    this.reads = new CircuitBreaker((fault) => told('read', fault))
    this.writes = new CircuitBreaker((fault) => told('write', fault))
    this.#made = this.writes.attempt(() => mkdir(folder, { recursive: true }), WRITE_PATIENCE)
    this.#rescan = setInterval(() => void this.#scan(this.#since), SCAN_EVERY).unref()
    void this.#scan(this.#before)
  }

  get bytes(): number {
    return this.#bytes
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const name = storedName(key)
    const sealed = await this.reads.attempt(() => readFile(this.#path(name)).catch(absent), READ_PATIENCE)
    const made = sealed && decodeRecord(key, sealed)
    if (made) {
      this.requests.hit++
      this.#note(name, sealed.length)
    } else {
      this.requests.miss++
      if (sealed) this.#discard(name)
    }
    return made
  }

  async set(key: string, made: CacheEntry): Promise<boolean> {
    if (room(made.bytes.byteLength) > this.#maxBytes) return false
    const name = storedName(key)
    const sealed = encodeRecord(key, made)
    const kept = await this.writes.behind(sealed.length, () => this.#write(name, sealed), WRITE_PATIENCE)
    if (kept) this.#note(name, sealed.length)
    void this.#sweep(this.#maxBytes)
    return kept
  }

  async has(key: string): Promise<boolean> {
    const name = storedName(key)
    const found = await this.reads.attempt(() => stat(this.#path(name)).catch(absent), READ_PATIENCE)
    if (found) this.#note(name, found.size)
    return found !== undefined
  }

  async opened(): Promise<void> {
    await this.#made
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#rescan)
    await this.writes.settled()
  }

  #path(name: string): string {
    return join(this.#folder, name.slice(0, 2), name.slice(2, 4), name)
  }

  async #write(name: string, sealed: Buffer): Promise<void> {
    const path = this.#path(name)
    try {
      await this.#place(path, sealed).catch(async (error) => {
        if (error.code !== 'ENOENT') throw error
        const made = await mkdir(dirname(path), { recursive: true })
        // the first folder that was missing: if it is ours, all that lay in it is gone
        if (made !== undefined && made.length <= this.#folder.length) this.#forgetAll()
        await this.#place(path, sealed)
      })
    } catch (error) {
      // a disk that others fill too: the cache gives way, and has room when it tries again
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') void this.#sweep(LOW_WATER * this.#bytes)
      throw error
    }
  }

  async #place(path: string, sealed: Buffer): Promise<void> {
    // by chance, not by process: two containers that share the folder may both be process 1
    const part = `${path}.${randomUUID()}${PART}`
    try {
      await writeFile(part, sealed)
      await rename(part, path)
    } catch (error) {
      await rm(part, { force: true }).catch(() => {})
      throw error
    }
  }

  #discard(name: string): void {
    this.requests.damaged++
    this.#forget(name)
    void rm(this.#path(name), { force: true }).catch(() => {})
  }

  /** Puts a file last in the order of use. */
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

  /** Removes the least recently used files once they take more than `bound`. */
  async #sweep(bound: number): Promise<void> {
    if (this.#sweeping || this.#bytes <= bound) return
    this.#sweeping = true
    for (const list of [this.#before, this.#since]) {
      for (const name of list.keys()) {
        if (this.#bytes <= LOW_WATER * bound) break
        this.#forget(name)
        await rm(this.#path(name), { force: true }).catch((error) => this.writes.fail(error.message))
      }
    }
    this.#sweeping = false
  }

  /** Adds to `list` what lies in the folder and is not known yet, by the hour of its last use. */
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
        if (at % BREATH === BREATH - 1) await setImmediate()
      }
    }
    void this.#sweep(this.#maxBytes)
  }

  async *#walk(): AsyncGenerator<{ path: string; name: string; length: number; used: number }> {
    for (const first of await this.#list('')) {
      for (const second of await this.#list(first)) {
        for (const name of await this.#list(join(first, second))) {
          const path = join(this.#folder, first, second, name)
          // files come and go while it walks
          const found = await stat(path).catch(() => undefined)
          if (found) yield { path, name, length: found.size, used: Math.max(found.atimeMs, found.mtimeMs) }
        }
      }
    }
  }

  /** Names in a folder; none where there is no such folder, or it cannot be read, which is told. */
  async #list(folder: string): Promise<string[]> {
    return readdir(join(this.#folder, folder)).catch((error) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') this.reads.fail(error.message)
      return []
    })
  }
}

const NAME = /^[0-9a-f]{40}$/

function room(length: number): number {
  return Math.ceil(length / BLOCK) * BLOCK
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
