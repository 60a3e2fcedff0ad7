// A request's place in the queues. Each queue admits a request once, before its first task; all its
// later tasks wait in its lane and are not refused any more. So no work is done for an answer that
// a queue then rejects.
//
// Work that several requests share (see singleflight.ts) has a ticket of its own, which is raised
// from the bulk to the interactive lane as soon as an interactive request waits for it.
import { Failure } from '../core/errors.ts'

export type Lane = 'interactive' | 'bulk'
export const LANES = ['interactive', 'bulk'] as const satisfies Lane[]

/** What a ticket inherits from another, and the time of its request. */
interface TicketOptions extends Partial<Pick<Ticket, 'admittedBy' | 'used'>> {
  seconds?: number | undefined
}

export class Ticket {
  #lane: Lane
  readonly #listeners = new Set<() => void>()
  /** the queues that have accepted it */
  readonly admittedBy: Set<object>
  /**
   * A patient ticket's tasks wait as long as necessary: a part of the request's work is done
   * already.
   */
  patient = false
  /** the resources used by its tasks so far, and by all work started for it */
  readonly used: { seconds: number }
  /** the time that the request may take in all, in seconds */
  readonly seconds: number

  constructor(lane: Lane, { admittedBy, used, seconds = Number.POSITIVE_INFINITY }: TicketOptions = {}) {
    this.#lane = lane
    this.seconds = seconds
    this.admittedBy = new Set(admittedBy)
    this.used = used ?? { seconds: 0 }
  }

  get lane(): Lane {
    return this.#lane
  }

  /** Moves its waiting tasks to the interactive lane. */
  raise(): void {
    if (this.#lane === 'interactive') return
    this.#lane = 'interactive'
    for (const listener of this.#listeners) listener()
    this.#listeners.clear()
  }

  /** Calls `listener` once the ticket is raised; returns a function that removes it. */
  onRaise(listener: () => void): () => void {
    if (this.#lane === 'interactive') return () => {}
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** What every step of a request passes to the next: when to stop, and its place in the queue. */
export interface TaskOptions {
  /** aborts when nobody waits for the result any more */
  signal: AbortSignal
  ticket: Ticket
}

/**
 * The failure of work whose signal has aborted: the signal's own reason, if that is a Failure.
 */
export function cancelled({ reason }: AbortSignal): Failure {
  if (reason instanceof Failure) return reason
  return new Failure('cancelled', 'cancelled: no client is waiting for this render')
}
