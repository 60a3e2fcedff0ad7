// Who is let in, and who goes next. Work waits in one of two lanes for one of a few slots. A lane is bounded by how long the last in it
// would wait, told from running means of what each kind of work takes: a line of a thousand shallow tiles is short, one of ten dives is
// long. Interactive work goes before bulk, but not for ever: after BULK_EVERY of it in a row a waiting bulk task has its turn.
//
// A long line is for a burst. An interactive one that has not been empty for as long as it may take is overload: its length serves nobody, all
// only wait for as long. Then it may be a tenth as long, until it has been empty once (after CoDel: Nichols and Jacobson 2012; for servers, Maurer,
// "Fail at Scale", 2015). So what is let in is soon served, and the server is soon free when the crowd has gone.
import { Failure } from '../core/errors.ts'

export type Lane = 'interactive' | 'bulk'
export const LANES = ['interactive', 'bulk'] as const satisfies Lane[]

/** Why work was sent away: the lane holds its most, the wait would be too long, it was too long, the client's deadline passed. */
export type Refusal = 'full' | 'wait' | 'timeout' | 'deadline'

/** What work is taken for: its kind, whose mean is known, and how much of it this is. */
export interface Work {
  kind: string
  weight: number
}

/** A slot that work has; `end` gives it back. */
export interface Slot {
  /** milliseconds waited for it */
  queue: number
  /** `finished` work counts for the mean of its kind */
  end(finished: boolean): void
}

interface Waiting {
  begin(): void
  leave(why: Failure): void
}

/** A lane: who waits in it, in order, and how much of each kind that is. */
interface LaneState {
  waiting: Set<Waiting>
  weights: Map<string, number>
  /** when it was last empty, by performance.now() */
  empty: number
}

export interface AdmissionLimits {
  slots: number
  /** waiting work in each lane */
  length: number
  /** seconds that work may have to wait */
  wait: number
}

// after this many interactive turns in a row a waiting bulk task has its turn
const BULK_EVERY = 8
// what a kind that was never seen is taken for: a shallow tile, of weight 1
const UNSEEN = 0.02 // seconds
// how far each new duration moves its kind's mean, as for round trips in TCP
const MEMORY = 1 / 8
// what a line that stands may take of what a lane may: with the default an overload is over a second or two after its end
const STANDING = 1 / 10

export class AdmissionQueue {
  readonly shed: Record<Lane, Record<Refusal, number>> = { interactive: noneShed(), bulk: noneShed() }
  /** work that was given up while it waited */
  cancelled = 0
  readonly #limits: AdmissionLimits
  readonly #lanes: Record<Lane, LaneState> = {
    interactive: { waiting: new Set(), weights: new Map(), empty: 0 },
    bulk: { waiting: new Set(), weights: new Map(), empty: 0 },
  }
  readonly #running = new Map<object, Work & { since: number }>()
  // seconds of each kind for a weight of 1
  readonly #means = new Map<string, number>()
  #row = 0
  #busy = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  get slots(): number {
    return this.#limits.slots
  }

  /** Work that waits in a lane. */
  queued(lane: Lane): number {
    return this.#lanes[lane].waiting.size
  }

  get running(): number {
    return this.#running.size
  }

  /** Seconds of work done in all slots together, that under way included. */
  get busy(): number {
    let busy = this.#busy
    for (const { since } of this.#running.values()) busy += elapsed(since)
    return busy
  }

  /** Seconds that work which enters a lane now has to wait. */
  wait(lane: Lane): number {
    if (this.#running.size < this.slots) return 0
    const interactive = this.#work('interactive')
    const bulk = this.#work('bulk')
    let seconds =
      lane === 'interactive'
        ? interactive.seconds + Math.min(bulk.seconds, Math.ceil((interactive.count + 1) / BULK_EVERY) * bulk.mean)
        : bulk.seconds + Math.min(interactive.seconds, (bulk.count + 1) * BULK_EVERY * interactive.mean)
    for (const { kind, weight, since } of this.#running.values()) {
      // what took longer than its kind does is taken for half done
      const [mean, taken] = [weight * this.#mean(kind), elapsed(since)]
      seconds += taken < mean ? mean - taken : taken
    }
    return seconds / this.slots
  }

  /** @throws Failure `busy` where work may not enter a lane now */
  admit(lane: Lane): void {
    const { length, slots } = this.#limits
    const count = this.queued(lane)
    if (count >= length) {
      throw this.#busyFailure(lane, 'full', `${count} renders are waiting already, and no more may`)
    }
    // enough to keep every slot busy may always wait, and what is bulk is not in a hurry
    const standing = lane === 'interactive' && count >= slots && elapsed(this.#lanes[lane].empty) > this.#limits.wait
    const most = standing ? STANDING * this.#limits.wait : this.#limits.wait
    const wait = this.wait(lane)
    if (wait <= most) return
    throw this.#busyFailure(
      lane,
      'wait',
      `the renders that wait already take ${Math.ceil(wait)} seconds, more than ${most}`,
    )
  }

  /**
   * Resolves when it is this work's turn. Rejects with `busy` when it may not enter or waited too long, with `cancelled` once `signal` aborts.
   * @param admitted work that `admit` has let in already, as one of many parts: it enters, and waits as long as it takes
   */
  async acquire(work: Work, lane: Lane, signal: AbortSignal, admitted = false): Promise<Slot> {
    if (signal.aborted) throw left()
    if (!admitted) this.admit(lane)
    const since = performance.now()
    if (this.#running.size < this.slots) return this.#begin(work, since)

    return new Promise((resolve, reject) => {
      const line = this.#lanes[lane]
      const { waiting, weights } = line
      const { kind, weight } = work
      if (waiting.size === 0) line.empty = performance.now()
      const settle = () => {
        waiting.delete(waiter)
        weights.set(kind, weights.get(kind)! - weight)
        if (waiting.size === 0) weights.clear()
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
      }
      const begin = () => {
        settle()
        resolve(this.#begin(work, since))
      }
      const leave = (why: Failure) => {
        this.cancelled++
        settle()
        reject(why)
      }
      const abort = () => leave(left())
      const waiter = { begin, leave }
      const expire = () => {
        settle()
        reject(this.#busyFailure(lane, 'timeout', `no thread was free for ${this.#limits.wait} seconds`))
      }
      const timer = admitted ? undefined : setTimeout(expire, 1000 * this.#limits.wait)
      signal.addEventListener('abort', abort, { once: true })
      waiting.add(waiter)
      weights.set(kind, (weights.get(kind) ?? 0) + weight)
    })
  }

  /** Sends away all that waits. */
  clear(why: Failure): void {
    for (const { waiting } of Object.values(this.#lanes)) for (const { leave } of waiting) leave(why)
  }

  #begin({ kind, weight }: Work, entered: number): Slot {
    const since = performance.now()
    const slot = {
      queue: since - entered,
      end: (finished: boolean) => {
        if (!this.#running.delete(slot)) return
        const taken = elapsed(since)
        this.#busy += taken
        const [mean, seen] = [this.#mean(kind), taken / weight]
        // work that was stopped tells at least that it takes longer
        if (finished || seen > mean) this.#means.set(kind, mean + MEMORY * (seen - mean))
        this.#next()?.begin()
      },
    }
    this.#running.set(slot, { kind, weight, since })
    return slot
  }

  #next(): Waiting | undefined {
    const interactive = this.#lanes.interactive.waiting
    const bulk = this.#lanes.bulk.waiting
    const line = interactive.size === 0 || (bulk.size > 0 && this.#row >= BULK_EVERY) ? bulk : interactive
    this.#row = line === bulk ? 0 : this.#row + 1
    const [first] = line
    return first
  }

  #work(lane: Lane): { count: number; seconds: number; mean: number } {
    const { waiting, weights } = this.#lanes[lane]
    let seconds = 0
    for (const [kind, weight] of weights) seconds += weight * this.#mean(kind)
    return { count: waiting.size, seconds, mean: waiting.size > 0 ? seconds / waiting.size : 0 }
  }

  #mean(kind: string): number {
    return this.#means.get(kind) ?? UNSEEN
  }

  #busyFailure(lane: Lane, reason: Refusal, sentence: string): Failure {
    this.shed[lane][reason]++
    // by then half of the line is gone
    const retryAfter = Math.max(1, Math.ceil(this.wait(lane) / 2))
    return new Failure('busy', `${sentence}: try again in ${retryAfter} s`, { retryAfter })
  }
}

function noneShed(): Record<Refusal, number> {
  return { full: 0, wait: 0, timeout: 0, deadline: 0 }
}

function elapsed(since: number): number {
  return (performance.now() - since) / 1000
}

function left(): Failure {
  return new Failure('cancelled', 'nobody waits for this render any more')
}
