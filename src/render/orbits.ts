// Reference orbits, one per neighbourhood, shared by everybody who looks there. They are dear to make (at zoom 20,000 seconds) and large (tens of
// bytes an iteration), so they are kept by bytes, the least recently used leaving first; made once however many ask; and
// stopped when nobody waits any more. A reference is immutable once it stands, so no lock guards it.
import { LRUCache } from 'lru-cache'
import { packReference, unpackReference } from '../cache/orbitcodec.ts'
import type { Tier } from '../cache/tier.ts'
import { Failure, mustBe } from '../core/errors.ts'
import { kernel } from '../kernel/binding.ts'
import type { OrbitResult, Reference } from '../kernel/task.ts'
import { neighbourhood, orbitPlan } from '../plane/neighbourhood.ts'
import type { TileAddress } from '../plane/tile.ts'
import type { View } from '../plane/view.ts'
import type { Pool } from '../scheduler/pool.ts'
import { SingleFlight } from '../scheduler/singleflight.ts'

/**
 * How far an orbit is followed: to the least of these that is not below the iteration limit. Few classes, so that a picture depends on
 * its own limit and never on what somebody else asked for before.
 */
const CLASSES = [2 ** 16, 2 ** 18, 2 ** 20, 2 ** 22, 2 ** 24, 2 ** 31]

/** An orbit is shared with other processes when making it took longer than to fetch it would, by a network of 100 MB/s: milliseconds for its bytes. */
const fetching = (bytes: number) => 5 + bytes / 1e5

/** What is told while an orbit is made: the iterations reached, and the most it may take. */
export interface OrbitProgress {
  key: string
  reached: number
  limit: number
}

/** What the pipeline wants to know of orbits. */
export interface OrbitEvents {
  begun(): void
  made(key: string, orbit: Omit<OrbitResult, 'reference'> & { queue: number }): void
}

export class Orbits {
  /** references that were there, that were made or fetched, and that somebody was making already */
  readonly requests = { hit: 0, miss: 0, coalesced: 0 }
  readonly #references: LRUCache<string, Reference>
  readonly #flights = new SingleFlight<Reference>()
  readonly #progress = new Map<string, { counter: BigInt64Array; limit: number }>()
  readonly #pool: Pool
  readonly #maxBytes: number
  readonly #events: OrbitEvents
  readonly #shared: Tier | undefined

  /** `maxBytes` bounds the references that are kept, and each of them; `shared` holds what other processes made. */
  constructor(pool: Pool, maxBytes: number, events: OrbitEvents, shared?: Tier) {
    this.#pool = pool
    this.#shared = shared
    this.#maxBytes = maxBytes
    this.#events = events
    this.#references = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ reference, state }) => reference.byteLength + (state?.byteLength ?? 0),
    })
  }

  get bytes(): number {
    return this.#references.calculatedSize
  }

  get size(): number {
    return this.#references.size
  }

  /** How far the orbit is that a view waits for; undefined if it waits for none. */
  progressAt(view: View): OrbitProgress | undefined {
    const { z, x, y } = neighbourhood(view)
    for (const limit of CLASSES) {
      const key = `${z} ${x} ${y} ${limit}`
      const { counter } = this.#progress.get(key) ?? {}
      if (counter) return { key, reached: Number(Atomics.load(counter, 0)), limit }
    }
    return undefined
  }

  /** The orbits that are being made now. */
  get progress(): OrbitProgress[] {
    return [...this.#progress].map(([key, { counter, limit }]) => ({
      key,
      reached: Number(Atomics.load(counter, 0)),
      limit,
    }))
  }

  /**
   * The reference for a view and an iteration limit: periodic, or escaped, or at least as long as the limit.
   * @throws Failure `too_expensive` where the orbit would not fit the bytes that orbits may take.
   */
  async get(view: View, maxIter: number, signal: AbortSignal): Promise<Reference> {
    const place = neighbourhood(view)
    let shorter: Reference | undefined
    for (const limit of CLASSES) {
      const key = `${place.z} ${place.x} ${place.y} ${limit}`
      const known = this.#references.get(key)
      const enough = maxIter <= limit
      // of a shorter class only what it settled for good
      if (known && (enough || settled(known))) {
        this.requests.hit++
        return known
      }
      if (enough) {
        this.requests[this.#flights.has(key) ? 'coalesced' : 'miss']++
        return this.#flights.join(key, signal, (stop) => this.#obtain(key, place, limit, shorter?.state, stop))
      }
      shorter = known ?? shorter
    }
    throw new Failure('too_expensive', mustBe('max_iter', `at most ${CLASSES.at(-1)} at this depth`, maxIter))
  }

  /** From another process, where one has made it and it fits, else made here. */
  async #obtain(
    key: string,
    place: TileAddress,
    limit: number,
    state: Reference['state'],
    stop: AbortSignal,
  ): Promise<Reference> {
    const kept = await this.#shared?.get(`orbit ${key}`)
    const reference =
      kept && kept.bytes.byteLength <= this.#maxBytes
        ? unpackReference(kept.bytes)
        : await this.#make(key, place, limit, state, stop)
    this.#references.set(key, reference)
    return reference
  }

  async #make(
    key: string,
    place: TileAddress,
    limit: number,
    state: Reference['state'],
    stop: AbortSignal,
  ): Promise<Reference> {
    const plan = orbitPlan(place)
    const counter = new BigInt64Array(new SharedArrayBuffer(8))
    this.#progress.set(key, { counter, limit })
    try {
      const task = {
        plan,
        state,
        bits: kernel.orbitBits(plan.log2Spacing, CLASSES.at(-1)!),
        maxIter: limit,
        maxBytes: this.#maxBytes,
        progress: counter,
      }
      const { queue, reference, ...made } = await this.#pool.run('orbit', task, {
        signal: stop,
        lane: 'interactive',
        begun: this.#events.begun,
      })
      this.#events.made(key, { ...made, queue })
      if (!reference) {
        throw new Failure(
          'too_expensive',
          mustBe('the reference orbit', `of at most ${this.#maxBytes} bytes`, made.bytes),
        )
      }
      const { bytes, milliseconds, ...rest } = made
      const whole = { ...rest, reference }
      if (milliseconds > fetching(bytes)) void this.#shared?.set(`orbit ${key}`, { bytes: packReference(whole), limit })
      return whole
    } finally {
      this.#progress.delete(key)
    }
  }
}

function settled({ period, escaped }: Reference): boolean {
  return period > 0 || escaped
}
