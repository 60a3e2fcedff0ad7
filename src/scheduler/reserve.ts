// Memory for work in progress: pictures while they are encoded, grids, tiles of millions of
// samples. Each reserves all that it will need before it starts, so that two of them never wait for
// each other. If too little is free, it waits in order. So any number of large requests stays
// within the total.
import { Failure, mustBe } from '../core/errors.ts'
import { cancelled } from './ticket.ts'

/** With more waiting requests than this, clients would give up before they are served. */
const MOST_WAITING = 100
const RETRY = 5 // seconds

interface Waiting {
  bytes: number
  start(): void
}

export class MemoryReserve {
  readonly #total: number
  #free: number
  readonly #waiting = new Set<Waiting>()

  constructor(total: number) {
    this.#total = total
    this.#free = total
  }

  /** Bytes that are taken. */
  get bytes(): number {
    return this.#total - this.#free
  }

  /**
   * Reserves bytes once they are free. Resolves to a function that releases them.
   * @throws Failure `too_expensive` if it needs more than the total, `busy` if too many wait,
   * `cancelled` once the signal has aborted
   */
  async take(bytes: number, signal: AbortSignal): Promise<() => void> {
    if (bytes === 0) return () => {}
    if (bytes > this.#total) {
      throw new Failure('too_expensive', mustBe('the memory for this', `at most ${this.#total} bytes`, bytes))
    }
    if (this.#waiting.size >= MOST_WAITING) {
      const sentence = `${MOST_WAITING} large renders are waiting for memory already: try again in ${RETRY} s`
      throw new Failure('busy', sentence, { retryAfter: RETRY })
    }
    if (this.#waiting.size > 0 || bytes > this.#free) await this.#wait(bytes, signal)
    else this.#free -= bytes
    let taken = true
    return () => {
      if (!taken) return
      taken = false
      this.#free += bytes
      this.#startNext()
    }
  }

  /**
   * The same for work that must run whatever its size: if it needs more than the total, it reserves
   * all of it.
   */
  takeAtMost(bytes: number, signal: AbortSignal): Promise<() => void> {
    return this.take(Math.min(bytes, this.#total), signal)
  }

  #wait(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(waiting)
        reject(cancelled(signal))
        this.#startNext()
      }
      const waiting = {
        bytes,
        start: () => {
          signal.removeEventListener('abort', abort)
          resolve()
        },
      }
      if (signal.aborted) return reject(cancelled(signal))
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiting)
    })
  }

  #startNext(): void {
    for (const waiting of this.#waiting) {
      if (waiting.bytes > this.#free) return
      this.#waiting.delete(waiting)
      this.#free -= waiting.bytes
      waiting.start()
    }
  }
}
