// A circuit breaker (Nygard, "Release It!", 2007) in front of something that may be slow, full or
// gone, such as a disk or a Redis server.
//
//   closed      every attempt runs, each with a time limit; one failure opens the breaker
//   open        nothing is tried for PAUSE milliseconds
//   half-open   after the pause the next attempt is the trial; until it settles the others fail
//               as if the breaker were open. Success closes it, failure opens it again
//
// So a server that hangs delays at most one request in PAUSE by the time limit, however many
// arrive. Nothing here rejects: a caller gets the result or `undefined`; a fault is reported once.

/** How long nothing is tried after a failure, in milliseconds. */
const PAUSE = 1000

/**
 * Called with a fault's message when it begins, for the log, and with undefined when it ends.
 */
type OnChange = (message: string | undefined) => void

export class CircuitBreaker {
  /** attempts that failed or took too long */
  errors = 0
  /** the kind of fault, without addresses or paths; undefined while all is well */
  fault: string | undefined
  /** its message, for the log and the command line */
  message: string | undefined
  readonly #onChange: OnChange
  /** when the pause ends, by performance.now(); undefined while the breaker is closed */
  #retryAt: number | undefined
  #trial = false

  /** `onChange` gets a fault's message when it begins, and undefined when it ends. */
  constructor(onChange: OnChange) {
    this.#onChange = onChange
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#retryAt === undefined) return 'closed'
    return this.#trial || performance.now() >= this.#retryAt ? 'half-open' : 'open'
  }

  /** What `work` resolves to; undefined if it fails, takes over `timeout` ms, or is not tried. */
  async attempt<T>(work: () => Promise<T>, timeout: number): Promise<T | undefined> {
    const { state } = this
    if (state === 'open' || (state === 'half-open' && this.#trial)) return undefined
    const trial = state === 'half-open'
    if (trial) this.#trial = true
    try {
      const result = await inTime(work(), timeout)
      this.close()
      return result
    } catch (error) {
      this.fail(error as Error)
      return undefined
    } finally {
      if (trial) this.#trial = false
    }
  }

  /** Opens the breaker, or keeps it open for another pause. */
  fail(error: Error): void {
    this.errors++
    this.#retryAt = performance.now() + PAUSE
    if (this.fault === undefined) this.#onChange(error.message)
    this.fault = kindOf(error)
    this.message = error.message
  }

  /** Closes the breaker: whatever it guards works. */
  close(): void {
    this.#retryAt = undefined
    if (this.fault === undefined) return
    this.fault = undefined
    this.message = undefined
    this.#onChange(undefined)
  }
}

// /healthz is public, and error messages contain addresses and paths. So a fault is named by the
// system's code (ECONNREFUSED, ENOSPC), by the first word of a refusal by Redis (NOAUTH, OOM), or
// by a sentence of this file
function kindOf(error: Error & { code?: unknown }): string {
  if (error instanceof Overdue) return error.message
  const [code] = /^[A-Z][A-Z0-9_]+\b/.exec(String(error.code ?? error.message)) ?? []
  return code ?? 'failed; the log has the message'
}

class Overdue extends Error {}

function inTime<T>(work: Promise<T>, timeout: number): Promise<T> {
  return new Promise((resolve, reject) => {
    // a busy event loop may run the timer before it reads an answer that has already arrived: let
    // it read its sockets first
    const late = () => setImmediate(() => reject(new Overdue(`no answer within ${timeout} ms`)))
    const timer = setTimeout(late, timeout)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
