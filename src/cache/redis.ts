// What replicas share in a Redis or Valkey server: finished pictures and reference orbits, as
// binary values. Redis itself bounds their memory (maxmemory with allkeys-lru). Each command has a
// time limit; ioredis reconnects by itself, and no command is queued in the meantime.
// A reply need not be what was written: it is checked, and removed if that fails.
import type { Redis } from 'ioredis'
import { CircuitBreaker } from './breaker.ts'
import type { CacheEntry } from './memory.ts'
import { decodeRecord, encodeRecord, RECORD_BYTES, storedName } from './record.ts'
import { RedisClient } from './redisclient.ts'
import type { Operation, Tier, TierName } from './tier.ts'
import { WriteBehind } from './writebehind.ts'

/** Limits for a kind of value: bytes, and milliseconds to read and to write it. */
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
/** Orbits have their own connection, and are worth a longer wait. */
export const ORBITS: ValueLimits = { largest: 2 ** 26, read: 2000, write: 10_000 }

export class RedisTier implements Tier {
  readonly name: TierName
  readonly requests = { hit: 0, miss: 0, damaged: 0 }
  readonly bytes = undefined
  readonly reads: CircuitBreaker
  readonly writes: CircuitBreaker
  readonly pending: WriteBehind
  readonly #client: RedisClient
  readonly #limits: ValueLimits
  readonly #secret: string

  constructor(
    name: TierName,
    url: string,
    limits: ValueLimits,
    onChange: (operation: Operation, message: string | undefined) => void,
    secret = '',
  ) {
    this.name = name
    this.#limits = limits
    this.#secret = secret
    this.reads = new CircuitBreaker((message) => onChange('read', message))
    this.writes = new CircuitBreaker((message) => onChange('write', message))
    this.pending = new WriteBehind(this.writes)
    const options = {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 1000,
      retryStrategy: (tries: number) => Math.min(50 * 2 ** tries, 2000),
    }
    // several replies may arrive before the first of them is dealt with
    this.#client = new RedisClient(url, 2 * (RECORD_BYTES + limits.largest), options, {
      onReady: () => this.reads.close(),
      onError: (error) => this.reads.fail(error),
    })
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const name = this.#name(key)
    // GETRANGE, because a value may be of any length: one byte more than a record can have is
    // enough to detect that. It returns an empty string if there is no value
    const most = RECORD_BYTES + this.#limits.largest
    const reply = await this.#read((client) => client.getrangeBuffer(name, 0, most).catch(wrongType))
    if (reply === undefined || (reply instanceof Buffer && reply.length === 0)) {
      this.requests.miss++
      return undefined
    }
    const entry = reply instanceof Buffer && reply.length <= most ? decodeRecord(key, reply, this.#secret) : undefined
    if (entry) this.requests.hit++
    else this.#discard(key)
    return entry
  }

  async set(key: string, entry: CacheEntry): Promise<boolean> {
    if (entry.bytes.byteLength > this.#limits.largest || !this.#client.usable) return false
    const record = encodeRecord(key, entry, this.#secret)
    const write = () => this.#client.send((client) => client.set(this.#name(key), record))
    return this.pending.write(record.length, write, this.#limits.write)
  }

  async has(key: string): Promise<boolean> {
    return (await this.#read((client) => client.exists(this.#name(key)))) === 1
  }

  reject(key: string): void {
    this.requests.hit--
    this.#discard(key)
  }

  async opened(): Promise<void> {
    await this.#client.opened()
  }

  async close(): Promise<void> {
    await this.pending.settled()
    this.#client.close()
  }

  #discard(key: string): void {
    this.requests.miss++
    this.requests.damaged++
    const remove = () => this.#client.send((client) => client.del(this.#name(key)))
    if (this.#client.usable) void this.pending.write(0, remove, this.#limits.write)
  }

  async #read(command: (client: Redis) => Promise<unknown>): Promise<unknown> {
    if (!this.#client.usable) return undefined
    return this.reads.attempt(() => this.#client.send(command), this.#limits.read)
  }

  #name(key: string): string {
    return `mandeltiles:${storedName(key, this.#secret)}`
  }
}

// a key that holds a list or a set is not a fault of the connection, but not a record either
function wrongType(error: Error): null {
  if (error.message.startsWith('WRONGTYPE')) return null
  throw error
}
