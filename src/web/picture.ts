import { FetchFailure, fetchPatiently } from './fetching.ts'
import type { Traffic } from './traffic.ts'
import { inTurn } from './turns.ts'

/** One tile's picture: fetched with patience, swapped in place when it is asked to show another, dropped on request. */
export class Picture {
  readonly element = document.createElement('img')
  readonly #traffic: Traffic
  #flight: AbortController | undefined
  #failed = false

  constructor(traffic: Traffic) {
    this.#traffic = traffic
    this.element.alt = ''
    this.element.draggable = false
  }

  get failed(): boolean {
    return this.#failed
  }

  get loading(): boolean {
    return this.#flight !== undefined
  }

  /** Fetches and shows a picture; until it is decoded the old one stays. True when it is on the screen. */
  async show(url: string): Promise<boolean> {
    this.drop()
    const flight = new AbortController()
    this.#flight = flight
    this.#traffic.asked()
    let paused = false
    const pausing = (now: boolean) => {
      if (now !== paused) this.#traffic.paused(now ? 1 : -1)
      paused = now
    }
    try {
      const blob = await inTurn(flight.signal, () => fetchPatiently(url, flight.signal, () => pausing(true)))
      await this.#decode(blob)
      return !flight.signal.aborted
    } catch (error) {
      if (flight.signal.aborted) return false
      this.#fail(true)
      if (!(error instanceof FetchFailure || error instanceof DOMException)) throw error
      return false
    } finally {
      pausing(false)
      this.#traffic.settled()
      if (this.#flight === flight) this.#flight = undefined
    }
  }

  /** Stops what is under way and forgets a failure. */
  drop(): void {
    this.#flight?.abort()
    this.#flight = undefined
    this.#fail(false)
  }

  async #decode(blob: Blob): Promise<void> {
    const address = URL.createObjectURL(blob)
    this.element.src = address
    try {
      await this.element.decode()
    } finally {
      URL.revokeObjectURL(address)
    }
  }

  #fail(now: boolean): void {
    if (now !== this.#failed) this.#traffic.gaveUp(now ? 1 : -1)
    this.#failed = now
  }
}
