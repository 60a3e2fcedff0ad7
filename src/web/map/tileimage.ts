import { limitRequests } from '../net/concurrency.ts'
import { FetchFailure, fetchWithRetry } from '../net/fetching.ts'
import type { LoadTracker } from '../net/loadtracker.ts'

/** The image of one tile: fetched with retries, replaced in place, cancelled on request. */
export class TileImage {
  readonly element = document.createElement('img')
  readonly #loads: LoadTracker
  #request: AbortController | undefined
  #failed = false

  constructor(loads: LoadTracker) {
    this.#loads = loads
    this.element.alt = ''
    this.element.draggable = false
  }

  get failed(): boolean {
    return this.#failed
  }

  /**
   * Fetches and shows an image. The old one stays until the new one is decoded. True when it is
   * shown.
   */
  async load(url: string): Promise<boolean> {
    this.cancel()
    const request = new AbortController()
    this.#request = request
    this.#loads.requested()
    let waiting = false
    const setWaiting = (now: boolean) => {
      if (now !== waiting) this.#loads.waiting(now ? 1 : -1)
      waiting = now
    }
    try {
      const blob = await limitRequests(
        () => fetchWithRetry(url, request.signal, () => setWaiting(true)),
        request.signal,
      )
      await this.#decode(blob)
      return !request.signal.aborted
    } catch (error) {
      if (request.signal.aborted) return false
      this.#setFailed(true)
      if (!(error instanceof FetchFailure || error instanceof DOMException)) throw error
      return false
    } finally {
      setWaiting(false)
      this.#loads.finished()
      if (this.#request === request) this.#request = undefined
    }
  }

  /** Cancels the request and forgets a failure. */
  cancel(): void {
    this.#request?.abort()
    this.#request = undefined
    this.#setFailed(false)
  }

  async #decode(blob: Blob): Promise<void> {
    const url = URL.createObjectURL(blob)
    this.element.src = url
    try {
      await this.element.decode()
    } finally {
      URL.revokeObjectURL(url)
    }
  }

  #setFailed(now: boolean): void {
    if (now !== this.#failed) this.#loads.failed(now ? 1 : -1)
    this.#failed = now
  }
}
