// Request coalescing: work that several requests need at the same time is done once. There is one
// flight for each key, and its waiters are counted. When the last waiter leaves, the flight's own
// signal aborts and the work stops, queued or running. The work waits in the lane of its most
// urgent waiter: an interactive request that joins a bulk flight raises it, and all flights that
// this one waits for in turn.
import { cancelled, type TaskOptions, Ticket } from './ticket.ts'

interface Flight<T> {
  result: Promise<T>
  waiters: number
  stop: AbortController
  ticket: Ticket
}

/** How a request takes part in a flight. Without a signal it waits to the end. */
export interface Waiter {
  signal?: AbortSignal | undefined
  ticket: Ticket
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** Is the key's work under way? */
  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /**
   * Joins the key's flight, or starts it. Rejects with `cancelled` as soon as the waiter's signal
   * aborts, whatever the other waiters do.
   */
  async join(key: string, waiter: Waiter, start: (options: TaskOptions) => Promise<T>): Promise<T> {
    const { signal, ticket } = waiter
    if (signal?.aborted) throw cancelled(signal)
    const flight = this.#flights.get(key) ?? this.#start(key, ticket, start)
    const raise = () => flight.ticket.raise()
    if (ticket.lane === 'interactive') raise()
    const removeListener = ticket.onRaise(raise)
    if (ticket.patient) flight.ticket.patient = true
    flight.waiters++
    try {
      return await (signal ? this.#wait(key, flight, signal) : flight.result)
    } finally {
      removeListener()
      // the flight's work was done for this waiter too: from now on no queue rejects it
      if (flight.ticket.patient) ticket.patient = true
    }
  }

  #wait(key: string, flight: Flight<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(cancelled(signal))
        if (--flight.waiters > 0) return
        // later requests start a new flight instead of joining the one that is being stopped
        this.#forget(key, flight)
        flight.stop.abort()
      }
      signal.addEventListener('abort', leave, { once: true })
      const settled = () => signal.removeEventListener('abort', leave)
      flight.result.then(settled, settled)
      flight.result.then(resolve, reject)
    })
  }

  #start(key: string, first: Ticket, start: (options: TaskOptions) => Promise<T>): Flight<T> {
    const stop = new AbortController()
    const ticket = new Ticket(first.lane, first)
    const flight: Flight<T> = { result: start({ signal: stop.signal, ticket }), waiters: 0, stop, ticket }
    this.#flights.set(key, flight)
    const forget = () => this.#forget(key, flight)
    flight.result.then(forget, forget)
    return flight
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}
