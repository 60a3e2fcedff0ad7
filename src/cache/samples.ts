// The samples of the most recent tiles. Other colours of the same tile are made from them without
// iterating again. They are single precision in shared memory, so a thread gets them without a
// copy: 256 KB of iteration counts for a tile of 256 x 256, 512 KB of distances.
//
// Every appearance except the plain smooth colours is always made from such samples, whether they
// are cached or fresh. So a tile's bytes never depend on earlier requests.
import { LRUCache } from 'lru-cache'
import type { CachedSamples } from '../kernel/task.ts'

export class SampleCache {
  readonly #tiles: LRUCache<string, CachedSamples> | undefined

  /** `maxBytes` bounds all samples together; 0 keeps none. */
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

  set(key: string, samples: CachedSamples): void {
    this.#tiles?.set(key, samples)
  }

  /** Does the cache keep anything? */
  get enabled(): boolean {
    return this.#tiles !== undefined
  }

  get bytes(): number {
    return this.#tiles?.calculatedSize ?? 0
  }
}
