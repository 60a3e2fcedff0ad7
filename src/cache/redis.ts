// What replicas share in a Redis or Valkey server: finished pictures and reference orbits, as
// binary values. Redis itself bounds their memory (maxmemory with allkeys-lru). Each command has a
// time limit; ioredis reconnects by itself, and no command is queued in the meantime.
import { Redis } from 'ioredis'
import { CircuitBreaker } from './breaker.ts'
import type { CacheEntry } from './memory.ts'
import { decodeRecord, encodeRecord, storedName } from './record.ts'
import type { Operation, Tier, TierName } from './tier.ts'
import { WriteBehind } from './writebehind.ts'

/** Limits of a kind of value: bytes, and milliseconds to read and to write it. */
interface ValueLimits {
  largest: number
  read: number
  write: number
}

/**
 * A tile takes Redis less than a millisecond and a kernel some ten. A value larger than this would
 * delay the tiles behind it on the same connection.
 */
export const PICTURES: ValueLimits = { largest: 2 ** 20, read: 50, write: 1000 }
/** Orbits have a connection of their own, and are worth a longer wait. */
export const ORBITS: ValueLimits = { largest: 2 ** 26, read: 2000, write: 10_000 }

export class RedisTier implements Tier {
  readonly name: TierName
  readonly requests = { hit: 0, miss: 0, damaged: 0 }
  readonly bytes = undefined
  readonly reads: CircuitBreaker
  readonly writes: CircuitBreaker
  readonly pending: WriteBehind
  readonly #client: Redis
  readonly #limits: ValueLimits

  constructor(
    name: TierName,
    url: string,
    limits: ValueLimits,
    onChange: (operation: Operation, fault: string | undefined) => void,
  ) {
    this.name = name
    this.#limits = limits
    this.reads = new CircuitBreaker((fault) => onChange('read', fault))
    this.writes = new CircuitBreaker((fault) => onChange('write', fault))
    this.pending = new WriteBehind(this.writes)
    this.#client = new Redis(url, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 1000,
      retryStrategy: (tries) => Math.min(50 * 2 ** tries, 2000),
    })
    this.#client.on('error', (error) => this.reads.fail(error))
    this.#client.on('ready', () => this.reads.close())
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const record = this.#connected
      ? await this.reads.attempt(() => this.#client.getBuffer(redisKey(key)), this.#limits.read)
      : undefined
    const entry = record ? decodeRecord(key, record) : undefined
    this.requests[entry ? 'hit' : 'miss']++
    if (record && !entry) this.requests.damaged++
    return entry
  }

  async set(key: string, entry: CacheEntry): Promise<boolean> {
    if (entry.bytes.byteLength > this.#limits.largest || !this.#connected) return false
    const record = encodeRecord(key, entry)
    const write = () => this.#client.set(redisKey(key), record)
    return this.pending.write(record.length, write, this.#limits.write)
  }

  async has(key: string): Promise<boolean> {
    if (!this.#connected) return false
    const count = await this.reads.attempt(() => this.#client.exists(redisKey(key)), this.#limits.read)
    return count === 1
  }

  async opened(): Promise<void> {
    if (this.#connected) return
    await new Promise<void>((resolve) => {
      this.#client.once('ready', resolve)
      this.#client.once('error', () => resolve())
    })
  }

  async close(): Promise<void> {
    await this.pending.settled()
    this.#client.disconnect()
  }

  // between two connections the server is known to be away: that is reported already, and nothing
  // is tried
  get #connected(): boolean {
    return this.#client.status === 'ready'
  }
}

function redisKey(key: string): string {
  return `mandeltiles:${storedName(key)}`
}
