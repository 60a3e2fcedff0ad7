import { LRUCache } from 'lru-cache'

/** A finished answer as bytes, and the iteration limit that applied to it. */
export interface CacheEntry {
  bytes: Uint8Array<ArrayBuffer>
  limit: number
}

/** Finished answers by key: least recently used out first, bounded in bytes. Counts look-ups. */
export class MemoryCache {
  readonly #entries: LRUCache<string, CacheEntry> | undefined
  readonly requests: Results = noResults()
  /** the same by zoom: each band begins at `from` and ends where the next one begins */
  readonly zooms: readonly { from: number; requests: Results }[] = ZOOMS.map((from) => ({
    from,
    requests: noResults(),
  }))

  /** `maxBytes` bounds keys and values together; 0 keeps nothing. */
  constructor(maxBytes: number) {
    if (maxBytes === 0) return
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      // a key's characters take up to two bytes each; the entry, the key's header and the slot in
      // the map take about 400 bytes together
      sizeCalculation: ({ bytes }, key) => bytes.byteLength + 2 * key.length + 400,
    })
  }

  /** Counts one look-up. */
  count(result: keyof Results, zoom: number | undefined): void {
    this.requests[result]++
    if (zoom === undefined) return
    let band = this.zooms.length - 1
    while (this.zooms[band]!.from > zoom) band--
    this.zooms[band]!.requests[result]++
  }

  get(key: string): CacheEntry | undefined {
    return this.#entries?.get(key)
  }

  set(key: string, entry: CacheEntry): void {
    this.#entries?.set(key, entry)
  }

  get bytes(): number {
    return this.#entries?.calculatedSize ?? 0
  }

  get size(): number {
    return this.#entries?.size ?? 0
  }
}

// bands of zoom that differ in cost: doubles end at zoom 29, their exponents at about 1000
const ZOOMS = [0, 10, 20, 30, 100, 1000]

type Results = Record<'hit' | 'miss' | 'coalesced', number>

function noResults(): Results {
  return { hit: 0, miss: 0, coalesced: 0 }
}
