// Finished answers in memory. A client that requests many answers once, or a few large ones, would
// empty a plain LRU. So there are three lists, and each drops its least recently used entries
// first:
//
//   frequent  answers that were requested again, at most half of the bytes. What it drops is
//             recent again, so one more flood does not take it
//   large     answers of more than LARGE bytes (grids, images), at most a quarter
//   recent    all others, in what is left: a quarter at least, and everything while the others are
//             empty. They make room for each other, and for the other two
//
// The first two are a segmented LRU (Karedla, Love and Wherry, "Caching Strategies to Improve Disk
// System Performance", 1994).
import { LRUCache } from 'lru-cache'

/** A finished answer as bytes, and the iteration limit that applied to it. */
export interface CacheEntry {
  bytes: Uint8Array<ArrayBuffer>
  limit: number
}

/** A tile's picture takes a few per cent of this, its numbers twice as much. */
const LARGE = 2 ** 18

type List = LRUCache<string, CacheEntry>

/** Finished answers by key, bounded in bytes. Counts lookups. */
export class MemoryCache {
  readonly #maxBytes: number
  readonly #frequent: List
  readonly #large: List
  readonly #recent: List
  readonly requests: Results = noResults()
  /** the same by zoom: each band begins at `from` and ends where the next one begins */
  readonly zooms: readonly { from: number; requests: Results }[] = ZOOMS.map((from) => ({
    from,
    requests: noResults(),
  }))

  /** `maxBytes` bounds keys and values together; 0 disables the cache. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    const list = (share: number, onEvict?: (entry: CacheEntry, key: string) => void): List =>
      new LRUCache({
        maxSize: Math.max(1, Math.floor(share * maxBytes)),
        sizeCalculation: bytesOf,
        ...(onEvict && { dispose: (entry, key, reason) => reason === 'evict' && onEvict(entry, key) }),
      })
    this.#recent = list(1)
    this.#large = list(1 / 4)
    this.#frequent = list(1 / 2, (entry, key) => this.#recent.set(key, entry))
  }

  /** Counts one lookup. Views wider than the whole set, below zoom 0, count in the first band. */
  count(result: keyof Results, zoom: number | undefined): void {
    this.requests[result]++
    if (zoom === undefined) return
    let band = this.zooms.length - 1
    while (band > 0 && this.zooms[band]!.from > zoom) band--
    this.zooms[band]!.requests[result]++
  }

  get(key: string): CacheEntry | undefined {
    const entry = this.#frequent.get(key) ?? this.#large.get(key)
    if (entry) return entry
    const recent = this.#recent.get(key)
    if (!recent) return undefined
    this.#recent.delete(key)
    this.#frequent.set(key, recent)
    // an entry larger than all frequent ones together stays in its list
    if (!this.#frequent.has(key)) this.#recent.set(key, recent)
    return recent
  }

  set(key: string, entry: CacheEntry): void {
    if (this.#maxBytes === 0) return
    if (bytesOf(entry, key) > LARGE) this.#large.set(key, entry)
    else if (this.#frequent.has(key)) this.#frequent.set(key, entry)
    else this.#recent.set(key, entry)
    while (this.bytes > this.#maxBytes) this.#recent.pop()
  }

  get bytes(): number {
    return this.#frequent.calculatedSize + this.#large.calculatedSize + this.#recent.calculatedSize
  }

  get size(): number {
    return this.#frequent.size + this.#large.size + this.#recent.size
  }
}

// a key's characters take up to two bytes each; the entry, the key's header and the slot in the map
// take about 400 bytes together
function bytesOf({ bytes }: CacheEntry, key: string): number {
  return bytes.byteLength + 2 * key.length + 400
}

// zoom bands that differ in cost: doubles end at zoom 29, their exponents at about 1000
const ZOOMS = [0, 10, 20, 30, 100, 1000]

type Results = Record<'hit' | 'miss' | 'coalesced', number>

function noResults(): Results {
  return { hit: 0, miss: 0, coalesced: 0 }
}
