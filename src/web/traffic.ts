/** Counts the tiles on their way, for the bar on top of the page. A burst lasts until none is pending. */
export class Traffic extends EventTarget {
  /** tiles asked for and not there yet */
  pending = 0
  /** tiles of this burst, arrived or not */
  burst = 0
  /** of the pending ones, those that wait for a busy server */
  waiting = 0
  /** tiles that were given up */
  failed = 0

  asked(): void {
    if (this.pending === 0) this.burst = 0
    this.pending++
    this.burst++
    this.#tell()
  }

  /** One less: it arrived, or nobody wants it any more. */
  settled(): void {
    this.pending--
    this.#tell()
  }

  paused(change: 1 | -1): void {
    this.waiting += change
    this.#tell()
  }

  gaveUp(change: 1 | -1): void {
    this.failed += change
    this.#tell()
  }

  // Leaflet asks for tiles by the dozen in one go: tell once
  #told = false
  #tell(): void {
    if (this.#told) return
    this.#told = true
    queueMicrotask(() => {
      this.#told = false
      this.dispatchEvent(new Event('change'))
    })
  }
}
