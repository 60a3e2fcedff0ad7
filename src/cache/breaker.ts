// Guards what may be slow, full or gone: each attempt has so long, and after one that failed there is none for a while. What waits behind is
// bounded in bytes. Nothing here ever rejects: who asks gets an answer or none, and what is wrong is told once.

/** After a failure nothing is tried for so long, in milliseconds: at worst one request in that time has waited for nothing. */
const PAUSE = 1000

/** Bytes that may wait to be written: some hundred tiles. What comes when they are full is not kept. */
const BEHIND = 32 * 2 ** 20

export class CircuitBreaker {
  /** attempts that failed or took too long, and writes that found no room */
  readonly counts = { errors: 0, dropped: 0 }
  /** what is wrong now, in words; undefined while all is well */
  fault: string | undefined
  readonly #told: (fault: string | undefined) => void
  #closed = 0
  #waiting = 0
  readonly #writes = new Set<Promise<unknown>>()

  /** `told` hears of a fault when it begins, and undefined when it is over. */
  constructor(told: (fault: string | undefined) => void) {
    this.#told = told
  }

  /** What `work` gives; undefined when it fails, takes longer than `patience` milliseconds, or is not tried. */
  async attempt<T>(work: () => Promise<T>, patience: number): Promise<T | undefined> {
    if (performance.now() < this.#closed) return undefined
    try {
      const result = await inTime(work(), patience)
      this.mend()
      return result
    } catch (error) {
      this.fail((error as Error).message)
      return undefined
    }
  }

  /** Writes behind the answer. Resolves to whether it was done, which only who fills a cache beforehand waits for. */
  async behind(bytes: number, work: () => Promise<unknown>, patience: number): Promise<boolean> {
    if (this.#waiting + bytes > BEHIND) {
      this.counts.dropped++
      return false
    }
    this.#waiting += bytes
    const write = this.attempt(() => work().then(() => true), patience)
    this.#writes.add(write)
    const done = await write
    this.#writes.delete(write)
    this.#waiting -= bytes
    return done === true
  }

  /** Resolves when what waits is written, or was given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#writes)
  }

  fail(fault: string): void {
    this.counts.errors++
    this.#closed = performance.now() + PAUSE
    if (this.fault === undefined) this.#told(fault)
    this.fault = fault
  }

  mend(): void {
    this.#closed = 0
    if (this.fault === undefined) return
    this.fault = undefined
    this.#told(undefined)
  }
}

function inTime<T>(work: Promise<T>, patience: number): Promise<T> {
  return new Promise((resolve, reject) => {
    // a busy event loop sees the timer before an answer that has long arrived: let it read its sockets first
    const late = () => setImmediate(() => reject(new Error(`no answer within ${patience} ms`)))
    const timer = setTimeout(late, patience)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
