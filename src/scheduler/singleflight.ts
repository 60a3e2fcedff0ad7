// Work that several ask for at once is done once: one flight per key, its waiters counted. When the last of them leaves,
// the flight's own signal aborts and the work stops, queued or running.
import { Failure } from '../core/errors.ts'

interface Flight<T> {
  result: Promise<T>
  waiters: number
  stop: AbortController
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** Is somebody already waiting for this key? */
  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /** Joins the key's flight, or starts it. Rejects with `cancelled` as soon as `signal` aborts, whatever the others do. */
  join(key: string, signal: AbortSignal | undefined, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal?.aborted) return Promise.reject(left())
    const flight = this.#flights.get(key) ?? this.#depart(key, start)
    flight.waiters++
    if (!signal) return flight.result

    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(left())
        if (--flight.waiters > 0) return
        // whoever asks from now on gets a new flight, not the ruins of this one
        this.#forget(key, flight)
        flight.stop.abort()
      }
      signal.addEventListener('abort', leave, { once: true })
      const landed = () => signal.removeEventListener('abort', leave)
      flight.result.then(landed, landed)
      flight.result.then(resolve, reject)
    })
  }

  #depart(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const stop = new AbortController()
    const flight: Flight<T> = { result: start(stop.signal), waiters: 0, stop }
    this.#flights.set(key, flight)
    const land = () => this.#forget(key, flight)
    flight.result.then(land, land)
    return flight
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}

function left(): Failure {
  return new Failure('cancelled', 'the client left before the answer was ready')
}
