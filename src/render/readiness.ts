// Does the pipeline work, and are its numbers right? Each kind of task is run once, on a small
// input and without any cache, and compared with the plain version if there is one.

import { DEFAULT_APPEARANCE } from '../colour/appearance.ts'
import { Failure } from '../core/errors.ts'
import { kernel } from '../kernel/binding.ts'
import { newBudget, newTaken } from '../kernel/budget.ts'
import type { ViewTask } from '../kernel/task.ts'
import * as plain from '../plain.ts'
import { gridSpan } from '../plane/grid.ts'
import { neighbourhood, orbitPlan } from '../plane/neighbourhood.ts'
import { tileView } from '../plane/view.ts'
import type { Pool } from '../scheduler/pool.ts'
import { type TaskOptions, Ticket } from '../scheduler/ticket.ts'

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

  /** Milliseconds since the last check. @throws Failure `not_ready` with the reason */
  async check(): Promise<number> {
    const last = this.#last
    if (!last || performance.now() - last.at > FRESH) {
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined
      })
    }
    // the first request waits for the check, and so do those after a failed check
    if (!last || last.failure) await this.#running
    const { at, failure } = this.#last!
    if (failure) throw failure
    return performance.now() - at
  }

  async #run(): Promise<void> {
    const failure = await this.#try()
    this.#last = { at: performance.now(), failure }
  }

  async #try(): Promise<Failure | undefined> {
    const signal = AbortSignal.timeout(TIMEOUT)
    let name = ''
    try {
      for (const [what, check] of Object.entries(CHECKS)) {
        name = what
        const wrong = await check(this.#pool, { signal, ticket: new Ticket('interactive') })
        if (wrong) return notReady(wrong)
      }
      return undefined
    } catch (error) {
      // a full queue is not a fault: without this server the others would only have more to do
      if (error instanceof Failure && error.code === 'busy') return undefined
      if (signal.aborted) return notReady(`${name} takes longer than ${TIMEOUT / 1000} seconds`, error)
      return notReady(`${name} fails; the log says why`, error)
    }
  }
}

/** A check runs tasks and returns what is wrong, in words. */
type Check = (pool: Pool, options: TaskOptions) => Promise<string | undefined>

const CHECKS: Record<string, Check> = {
  async 'the first tile'(pool, options) {
    const { bytes } = await pool.run('view', { ...FIRST_TILE, output: 'float64' }, options)
    const wrong = differing(new Float64Array(bytes.buffer))
    return wrong === 0 ? undefined : `${wrong} of ${SIZE * SIZE} samples of the first tile are wrong`
  },

  async 'the first tile in other colours'(pool, options) {
    const appearance = { ...DEFAULT_APPEARANCE, density: 2 }
    const view = { ...FIRST_TILE, appearance, output: 'png', keepSamples: true } as const
    const fresh = await pool.run('view', view, options)
    const task = { ...FIRST_TILE, samples: fresh.samples!, output: 'png', appearance } as const
    const { bytes } = await pool.run('recolour', task, options)
    return Buffer.from(bytes).equals(fresh.bytes) ? undefined : 'the first tile has other colours from cached samples'
  },

  async 'a small grid'(pool, options) {
    const corners = { x0: '-2', y0: '-1.5', x1: '1', y1: '1.5' }
    const request = { ...corners, grid: 8, maxIter: LIMIT, precision: 'float64' } as const
    const task = { request, format: 'json', rows: 'all', reference: undefined, span: gridSpan(request) } as const
    const { bytes } = await pool.run('grid', task, options)
    const { values } = JSON.parse(Buffer.from(bytes).toString())
    const right = plain.mandelbrot({ grid: 8, max_iter: LIMIT })
    return JSON.stringify(values) === JSON.stringify(right) ? undefined : 'the numbers of a small grid are wrong'
  },

  // near -2, where the orbit escapes soon
  async 'a reference orbit'(pool, options) {
    const view = tileView({ z: 40, x: 0n, y: 1n << 39n }, SIZE)
    const plan = orbitPlan(neighbourhood(view))
    const orbit = await pool.run(
      'orbit',
      {
        plan,
        state: undefined,
        bits: kernel.orbitBits(plan.log2Spacing, LIMIT),
        maxIter: LIMIT,
        maxBytes: 2 ** 24,
        final: undefined,
        maxMilliseconds: Number.POSITIVE_INFINITY,
        budget: newBudget(2 ** 24),
        taken: newTaken(),
        far: false,
        progress: new BigInt64Array(new SharedArrayBuffer(8)),
      },
      options,
    )
    if (!orbit.reference) return 'a small reference orbit takes too much memory'
    const reference = { ...orbit, reference: orbit.reference }
    const probe = { view, interior: false, reference, from: LIMIT, to: LIMIT, work: LIMIT }
    const [level] = (await pool.run('probe', probe, options)).levels
    return level!.escaped > 0 ? undefined : 'no sample escapes where all but those on the axis should'
  },

  async 'a frame of a film'(pool, options) {
    const key = { rgb: new Uint8Array(new SharedArrayBuffer(48)).fill(255), width: 4, height: 4 }
    const task = { key, next: undefined, part: 0, width: 2, height: 2, metadata: {} }
    const { bytes } = await pool.run('frame', task, options)
    return bytes.length > 0 ? undefined : 'a frame of a film is empty'
  },

  // about 0, whose period is 1, and -2, whose orbit comes to rest at 2 after two steps
  async 'a feature of the plane'(pool, options) {
    const about = (re: bigint) => ({ centre: { re, im: 0n, bits: 8 }, half: 4n, maxPeriod: 4 })
    const nucleus = document(await pool.run('nucleus', about(0n), options))
    if (nucleus?.period !== 1) return 'no nucleus of period 1 is found at 0'
    const point = document(await pool.run('misiurewicz', about(-512n), options))
    if (point?.preperiod !== 2 || point.period !== 1) return 'no Misiurewicz point is found at -2'
    // outside the set
    const islands = document(await pool.run('islands', about(512n), options))
    return islands?.features.length === 0 ? undefined : 'islands are found where there are none'
  },

  async 'the iterates of a point'(pool, options) {
    const two = { digits: 2n, scale: 0 }
    const task = { re: two, im: { ...two, digits: 0n }, count: 2, digits: 20, longest: 2 }
    const { points } = document(await pool.run('iterates', task, options))
    return points.length === 2 && Number(points[1][0]) === 6 ? undefined : 'the iterates of 2 are wrong'
  },
}

function document({ bytes }: { bytes: Uint8Array }) {
  return bytes.length > 0 ? JSON.parse(Buffer.from(bytes).toString()) : undefined
}

const FIRST_TILE = {
  view: tileView({ z: 0, x: 0n, y: 0n }, SIZE),
  deep: false,
  zoom: 0,
  perPixel: 1,
  appearance: DEFAULT_APPEARANCE,
  limit: LIMIT,
  work: LIMIT,
  interior: false,
  reference: undefined,
  keepSamples: false,
} satisfies Partial<ViewTask>

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
