import { LRUCache } from 'lru-cache'

/** Finished bytes, and the iteration limit that held for them. */
export interface CacheEntry {
  bytes: Uint8Array<ArrayBuffer>
  limit: number
}

/** What was made, by key, the least recently used leaving first, bounded in bytes; counts what was asked of it. */
export class MemoryCache {
  readonly #entries: LRUCache<string, CacheEntry> | undefined
  readonly requests: Results = noResults()
  /** the same by zoom, from each of these on */
  readonly zooms: readonly { from: number; requests: Results }[] = ZOOMS.map((from) => ({
    from,
    requests: noResults(),
  }))

  /** `maxBytes` bounds keys and values together; 0 keeps nothing. */
  constructor(maxBytes: number) {
    if (maxBytes === 0) return
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      // a key's characters take up to two bytes; the entry itself, its key's header and its place in the map about 400
      sizeCalculation: ({ bytes }, key) => bytes.byteLength + 2 * key.length + 400,
    })
  }

  /** Counts how an answer was found. */
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

  set(key: string, made: CacheEntry): void {
    this.#entries?.set(key, made)
  }

  get bytes(): number {
    return this.#entries?.calculatedSize ?? 0
  }

  get size(): number {
    return this.#entries?.size ?? 0
  }
}

// doubles end at zoom 29, their range at about 1000
const ZOOMS = [0, 10, 20, 30, 100, 1000]

type Results = Record<'hit' | 'miss' | 'coalesced', number>

function noResults(): Results {
  return { hit: 0, miss: 0, coalesced: 0 }
}
