import type { CircuitBreaker } from './breaker.ts'
import type { CacheEntry } from './memory.ts'
import type { WriteBehind } from './writebehind.ts'

export type TierName = 'disk' | 'redis' | 'redis-orbits'

/**
 * One tier below memory. `get`, `has` and `set` never reject: the breakers count and report what
 * fails, separately for reading and writing.
 */
export interface Tier {
  readonly name: TierName
  readonly reads: CircuitBreaker
  readonly writes: CircuitBreaker
  readonly pending: WriteBehind
  /** damaged: an entry was found, but not as it had been written */
  readonly requests: { hit: number; miss: number; damaged: number }
  /** bytes in use, where the tier itself bounds them */
  readonly bytes: number | undefined
  get(key: string): Promise<CacheEntry | undefined>
  /** Is there an entry by that name? It is not read. */
  has(key: string): Promise<boolean>
  /** Resolves to whether the entry was stored. */
  set(key: string, entry: CacheEntry): Promise<boolean>
  /** Removes the entry that `get` has just returned, because it does not belong to the key. */
  reject(key: string): void
  /** Resolves after the first attempt to use the tier: its state then says whether it works. */
  opened(): Promise<unknown>
  close(): Promise<void>
}

/** A tier's state, for readiness and metrics. */
export interface TierState {
  name: TierName
  bytes: number | undefined
  requests: Tier['requests']
  errors: number
  dropped: number
  /** the kind of fault, without addresses or paths, while there is one */
  fault: string | undefined
}

export type Operation = 'read' | 'write'

/**
 * Called once with a message when a tier begins to fail, and with undefined when it works again.
 */
export type TierEvents = (name: TierName, operation: Operation, fault: string | undefined) => void
