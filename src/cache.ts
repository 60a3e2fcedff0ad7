import { LRUCache } from 'lru-cache'

/** Finished bytes by key, the least recently used leaving first, bounded in bytes; counts what was asked of it. */
export class Cache {
  readonly #entries: LRUCache<string, Uint8Array<ArrayBuffer>> | undefined
  readonly requests = { hit: 0, miss: 0, coalesced: 0 }

  /** `maxBytes` bounds keys and values together; 0 keeps nothing. */
  constructor(maxBytes: number) {
    if (maxBytes === 0) return
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      // a key's characters take up to two bytes; the entry itself, its key's header and its place in the map about 400
      sizeCalculation: (bytes, key) => bytes.byteLength + 2 * key.length + 400,
    })
  }

  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#entries?.get(key)
  }

  set(key: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#entries?.set(key, bytes)
  }

  get bytes(): number {
    return this.#entries?.calculatedSize ?? 0
  }

  get size(): number {
    return this.#entries?.size ?? 0
  }
}
