// The caches below memory, nearest first: files (disk.ts), then a Redis that replicas share
// (redis.ts). Reference orbits are stored in Redis only. An entry that is found is copied to the
// tiers above it; a fresh render is written to all of them after the request was answered. A tier
// that is slow, full or gone causes a render, never an error.
import type { Options } from '../core/options.ts'
import { DiskTier } from './disk.ts'
import type { CacheEntry } from './memory.ts'
import { ORBITS, PICTURES, RedisTier } from './redis.ts'
import type { Tier, TierEvents, TierName, TierState } from './tier.ts'

export class Tiers {
  readonly #tiers: Tier[] = []
  /** where reference orbits are shared */
  readonly orbits: Tier | undefined

  constructor(options: Pick<Options, 'cache-dir' | 'cache-dir-bytes' | 'redis' | 'tier-secret'>, onChange: TierEvents) {
    const { 'cache-dir': folder, 'cache-dir-bytes': maxBytes, redis, 'tier-secret': secret } = options
    if (folder !== '') {
      this.#tiers.push(new DiskTier(folder, maxBytes, (...change) => onChange('disk', ...change), secret))
    }
    if (redis === '') return
    const tier = (name: 'redis' | 'redis-orbits', limits: typeof PICTURES) =>
      new RedisTier(name, redis, limits, (...change) => onChange(name, ...change), secret)
    this.#tiers.push(tier('redis', PICTURES))
    this.orbits = tier('redis-orbits', ORBITS)
  }

  /** Is there no tier for pictures? */
  get empty(): boolean {
    return this.#tiers.length === 0
  }

  /**
   * The entry for a key, from the nearest tier that has it.
   * @param accepts does an entry belong to the key? If not, it is removed
   */
  async get(key: string, accepts: (entry: CacheEntry) => boolean = () => true): Promise<CacheEntry | undefined> {
    for (const [at, tier] of this.#tiers.entries()) {
      const entry = await tier.get(key)
      if (!entry) continue
      if (!accepts(entry)) {
        tier.reject(key)
        continue
      }
      for (const above of this.#tiers.slice(0, at)) void above.set(key, entry)
      return entry
    }
    return undefined
  }

  /** Stores an entry in every tier; resolves to whether all of them have it. */
  async set(key: string, entry: CacheEntry): Promise<boolean> {
    const stored = await Promise.all(this.#tiers.map((tier) => tier.set(key, entry)))
    return stored.every(Boolean)
  }

  /** Is there an entry by that name in every tier? */
  async has(key: string): Promise<boolean> {
    const there = await Promise.all(this.#tiers.map((tier) => tier.has(key)))
    return there.every(Boolean)
  }

  /** Copies an entry to the tiers that lack it. Does every tier have it, intact, afterwards? */
  async spread(key: string): Promise<boolean> {
    const found = await Promise.all(this.#tiers.map((tier) => tier.get(key)))
    const entry = found.find(Boolean)
    if (!entry) return false
    const lacking = this.#tiers.filter((_, at) => !found[at])
    const stored = await Promise.all(lacking.map((tier) => tier.set(key, entry)))
    return stored.every(Boolean)
  }

  /** Resolves after the first attempt to use each tier. */
  async opened(): Promise<void> {
    await Promise.all(this.#all.map((tier) => tier.opened()))
  }

  get states(): TierState[] {
    return this.#all.map(({ name, bytes, requests, reads, writes, pending }) => ({
      name,
      bytes,
      requests,
      errors: reads.errors + writes.errors,
      dropped: pending.dropped,
      fault: reads.fault ?? writes.fault,
    }))
  }

  /** What is wrong with each failing tier, in detail that must not become public. */
  get messages(): { name: TierName; message: string }[] {
    return this.#all.flatMap(({ name, reads, writes }) => {
      const message = reads.message ?? writes.message
      return message === undefined ? [] : [{ name, message }]
    })
  }

  /** Finishes pending writes, then closes the tiers. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((tier) => tier.close()))
  }

  get #all(): Tier[] {
    return this.orbits ? [...this.#tiers, this.orbits] : this.#tiers
  }
}
