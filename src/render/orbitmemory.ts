// The memory of finished reference orbits. Every thread that was given an orbit has an object of
// its own for the same shared memory, and the system gets the memory back once the collectors of
// all these threads have run: seconds later, or minutes, with hundreds of megabytes of orbits that
// nobody can find any more. So users are counted here, in the thread that hands orbits out. When an
// orbit has left the cache and its last user has ended, its pages are discarded at once, and only
// then are its bytes given back to the budget. The objects in the threads stay valid: they are full
// of zeros, which the kernel does not take for an orbit.
import { LRUCache } from 'lru-cache'
import { kernel } from '../kernel/binding.ts'
import { type Budget, change, shortage } from '../kernel/budget.ts'
import type { Reference } from '../kernel/task.ts'

/** A cached reference, and the lowest limit that it is known to serve. */
export interface CachedOrbit {
  orbit: Reference
  least: number
}

export class OrbitMemory {
  readonly #cached: LRUCache<string, CachedOrbit>
  /** references that somebody uses, and by how many */
  readonly #users = new Map<Reference, number>()
  /** those of them that have left the cache, with the names that they had */
  readonly #leaving = new Set<CachedOrbit & { name: string }>()
  readonly #budget: Budget
  readonly #mayDiscard: () => boolean

  /**
   * `maxBytes` bounds what is cached. The budget has taken the bytes of every orbit that comes
   * here. `mayDiscard` is false while a thread may read what no task uses any more.
   */
  constructor(maxBytes: number, budget: Budget, mayDiscard: () => boolean) {
    this.#budget = budget
    this.#mayDiscard = mayDiscard
    this.#cached = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ orbit }) => sizeOf(orbit),
      dispose: (entry, name) => {
        if (this.#users.has(entry.orbit)) this.#leaving.add({ ...entry, name })
        else this.#free(entry.orbit)
      },
    })
  }

  get bytes(): number {
    return this.#cached.calculatedSize
  }

  get size(): number {
    return this.#cached.size
  }

  /** An orbit that is cached or in use. */
  get(name: string): CachedOrbit | undefined {
    const cached = this.#cached.get(name)
    if (cached) return cached
    for (const entry of this.#leaving) if (entry.name === name) return entry
    return undefined
  }

  entries(): Iterable<[string, CachedOrbit]> {
    return this.#cached.entries()
  }

  /** Caches an orbit that somebody uses. `limit` is one that it serves. */
  set(name: string, orbit: Reference, limit: number): void {
    const entry = { orbit, least: Math.min(limit, this.#cached.peek(name)?.least ?? limit) }
    this.#cached.set(name, entry)
    // larger than all that may be cached
    if (!this.#cached.has(name)) this.#leaving.add({ ...entry, name })
    this.makeRoom()
  }

  /** Keeps an orbit's memory until the result is called. */
  hold(orbit: Reference): () => void {
    this.#users.set(orbit, (this.#users.get(orbit) ?? 0) + 1)
    return () => this.#release(orbit)
  }

  /**
   * Keeps an orbit's memory until all promises that it is handed to have called those who wait for
   * them: that is before the next turn of the event loop.
   */
  lend(orbit: Reference): Reference {
    setImmediate(this.hold(orbit))
    return orbit
  }

  /** Drops cached references if threads wait for their bytes. */
  makeRoom(): void {
    let missing = shortage(this.#budget)
    while (missing > 0 && this.#cached.size > 0) {
      const before = this.#cached.calculatedSize
      this.#cached.pop()
      missing -= before - this.#cached.calculatedSize
    }
  }

  #release(orbit: Reference): void {
    const others = this.#users.get(orbit)! - 1
    if (others > 0) {
      this.#users.set(orbit, others)
      return
    }
    this.#users.delete(orbit)
    for (const entry of this.#leaving) {
      if (entry.orbit !== orbit) continue
      this.#leaving.delete(entry)
      this.#free(orbit)
    }
  }

  #free(orbit: Reference): void {
    if (this.#mayDiscard()) {
      kernel.discard(orbit.reference)
      if (orbit.state) kernel.discard(orbit.state)
    }
    change(this.#budget, BigInt(sizeOf(orbit)))
  }
}

export function sizeOf({ reference, state }: Reference): number {
  return reference.byteLength + (state?.byteLength ?? 0)
}
