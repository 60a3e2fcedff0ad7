// Smooth iteration counts of the tiles rendered last, so that another density of colours costs a look at them and no iteration. In single
// precision and shared memory: 256 KB a tile of 256 pixels a side, handed to a thread without a copy. Colours of a density of one's own are always
// made from such counts, kept or fresh, so that a tile's bytes do not hang on what was asked before.
import { LRUCache } from 'lru-cache'
import type { KeptCounts } from './task.ts'

export class Kept {
  readonly #tiles: LRUCache<string, KeptCounts> | undefined

  /** `maxBytes` bounds the counts together; 0 keeps none. */
  constructor(maxBytes: number) {
    if (maxBytes === 0) return
    this.#tiles = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ nu }) => nu.byteLength })
  }

  get(key: string): KeptCounts | undefined {
    return this.#tiles?.get(key)
  }

  set(key: string, counts: KeptCounts): void {
    this.#tiles?.set(key, counts)
  }

  /** Are counts kept at all? */
  get wanted(): boolean {
    return this.#tiles !== undefined
  }

  get bytes(): number {
    return this.#tiles?.calculatedSize ?? 0
  }
}
