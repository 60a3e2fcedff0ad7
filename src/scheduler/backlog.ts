// How long queued work will take. The duration of each kind of work is learned from the tasks that
// have ended, and work is summed by kind, so that an estimate needs no walk over the queue.

/** A piece of work: its kind, which has a mean duration, and how much of it. */
export interface Work {
  kind: string
  weight: number
  /** will it probably take more than a second? */
  long?: boolean
}

// a kind not seen yet is assumed to take as long as a shallow tile, of weight 1
const UNSEEN = 0.02 // seconds
// how far each new duration moves the mean of its kind, as for round trips in TCP
const GAIN = 1 / 8

/** Running means of the seconds that each kind of work takes, for a weight of 1. */
export class Durations {
  readonly #means = new Map<string, number>()

  of({ kind, weight }: Work): number {
    return weight * (this.#means.get(kind) ?? UNSEEN)
  }

  /**
   * Learns from work that took `seconds`; cancelled work shows only that it takes longer than that.
   */
  learn({ kind, weight }: Work, seconds: number, finished: boolean): void {
    const mean = this.of({ kind, weight: 1 })
    const seen = seconds / weight
    if (finished || seen > mean) this.#means.set(kind, mean + GAIN * (seen - mean))
  }
}

/** Work that waits, summed by kind. */
export class Backlog {
  #count = 0
  readonly #weights = new Map<string, number>()

  get count(): number {
    return this.#count
  }

  add({ kind, weight }: Work): void {
    this.#count++
    this.#weights.set(kind, this.weight(kind) + weight)
  }

  remove({ kind, weight }: Work): void {
    this.#weights.set(kind, this.weight(kind) - weight)
    // so that rounding errors do not add up
    if (--this.#count === 0) this.#weights.clear()
  }

  weight(kind: string): number {
    return this.#weights.get(kind) ?? 0
  }

  /** Seconds that all of it takes in one slot. */
  seconds(durations: Durations): number {
    let seconds = 0
    for (const [kind, weight] of this.#weights) seconds += durations.of({ kind, weight })
    return seconds
  }
}
