// Writes that happen after the response. Their bytes wait in memory, so they are bounded: a write
// that finds no room is dropped, which costs another render later.
import type { CircuitBreaker } from './breaker.ts'

/** Bytes that may wait to be written: a few hundred tiles. */
const MAX_BYTES = 32 * 2 ** 20

export class WriteBehind {
  /** writes that found no room */
  dropped = 0
  readonly #breaker: CircuitBreaker
  readonly #pending = new Set<Promise<unknown>>()
  #bytes = 0

  /** Each write is an attempt of `breaker`. */
  constructor(breaker: CircuitBreaker) {
    this.#breaker = breaker
  }

  /**
   * Writes `bytes` bytes by calling `work`, within `timeout` milliseconds. Resolves to whether it
   * was done; only seeding, which fills a cache beforehand, waits for that.
   */
  async write(bytes: number, work: () => Promise<unknown>, timeout: number): Promise<boolean> {
    if (this.#bytes + bytes > MAX_BYTES) {
      this.dropped++
      return false
    }
    this.#bytes += bytes
    const write = this.#breaker.attempt(() => work().then(() => true), timeout)
    this.#pending.add(write)
    const done = await write
    this.#pending.delete(write)
    this.#bytes -= bytes
    return done === true
  }

  /** Resolves when every pending write has finished or was given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }
}
