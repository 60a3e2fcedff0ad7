// Where finished pictures lie below memory: in files (disk.ts), in a Redis that replicas share (redis.ts), the nearest first; reference orbits lie
// in Redis only. What is found is put into the tiers above; what was rendered goes into all, behind the answer. A tier that is slow, full or
// gone costs a render.

import type { Options } from '../core/options.ts'
import { DiskTier } from './disk.ts'
import type { CacheEntry } from './memory.ts'
import { ORBITS, PICTURES, RedisTier } from './redis.ts'
import type { Tier, TierEvents, TierState } from './tier.ts'

export class Tiers {
  readonly #tiers: Tier[] = []
  /** where reference orbits are shared */
  readonly orbits: Tier | undefined

  constructor(options: Pick<Options, 'cache-dir' | 'cache-dir-bytes' | 'redis'>, told: TierEvents) {
    const { 'cache-dir': folder, 'cache-dir-bytes': maxBytes, redis } = options
    if (folder !== '') this.#tiers.push(new DiskTier(folder, maxBytes, (...fault) => told('disk', ...fault)))
    if (redis === '') return
    this.#tiers.push(new RedisTier('redis', redis, PICTURES, (...fault) => told('redis', ...fault)))
    this.orbits = new RedisTier('redis-orbits', redis, ORBITS, (...fault) => told('redis-orbits', ...fault))
  }

  /** Is there none for pictures? */
  get empty(): boolean {
    return this.#tiers.length === 0
  }

  /** What is kept for a key, from the nearest tier that has it. */
  async get(key: string): Promise<CacheEntry | undefined> {
    for (const [at, tier] of this.#tiers.entries()) {
      const made = await tier.get(key)
      if (!made) continue
      for (const above of this.#tiers.slice(0, at)) void above.set(key, made)
      return made
    }
    return undefined
  }

  /** Keeps what was made in every tier; resolves to whether all have it, which nobody who answers a request waits for. */
  async set(key: string, made: CacheEntry): Promise<boolean> {
    const kept = await Promise.all(this.#tiers.map((tier) => tier.set(key, made)))
    return kept.every(Boolean)
  }

  /** Is something by that name in every tier? */
  async has(key: string): Promise<boolean> {
    const there = await Promise.all(this.#tiers.map((tier) => tier.has(key)))
    return there.every(Boolean)
  }

  /** Does every tier keep it, whole? Where only some do, they give it to the others. */
  async spread(key: string): Promise<boolean> {
    const found = await Promise.all(this.#tiers.map((tier) => tier.get(key)))
    const made = found.find(Boolean)
    if (!made) return false
    const given = await Promise.all(this.#tiers.filter((_, at) => !found[at]).map((tier) => tier.set(key, made)))
    return given.every(Boolean)
  }

  /** Resolves once every tier was tried for the first time. */
  async opened(): Promise<void> {
    await Promise.all(this.#all.map((tier) => tier.opened()))
  }

  get states(): TierState[] {
    return this.#all.map(({ name, bytes, requests, reads, writes }) => ({
      name,
      bytes,
      requests,
      errors: reads.counts.errors + writes.counts.errors,
      dropped: writes.counts.dropped,
      fault: reads.fault ?? writes.fault,
    }))
  }

  /** Writes what waits, then lets go. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((tier) => tier.close()))
  }

  get #all(): Tier[] {
    return this.orbits ? [...this.#tiers, this.orbits] : this.#tiers
  }
}
