// Does the pipeline work, and are its numbers right? A small tile is rendered without any cache and
// compared with the plain version.

import { DEFAULT_APPEARANCE } from '../colour/appearance.ts'
import { Failure } from '../core/errors.ts'
import * as plain from '../plain.ts'
import { tileView } from '../plane/view.ts'
import type { Pool } from '../scheduler/pool.ts'
import { Ticket } from '../scheduler/ticket.ts'

const SIZE = 32
const LIMIT = 200
// counts near the limit depend on the escape radius, which is 2 in one version and 256 in the other
const NEAR_LIMIT = LIMIT - 10
// a smooth count is this close to the count at radius 2, for every |c| of at most 2
const CLOSE = 2

// a result is valid for this long, so that asking costs nothing; the next request after that still
// gets the old result while a new one is made
const FRESH = 10_000 // milliseconds
// if a check takes longer, threads do not answer, or the queue is too long to send requests here
const TIMEOUT = 5000 // milliseconds

export class Readiness {
  readonly #pool: Pool
  #last: { at: number; failure: Failure | undefined } | undefined
  #running: Promise<void> | undefined

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Milliseconds since the last check. @throws Failure `not_ready` with what it found */
  async check(): Promise<number> {
    const last = this.#last
    if (!last || performance.now() - last.at > FRESH) {
      this.#running ??= this.#render().finally(() => {
        this.#running = undefined
      })
    }
    // the first request waits, and so do those after a failed check
    if (!last || last.failure) await this.#running
    const { at, failure } = this.#last!
    if (failure) throw failure
    return performance.now() - at
  }

  async #render(): Promise<void> {
    const failure = await this.#try()
    this.#last = { at: performance.now(), failure }
  }

  async #try(): Promise<Failure | undefined> {
    const signal = AbortSignal.timeout(TIMEOUT)
    const view = tileView({ z: 0, x: 0n, y: 0n }, SIZE)
    const task = {
      view,
      deep: false,
      zoom: 0,
      perPixel: 1,
      appearance: DEFAULT_APPEARANCE,
      limit: LIMIT,
      interior: false,
      reference: undefined,
      output: 'float64',
      keepSamples: false,
    } as const
    try {
      const { bytes } = await this.#pool.run('view', task, { signal, ticket: new Ticket('interactive') })
      const wrong = differing(new Float64Array(bytes.buffer))
      return wrong === 0 ? undefined : notReady(`${wrong} of ${SIZE * SIZE} samples of the first tile are wrong`)
    } catch (error) {
      // a full queue is no fault: without this server the others would only have more to do
      if (error instanceof Failure && error.code === 'busy') return undefined
      if (signal.aborted) return notReady(`the first tile takes longer than ${TIMEOUT / 1000} seconds`, error)
      return notReady('the first tile fails; the log says why', error)
    }
  }
}

function differing(nu: Float64Array): number {
  return nu.filter((value, at) => {
    const [i, j] = [at % SIZE, Math.floor(at / SIZE)]
    const n = (1 - plain.f(-2 + (3 * (i + 0.5)) / SIZE, 1.5 - (3 * (j + 0.5)) / SIZE, LIMIT)) * LIMIT
    return n < NEAR_LIMIT ? Math.abs(value - n) > CLOSE : n === LIMIT && value >= 0
  }).length
}

function notReady(sentence: string, cause?: unknown): Failure {
  return new Failure('not_ready', sentence, { cause, retryAfter: 2 })
}
