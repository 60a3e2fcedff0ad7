import type { CircuitBreaker } from './breaker.ts'
import type { CacheEntry } from './memory.ts'

export type TierName = 'disk' | 'redis' | 'redis-orbits'

/** One tier. `get` and `set` never reject: what fails is counted and told by the circuits, apart for reading and writing. */
export interface Tier {
  readonly name: TierName
  readonly reads: CircuitBreaker
  readonly writes: CircuitBreaker
  readonly requests: { hit: number; miss: number; damaged: number }
  /** bytes kept, where the tier itself bounds them */
  readonly bytes: number | undefined
  get(key: string): Promise<CacheEntry | undefined>
  /** Is something there by that name? It is not read. */
  has(key: string): Promise<boolean>
  /** Resolves to whether it was kept. */
  set(key: string, made: CacheEntry): Promise<boolean>
  /** Resolves once it was tried for the first time: `states` then tell whether it works. */
  opened(): Promise<unknown>
  close(): Promise<void>
}

/** A tier as readiness and metrics tell it. */
export interface TierState {
  name: TierName
  bytes: number | undefined
  requests: Tier['requests']
  errors: number
  dropped: number
  /** what is wrong now, in words */
  fault: string | undefined
}

export type Operation = 'read' | 'write'

/** Hears once when a tier's reading or writing fails, and once, with undefined, when it works again. */
export type TierEvents = (name: TierName, operation: Operation, fault: string | undefined) => void
