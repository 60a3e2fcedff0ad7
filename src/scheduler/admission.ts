// Which work is accepted, and which goes next. Work waits in one of two lanes for one of a few
// slots. A lane is bounded by the time that its last task would wait, estimated from the mean
// duration of each kind of work: a thousand shallow tiles are a short queue, ten deep ones may be a
// long one. Interactive work goes before bulk work, but not forever: after BULK_EVERY interactive
// tasks in a row a bulk task goes.
//
// One slot is always left to short interactive tasks: long tasks, which take more than a second or
// so, and bulk tasks never have all slots. Otherwise one expensive request per thread would stop
// all other rendering for as long as a request may take. Short bulk tasks may use the last slot
// too, but only after QUIET seconds without interactive work. With a single slot, long tasks have
// another one for themselves: the system then divides a core between a long task and the short
// ones. No task can do that for itself, because cutting it would change its bits.
//
// A request is checked once, when it arrives (see ticket.ts). If it waits for something first, such
// as a reference orbit, it reserves its later task, so that requests that arrive meanwhile are
// checked against that too.
//
// A long queue is there for bursts. If the interactive lane has not been empty for `wait` seconds,
// the server is overloaded, and a long queue only adds latency for everyone. Then only a tenth of
// the wait is allowed until the lane has been empty once (after CoDel: Nichols and Jacobson 2012;
// for servers: Maurer, "Fail at Scale", 2015). So accepted requests are served soon, and the queue
// is short when load ends.
import { Failure } from '../core/errors.ts'
import { Backlog, Durations, type Work } from './backlog.ts'
import { cancelled, type Lane, type TaskOptions, type Ticket } from './ticket.ts'

/**
 * Why work was refused: the lane holds its maximum number of tasks, the estimated wait is too long,
 * it waited too long, or the client's deadline passed.
 */
export type Refusal = 'full' | 'wait' | 'timeout' | 'deadline'

/** A slot that work has; `end` frees it. */
export interface Slot {
  /** milliseconds that the work waited for it */
  queue: number
  /** Frees the slot; `finished` work counts for the mean of its kind. */
  end(finished: boolean): void
}

interface Waiting {
  order: number
  start(): void
  leave(why: Failure): void
}

/** Tasks that wait, in order, and those that will enter later. */
interface Waitlist {
  waiting: Set<Waiting>
  backlog: Backlog
  reserved: Backlog
}

interface LaneState {
  short: Waitlist
  long: Waitlist
  /** when the queue last had no short task, by performance.now() */
  empty: number
}

export interface AdmissionLimits {
  /** tasks that run at once; beside a single one a long task may run too */
  slots: number
  /** tasks that may wait in each lane */
  length: number
  /** seconds that a task may have to wait */
  wait: number
}

// after this many interactive tasks in a row a bulk task goes
const BULK_EVERY = 8
// the share of the wait that is allowed during overload: with the default, a second
const OVERLOADED = 1 / 10
// seconds without interactive work, after which bulk work has the last slot too: a visitor moves
// the map more often than that
const QUIET = 10
// long interactive tasks that may wait for each slot: of those behind them few would be done before
// the deadline of their requests
const LONG_WAITING = 8

export class AdmissionQueue {
  readonly shed: Record<Lane, Record<Refusal, number>> = { interactive: noneShed(), bulk: noneShed() }
  /** tasks that were given up while they waited */
  cancelled = 0
  readonly #limits: AdmissionLimits
  readonly #lanes: Record<Lane, LaneState> = { interactive: emptyLane(), bulk: emptyLane() }
  readonly #running = new Map<object, Work & { since: number }>()
  readonly #durations = new Durations()
  /** slots that long tasks and bulk tasks may have together */
  readonly #longSlots: number
  /** has a long task a slot beside the others? */
  readonly #aside: boolean
  #longRunning = 0
  #bulkRunning = 0
  /** when interactive work came last, by performance.now() */
  #interactiveAt = Number.NEGATIVE_INFINITY
  #quiet: NodeJS.Timeout | undefined
  #order = 0
  #interactiveInRow = 0
  #slotSeconds = 0

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
    this.#longSlots = Math.max(1, limits.slots - 1)
    this.#aside = limits.slots === 1
  }

  get slots(): number {
    return this.#limits.slots
  }

  /** Tasks that may run at once: as many as slots, and a long one beside a single slot. */
  get capacity(): number {
    return this.slots + (this.#aside ? 1 : 0)
  }

  /** Tasks that wait in a lane. */
  queued(lane: Lane): number {
    const { short, long } = this.#lanes[lane]
    return short.waiting.size + long.waiting.size
  }

  get running(): number {
    return this.#running.size
  }

  /** Seconds that all slots together have worked, running tasks included. */
  get slotSeconds(): number {
    let seconds = this.#slotSeconds
    for (const { since } of this.#running.values()) seconds += elapsed(since)
    return seconds
  }

  /** Seconds that a task which enters a lane now has to wait, by estimate. */
  wait(lane: Lane, long = false): number {
    if (this.#free(long)) return 0
    const interactive = this.#pending('interactive', long)
    const bulk = this.#pending('bulk', long)
    let seconds =
      lane === 'interactive'
        ? interactive.seconds + Math.min(bulk.seconds, Math.ceil((interactive.count + 1) / BULK_EVERY) * bulk.mean)
        : bulk.seconds + Math.min(interactive.seconds, (bulk.count + 1) * BULK_EVERY * interactive.mean)
    for (const { since, ...work } of this.#running.values()) {
      if ((work.long === true) !== long) continue
      // a task that has taken longer than the mean of its kind is assumed to be half done
      const [mean, taken] = [this.#durations.of(work), elapsed(since)]
      seconds += taken < mean ? mean - taken : taken
    }
    return seconds / (long ? this.#longSlots : this.slots - (this.#aside ? 0 : this.#longRunning))
  }

  /**
   * Accepts a request, once: its tasks are not checked again.
   * @param work its last task, where known: it counts as waiting, until the function that is
   * returned is called
   * @throws Failure `busy` if its lane is full
   */
  admit(ticket: Ticket, work?: () => Work): () => void {
    if (ticket.admittedBy.has(this)) return () => {}
    const { lane } = ticket
    const { length, slots, wait: limit } = this.#limits
    const { short, long, empty } = this.#lanes[lane]
    const count = this.queued(lane) + short.reserved.count + long.reserved.count
    if (count >= length) {
      throw this.#refuse(lane, 'full', `the render queue is full (${count} renders are waiting, limit ${length})`)
    }
    // enough work to keep every slot busy may always wait, and bulk work is not in a hurry
    const overloaded = lane === 'interactive' && short.waiting.size >= slots && elapsed(empty) > limit
    const most = overloaded ? OVERLOADED * limit : limit
    const wait = this.#free(false) ? this.#waitForSameKind(short.reserved, work) : this.wait(lane)
    if (wait > most) {
      const sentence = `the render queue is full (estimated wait ${Math.ceil(wait)} s, limit ${most} s)`
      throw this.#refuse(lane, 'wait', sentence)
    }
    ticket.admittedBy.add(this)
    return work ? this.reserve(work(), ticket) : () => {}
  }

  /**
   * Counts a task that a request will have later as waiting, until the function that is returned is
   * called.
   */
  reserve(work: Work, { lane }: Ticket): () => void {
    const { reserved } = this.#waitlist(lane, work)
    let held = true
    reserved.add(work)
    return () => {
      if (held) reserved.remove(work)
      held = false
    }
  }

  /**
   * Resolves when it is the turn of this work. Rejects with `busy` if the ticket is not admitted or
   * has waited too long, and with `cancelled` once the signal aborts.
   */
  async acquire(work: Work, { signal, ticket }: TaskOptions): Promise<Slot> {
    if (signal.aborted) throw cancelled(signal)
    this.admit(ticket)
    const since = performance.now()
    if (ticket.lane === 'interactive') this.#interactiveAt = since
    if (this.#mayStart(work.long === true, ticket.lane)) return this.#start(work, ticket, since)
    const { waiting } = this.#lanes.interactive.long
    if (work.long && ticket.lane === 'interactive' && waiting.size >= LONG_WAITING * this.slots) {
      throw this.#refuse(ticket.lane, 'wait', `${waiting.size} expensive renders are waiting already`)
    }

    return new Promise((resolve, reject) => {
      let list = this.#enter(ticket.lane, work)
      const settle = () => {
        list.waiting.delete(waiter)
        list.backlog.remove(work)
        clearTimeout(timer)
        removeListener()
        signal.removeEventListener('abort', abort)
      }
      const start = () => {
        settle()
        resolve(this.#start(work, ticket, since))
      }
      const leave = (why: Failure) => {
        this.cancelled++
        settle()
        reject(why)
      }
      const abort = () => leave(cancelled(signal))
      const waiter = { order: this.#order++, start, leave }
      const expire = () => {
        if (ticket.patient) return
        settle()
        reject(this.#refuse(ticket.lane, 'timeout', `no thread was free for ${this.#limits.wait} s`))
      }
      const raise = () => {
        list.waiting.delete(waiter)
        list.backlog.remove(work)
        list = this.#enter(ticket.lane, work)
        list.waiting.add(waiter)
      }
      const removeListener = ticket.onRaise(raise)
      const timer = ticket.patient ? undefined : setTimeout(expire, 1000 * this.#limits.wait)
      signal.addEventListener('abort', abort, { once: true })
      list.waiting.add(waiter)
      this.#startNext()
    })
  }

  /** Rejects all work that waits. */
  clear(why: Failure): void {
    for (const { short, long } of Object.values(this.#lanes)) {
      for (const { leave } of [...short.waiting, ...long.waiting]) leave(why)
    }
  }

  #enter(lane: Lane, work: Work): Waitlist {
    const list = this.#waitlist(lane, work)
    const state = this.#lanes[lane]
    if (state.short.waiting.size === 0) state.empty = performance.now()
    list.backlog.add(work)
    return list
  }

  #waitlist(lane: Lane, work: Work): Waitlist {
    return this.#lanes[lane][work.long ? 'long' : 'short']
  }

  #free(long: boolean): boolean {
    if (this.#aside) return long ? this.#longRunning === 0 : this.#running.size === this.#longRunning
    return this.#running.size < this.slots && !(long && this.#longRunning + this.#bulkRunning >= this.#longSlots)
  }

  #mayStart(long: boolean, lane: Lane): boolean {
    const bulk = lane === 'bulk' && this.slots > 1 && elapsed(this.#interactiveAt) < QUIET
    return this.#free(long || bulk)
  }

  #start(work: Work, ticket: Ticket, entered: number): Slot {
    ticket.patient = true
    const since = performance.now()
    const counter = work.long ? 'long' : ticket.lane === 'bulk' ? 'bulk' : undefined
    const count = (change: 1 | -1) => {
      if (counter === 'long') this.#longRunning += change
      if (counter === 'bulk') this.#bulkRunning += change
    }
    const slot = {
      queue: since - entered,
      end: (finished: boolean) => {
        if (!this.#running.delete(slot)) return
        count(-1)
        const taken = elapsed(since)
        this.#slotSeconds += taken
        ticket.used.seconds += taken
        this.#durations.learn(work, taken, finished)
        this.#startNext()
      },
    }
    this.#running.set(slot, { ...work, since })
    count(1)
    return slot
  }

  // the end of a long task may let two start: another long one, and the one behind it
  #startNext(): void {
    for (let next = this.#next(); next; next = this.#next()) next.start()
    // bulk work waits despite a free slot, and gets it after enough time without interactive work
    if (!this.#free(false) || this.queued('bulk') === 0) return
    this.#quiet ??= setTimeout(() => {
      this.#quiet = undefined
      this.#startNext()
    }, 1000 * QUIET).unref()
  }

  #next(): Waiting | undefined {
    if (!this.#free(false) && !this.#free(true)) return undefined
    const interactive = this.#first('interactive')
    const bulk = this.#first('bulk')
    const takeBulk = !interactive || (bulk !== undefined && this.#interactiveInRow >= BULK_EVERY)
    if (!interactive && !bulk) return undefined
    this.#interactiveInRow = takeBulk ? 0 : this.#interactiveInRow + 1
    return takeBulk ? bulk : interactive
  }

  /** The first task of a lane that may start now. */
  #first(lane: Lane): Waiting | undefined {
    const { short, long } = this.#lanes[lane]
    const [a] = this.#mayStart(false, lane) ? short.waiting : []
    const [b] = this.#mayStart(true, lane) ? long.waiting : []
    if (!a || !b) return a ?? b
    return a.order < b.order ? a : b
  }

  #pending(lane: Lane, long: boolean): { count: number; seconds: number; mean: number } {
    const { backlog, reserved } = this.#lanes[lane][long ? 'long' : 'short']
    const count = backlog.count + reserved.count
    const seconds = backlog.seconds(this.#durations) + reserved.seconds(this.#durations)
    return { count, seconds, mean: count > 0 ? seconds / count : 0 }
  }

  // with a free slot, only tasks that become ready at the same time are in the way
  #waitForSameKind(reserved: Backlog, work: (() => Work) | undefined): number {
    if (!work || reserved.count === 0) return 0
    const { kind } = work()
    return this.#durations.of({ kind, weight: reserved.weight(kind) }) / this.slots
  }

  #refuse(lane: Lane, reason: Refusal, sentence: string): Failure {
    this.shed[lane][reason]++
    // by then half of the queue has been served
    const retryAfter = Math.max(1, Math.ceil(this.wait(lane) / 2))
    return new Failure('busy', `${sentence}; try again in ${retryAfter} s`, { retryAfter })
  }
}

function emptyLane(): LaneState {
  return { short: emptyList(), long: emptyList(), empty: 0 }
}

function emptyList(): Waitlist {
  return { waiting: new Set(), backlog: new Backlog(), reserved: new Backlog() }
}

function noneShed(): Record<Refusal, number> {
  return { full: 0, wait: 0, timeout: 0, deadline: 0 }
}

function elapsed(since: number): number {
  return (performance.now() - since) / 1000
}
