// What replicas share in a Redis (or Valkey): finished pictures and reference orbits as binary values. What they may take is left to Redis
// itself (maxmemory with allkeys-lru). It is asked for so long and no longer; ioredis connects again by itself, and nothing queues meanwhile.
import { Redis } from 'ioredis'
import { CircuitBreaker } from './breaker.ts'
import type { CacheEntry } from './memory.ts'
import { decodeRecord, encodeRecord, storedName } from './record.ts'
import type { Operation, Tier, TierName } from './tier.ts'

/** What a kind of value may take: bytes, and milliseconds to be read and written. */
interface Bounds {
  largest: number
  read: number
  write: number
}

/** A tile takes Redis less than a millisecond and a kernel some ten. A larger picture would hold up the tiles behind it. */
export const PICTURES: Bounds = { largest: 2 ** 20, read: 50, write: 1000 }
/** Orbits have a connection of their own, and are worth a wait. */
export const ORBITS: Bounds = { largest: 2 ** 26, read: 2000, write: 10_000 }

export class RedisTier implements Tier {
  readonly name: TierName
  readonly requests = { hit: 0, miss: 0, damaged: 0 }
  readonly bytes = undefined
  readonly reads: CircuitBreaker
  readonly writes: CircuitBreaker
  readonly #client: Redis
  readonly #bounds: Bounds

  constructor(
    name: TierName,
    url: string,
    bounds: Bounds,
    told: (operation: Operation, fault: string | undefined) => void,
  ) {
    this.name = name
    this.#bounds = bounds
    this.reads = new CircuitBreaker((fault) => told('read', fault))
    this.writes = new CircuitBreaker((fault) => told('write', fault))
    this.#client = new Redis(url, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 1000,
      retryStrategy: (tries) => Math.min(50 * 2 ** tries, 2000),
    })
    this.#client.on('error', (error) => this.reads.fail(error.message))
    this.#client.on('ready', () => this.reads.mend())
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const sealed = this.#connected
      ? await this.reads.attempt(() => this.#client.getBuffer(named(key)), this.#bounds.read)
      : undefined
    const made = sealed ? decodeRecord(key, sealed) : undefined
    this.requests[made ? 'hit' : 'miss']++
    if (sealed && !made) this.requests.damaged++
    return made
  }

  async set(key: string, made: CacheEntry): Promise<boolean> {
    if (made.bytes.byteLength > this.#bounds.largest || !this.#connected) return false
    const sealed = encodeRecord(key, made)
    return this.writes.behind(sealed.length, () => this.#client.set(named(key), sealed), this.#bounds.write)
  }

  async has(key: string): Promise<boolean> {
    if (!this.#connected) return false
    return (await this.reads.attempt(() => this.#client.exists(named(key)), this.#bounds.read)) === 1
  }

  async opened(): Promise<void> {
    if (this.#connected) return
    await new Promise<void>((resolve) => {
      this.#client.once('ready', resolve)
      this.#client.once('error', () => resolve())
    })
  }

  async close(): Promise<void> {
    await this.writes.settled()
    this.#client.disconnect()
  }

  // between two connections it is known to be away: told already, and nothing is tried
  get #connected(): boolean {
    return this.#client.status === 'ready'
  }
}

function named(key: string): string {
  return `mandeltiles:${storedName(key)}`
}
