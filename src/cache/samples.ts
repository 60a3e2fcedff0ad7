// What is known of the samples of the tiles rendered last, so that other colours of them cost a look at that and no iteration. In single
// precision and shared memory: 256 KB of counts a tile of 256 pixels a side, 512 KB of distances, handed to a thread without a copy. All but the plain
// smooth colours are always made from such numbers, kept or fresh, so that a tile's bytes do not hang on what was asked before.
import { LRUCache } from 'lru-cache'
import type { CachedSamples } from '../kernel/task.ts'

export class SampleCache {
  readonly #tiles: LRUCache<string, CachedSamples> | undefined

  /** `maxBytes` bounds the counts together; 0 keeps none. */
  constructor(maxBytes: number) {
    if (maxBytes === 0) return
    this.#tiles = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ nu, distance, stripe, cycle }) =>
        [nu, distance, stripe, cycle].reduce((sum, numbers) => sum + (numbers?.byteLength ?? 0), 0),
    })
  }

  get(key: string): CachedSamples | undefined {
    return this.#tiles?.get(key)
  }

  set(key: string, counts: CachedSamples): void {
    this.#tiles?.set(key, counts)
  }

  /** Does the cache keep anything? */
  get enabled(): boolean {
    return this.#tiles !== undefined
  }

  get bytes(): number {
    return this.#tiles?.calculatedSize ?? 0
  }
}
