// Reference orbits, one for each neighbourhood, shared by all requests that look there. They are
// expensive (seconds at zoom 20,000) and large (tens of bytes an iteration). So an orbit is
// computed once for all who need it at the same time, kept in shared memory, and bounded in bytes,
// the least recently used leaving first. The computation stops when nobody waits for it any more. A
// reference never changes once it is published, so threads read it without a lock.
//
// One budget (kernel/budget.ts) holds for cached orbits and those that are being computed, in all
// threads together. If a thread needs more, the least recently used orbits are dropped. An orbit
// that is too large for the whole budget is remembered, so that it is refused at once the next
// time.
//
// A reference is a function of the place and the iteration limit, never of earlier requests: an
// orbit that closes or escapes within the limit is the same for all such limits, and one that is
// still open is exactly as long as the limit. So a higher limit costs in proportion. Where
// `max_iter=auto` looks for a limit, an orbit that is about to close may run beyond
// (workers/orbit).
import { LRUCache } from 'lru-cache'
import { packReference, unpackReference } from '../cache/orbitcodec.ts'
import type { Tier } from '../cache/tier.ts'
import { Failure, mustBe } from '../core/errors.ts'
import { kernel } from '../kernel/binding.ts'
import { type Budget, change, freeBytes, giveBack, newBudget, newTaken } from '../kernel/budget.ts'
import type { Reference } from '../kernel/task.ts'
import { neighbourhood, orbitPlan } from '../plane/neighbourhood.ts'
import type { TileAddress } from '../plane/tile.ts'
import type { View } from '../plane/view.ts'
import type { Pool } from '../scheduler/pool.ts'
import { SingleFlight } from '../scheduler/singleflight.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { OrbitMemory, sizeOf } from './orbitmemory.ts'
import type { RenderStats } from './stats.ts'

/**
 * The fraction of a request's time that an orbit may be expected to take: its samples take time
 * too, and a thread is rarely alone on its core.
 */
const SHARE = 1 / 2

/** The highest limit that orbits have digits for. */
const FARTHEST = 2 ** 40

/**
 * Milliseconds to fetch an orbit from another process, over a network of 100 MB/s. An orbit is
 * shared if computing it took longer than that.
 */
const fetchTime = (bytes: number) => 5 + bytes / 1e5

// characters of the keys of orbits that are too large: those of some 10,000
const REMEMBERED = 2 ** 20
// while orbits are computed, this is how often the threads are asked whether they wait for memory
const WATCH = 20 // milliseconds
// after which orbits that are being computed have probably ended
const RETRY = 5 // seconds

/** An orbit that is being computed: the iterations reached so far, and the most there can be. */
export interface OrbitProgress {
  key: string
  reached: number
  limit: number
}

/** The reference that a view needs up to a limit. */
export interface OrbitRequest {
  view: View
  maxIter: number
  far?: boolean
  final?: number
}

export class Orbits {
  /**
   * references that were cached, that were computed or fetched, and that another request was
   * waiting for already
   */
  readonly requests = { hit: 0, miss: 0, coalesced: 0 }
  /** settled references by place, open ones by place and limit */
  readonly #references: OrbitMemory
  readonly #flights = new SingleFlight<Reference>()
  readonly #progress = new Map<string, { counter: BigInt64Array; limit: number }>()
  /** places whose orbits are too large from some length on, and the bytes that they would take */
  readonly #tooLarge = new LRUCache<string, TooLarge>({
    maxSize: REMEMBERED,
    sizeCalculation: (_, key) => key.length,
  })
  readonly #pool: Pool
  readonly #maxBytes: number
  readonly #budget: Budget
  readonly #stats: RenderStats
  readonly #shared: Tier | undefined
  #watch: NodeJS.Timeout | undefined

  /**
   * `maxBytes` is the most that all orbits take together, including those being computed; `shared`
   * holds those of other processes.
   */
  constructor(pool: Pool, maxBytes: number, stats: RenderStats, shared?: Tier) {
    this.#pool = pool
    this.#shared = shared
    this.#maxBytes = maxBytes
    this.#budget = newBudget(maxBytes)
    this.#stats = stats
    this.#references = new OrbitMemory(maxBytes, this.#budget, () => pool.stuckThreads === 0)
  }

  get bytes(): number {
    return this.#references.bytes
  }

  get size(): number {
    return this.#references.size
  }

  /** Bytes that cached orbits and those that are being computed take together. */
  get memory(): number {
    return this.#maxBytes - freeBytes(this.#budget)
  }

  /** The progress of the orbit that a view waits for; undefined if it waits for none. */
  progressAt(view: View): OrbitProgress | undefined {
    const place = placeKey(neighbourhood(view))
    return this.progress.find(({ key }) => key.startsWith(place))
  }

  /** The orbits that are being computed now. */
  get progress(): OrbitProgress[] {
    return [...this.#progress].map(([key, { counter, limit }]) => ({
      key,
      reached: Number(Atomics.load(counter, 0)),
      limit,
    }))
  }

  /**
   * The reference for a view and an iteration limit: periodic, or escaped, or as long as the limit.
   * With `far` an orbit that is about to close may run beyond it. `final` is the limit that the
   * request names, where this orbit is a step towards it.
   * @throws Failure `too_expensive` if the orbit does not fit into the bytes that orbits may
   * take; and as soon as an orbit up to the named limit is expected not to fit, or to take longer
   * than the request may
   * The reference is valid only while it is cached; readers must go through `use`.
   */
  async get(
    view: View,
    maxIter: number,
    options: TaskOptions,
    { far = false, final = far ? undefined : maxIter }: { far?: boolean; final?: number } = {},
  ): Promise<Reference> {
    if (maxIter > FARTHEST) {
      throw new Failure('too_expensive', mustBe('max_iter', `at most ${FARTHEST} at this depth`, maxIter))
    }
    const place = neighbourhood(view)
    const key = orbitKey(place, maxIter, far)
    const known = this.#known({ view, maxIter, far })
    if (known) {
      this.requests.hit++
      return this.#references.lend(known)
    }
    const large = this.#tooLarge.get(placeKey(place))
    // a longer orbit is not smaller
    if (large && (final ?? maxIter) >= large.length) throw this.#tooLargeFailure(large)
    // a step towards another limit may be refused where this one is not
    const flight = final === undefined || final === maxIter ? key : `${key} of ${final}`
    this.requests[this.#flights.has(flight) ? 'coalesced' : 'miss']++
    return this.#flights.join(flight, options, (options) =>
      this.#obtain({ key, place, limit: maxIter, far, final }, options),
    )
  }

  /**
   * The same, for work that reads the reference: it stays in memory until the work has ended.
   * Undefined if the view needs none.
   */
  async use<T>(
    needed: OrbitRequest | undefined,
    options: TaskOptions,
    work: (reference: Reference | undefined) => Promise<T>,
  ): Promise<T> {
    if (!needed) return work(undefined)
    const { view, maxIter, ...how } = needed
    // a view that was prepared has been counted
    const reference = this.#known(needed) ?? (await this.get(view, maxIter, options, how))
    const release = this.#references.hold(reference)
    return work(reference).finally(release)
  }

  /** A reference that need not be computed. */
  #known({ view, maxIter, far = false }: OrbitRequest): Reference | undefined {
    const place = neighbourhood(view)
    return this.#settled(place, maxIter, far) ?? this.#references.get(orbitKey(place, maxIter, far))?.orbit
  }

  /** The reference that has closed or escaped, if one for this limit would have. */
  #settled(place: TileAddress, maxIter: number, far: boolean): Reference | undefined {
    const known = this.#references.get(placeKey(place))
    const serves = known !== undefined && (maxIter >= known.orbit.settledAt || (far && maxIter >= known.least))
    return serves ? known.orbit : undefined
  }

  /** From another process, if one has it and it fits; otherwise computed here. */
  async #obtain(orbit: OrbitSpec, options: TaskOptions): Promise<Reference> {
    const { key } = orbit
    const stored = await this.#shared?.get(`orbit ${key}`)
    const fits = stored !== undefined && stored.bytes.byteLength <= this.#maxBytes
    const reference = fits ? unpackReference(stored.bytes, orbitPlan(orbit.place), orbit.limit) : undefined
    if (!reference) {
      if (fits) this.#shared?.reject(`orbit ${key}`)
      return this.#compute(orbit, options)
    }
    change(this.#budget, BigInt(-sizeOf(reference)))
    this.#cache(orbit, reference)
    return reference
  }

  /** Caches a reference whose bytes are taken from the budget. */
  #cache({ key, place, limit }: OrbitSpec, orbit: Reference): void {
    this.#references.lend(orbit)
    this.#references.set(orbit.settledAt > 0 ? placeKey(place) : key, orbit, limit)
  }

  /** The longest orbit of a place that can be continued to a limit. */
  #longestBelow({ place, limit }: OrbitSpec): Reference | undefined {
    let longest: Reference | undefined
    for (const [key, { orbit }] of this.#references.entries()) {
      const continues = orbit.state !== undefined && orbit.length < limit && orbit.length > (longest?.length ?? 0)
      if (continues && key.startsWith(placeKey(place))) longest = orbit
    }
    return longest
  }

  async #compute(spec: OrbitSpec, options: TaskOptions): Promise<Reference> {
    const { key, place, limit, far, final } = spec
    const { lane, seconds } = options.ticket
    const plan = orbitPlan(place)
    const counter = new BigInt64Array(new SharedArrayBuffer(8))
    const taken = newTaken()
    this.#progress.set(key, { counter, limit })
    this.#watch ??= setInterval(() => this.#references.makeRoom(), WATCH)
    const shorter = this.#longestBelow(spec)
    const release = shorter && this.#references.hold(shorter)
    try {
      const task = {
        plan,
        state: shorter?.state,
        bits: kernel.orbitBits(plan.log2Spacing, FARTHEST),
        maxIter: limit,
        far,
        maxBytes: this.#maxBytes,
        final,
        maxMilliseconds: 1000 * SHARE * seconds,
        budget: this.#budget,
        taken,
        progress: counter,
      }
      const { queue, reference, refused, bytes, milliseconds, ...orbit } = await this.#pool.run(
        'orbit',
        task,
        options,
        this.#stats.counter('orbit'),
      )
      const { length, period, escaped } = orbit
      const timing = { queue, render: milliseconds, encode: 0 }
      this.#stats.report({ kind: 'orbit', key, lane, timing, orbit: { length, period, escaped } })
      if (refused === 'too_large') {
        const large = { length: final ?? Math.max(length, orbit.settledAt), bytes }
        this.#tooLarge.set(placeKey(place), large)
        throw this.#tooLargeFailure(large)
      }
      if (refused === 'too_long') throw tooLongFailure(final!, milliseconds / 1000, SHARE * seconds)
      if (!reference) {
        const sentence = `other reference orbits leave too few of the ${this.#maxBytes} bytes; try again in ${RETRY} s`
        throw new Failure('out_of_memory', sentence, { retryAfter: RETRY })
      }
      const whole = { ...orbit, reference }
      if (milliseconds > fetchTime(bytes)) {
        void this.#shared?.set(`orbit ${key}`, { bytes: packReference(whole), limit })
      }
      giveBack(this.#budget, taken, sizeOf(whole))
      this.#cache(spec, whole)
      return whole
    } finally {
      release?.()
      giveBack(this.#budget, taken)
      this.#progress.delete(key)
      if (this.#progress.size === 0) {
        clearInterval(this.#watch)
        this.#watch = undefined
      }
    }
  }

  #tooLargeFailure({ length, bytes }: TooLarge): Failure {
    const sentence = mustBe('the reference orbit', `of at most ${this.#maxBytes} bytes`, bytes)
    const fits = `up to ${part(length, this.#maxBytes / bytes)} of these ${length} iterations fit`
    return new Failure('too_expensive', `${sentence}: ${fits}`)
  }
}

function tooLongFailure(length: number, expected: number, seconds: number): Failure {
  const takes = `the reference orbit of ${length} iterations takes about ${Math.ceil(expected)} seconds of a core`
  const ready = `up to ${part(length, seconds / expected)} iterations may be ready by then`
  const other = '`mandeltiles render` on the command line takes as long as it needs'
  return new Failure('too_expensive', `${takes}, it may take ${seconds}, half of a request's time: ${ready}; ${other}`)
}

/** Slightly less than a fraction of a length, in two digits. */
function part(length: number, fraction: number): number {
  const most = length * Math.min(1, 0.9 * fraction)
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(most)) - 1)
  return unit * Math.floor(most / unit)
}

/** The bytes that an orbit would take. */
interface TooLarge {
  length: number
  bytes: number
}

/** An orbit to be obtained: its key, its neighbourhood, and its limit. */
interface OrbitSpec {
  key: string
  place: TileAddress
  limit: number
  far: boolean
  final: number | undefined
}

/** The key of an orbit up to a limit. */
function orbitKey(place: TileAddress, maxIter: number, far: boolean): string {
  return `${placeKey(place)}${maxIter}${far ? ' far' : ''}`
}

/** The beginning of the keys of a neighbourhood's orbits. */
function placeKey({ z, x, y }: TileAddress): string {
  return `${z} ${x} ${y} `
}
