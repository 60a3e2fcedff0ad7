// The memory of finished reference orbits. Every thread that receives an orbit has its own object
// for the same shared memory, and the system gets the memory back once the garbage collectors of
// all these threads have run: seconds or minutes later, with hundreds of megabytes of unreachable
// orbits. So users are counted here, in the thread that distributes orbits. When an orbit has left
// the cache and its last user has ended, its pages are discarded at once, and only then are its
// bytes returned to the budget. The objects in the threads stay valid: they are full of zeros,
// which the kernel does not accept as an orbit.
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
  /** references in use, and their numbers of users */
  readonly #users = new Map<Reference, number>()
  /** references in use that have left the cache, with their former names */
  readonly #leaving = new Set<CachedOrbit & { name: string }>()
  readonly #budget: Budget
  readonly #mayDiscard: () => boolean

  /**
   * `maxBytes` bounds the cached orbits. The bytes of every orbit that comes here are taken from
   * the budget. `mayDiscard` is false while a thread may still read an orbit that no task uses any
   * more.
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

  /** Caches an orbit in use. `limit` is one that it serves. */
  set(name: string, orbit: Reference, limit: number): void {
    const entry = { orbit, least: Math.min(limit, this.#cached.peek(name)?.least ?? limit) }
    this.#cached.set(name, entry)
    // larger than the whole cache
    if (!this.#cached.has(name)) this.#leaving.add({ ...entry, name })
    this.makeRoom()
  }

  /** Keeps an orbit's memory until the returned function is called. */
  hold(orbit: Reference): () => void {
    this.#users.set(orbit, (this.#users.get(orbit) ?? 0) + 1)
    return () => this.#release(orbit)
  }

  /**
   * Keeps an orbit's memory until all promises that resolve to it have run their callbacks, which
   * is before the next turn of the event loop.
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
