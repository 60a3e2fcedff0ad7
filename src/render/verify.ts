// How wrong a view's samples are: some of them are computed again in fixed point, and the backward
// error of each is determined. That is the distance, in samples, from a sample to a point whose
// true count equals the given one (docs/theory/error-bound.md).

import { DEFAULT_APPEARANCE } from '../colour/appearance.ts'
import { INTERIOR } from '../kernel/binding.ts'
import type { VerifiedSample } from '../kernel/task.ts'
import { ESCAPE_RADIUS, isDeep, log2Spacing } from '../plane/precision.ts'
import type { View } from '../plane/view.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { prepareView } from './prepare.ts'
import type { Renderer } from './renderer.ts'

/** The documented bounds of the backward error: by perturbation, and in double precision. */
export const PROMISE = { perturbation: 1e-8, doubles: 1e-5 } as const

/** What to verify. */
export interface VerifyRequest {
  /** the whole view is computed, as a tile or an image would be */
  view: View
  zoom: number
  maxIter: number | 'auto'
  /** how many of its samples are verified, and the seed of their choice */
  count: number
  seed: number
  /**
   * iterations in fixed point, with those of searches: samples whose orbits are too long for the
   * rest of the budget are skipped
   */
  budget: number
}

export interface Verification {
  /** the arithmetic of the samples */
  arithmetic: keyof typeof PROMISE
  limit: number
  /** of the reference orbit, 0 if it has none */
  period: number
  log2Spacing: number
  /** fractional bits of the truth, and how many iterations it took */
  bits: number
  iterations: number
  samples: VerifiedSample[]
  /** further samples, whose search for a point with their count ran out of iterations */
  undecided: number
}

/** Verifies samples of a view. @throws Failure as a render of the view does */
export async function verifyView(
  { limits, orbits, pool }: Pick<Renderer, 'limits' | 'orbits' | 'pool'>,
  { view, zoom, maxIter, count, seed, budget }: VerifyRequest,
  options: TaskOptions,
): Promise<Verification> {
  const deep = isDeep(view)
  const spec = { view, deep, zoom, perPixel: 1, maxIter, appearance: DEFAULT_APPEARANCE }
  const { limit, interior, orbit } = await prepareView({ limits, orbits }, spec, 'float64', options)
  return orbits.use(orbit, options, async (reference) => {
    const task = { view, limit, interior, reference, escapeRadius: ESCAPE_RADIUS, count, seed, budget }
    const { samples, undecided, bits, iterations } = await pool.run('verify', task, options)
    return {
      arithmetic: reference ? 'perturbation' : 'doubles',
      limit,
      period: reference?.period ?? 0,
      log2Spacing: log2Spacing(view),
      bits,
      iterations,
      samples,
      undecided,
    }
  })
}

/** The distribution of backward errors, in samples. */
export interface Distribution {
  median: number
  p95: number
  worst: number
  /** samples whose count no point nearby has */
  unexplained: number
  /** samples shown as proven interior whose orbit escapes */
  falseInterior: number
  promise: number
  /** samples whose error is within the bound */
  kept: number
}

export function distribution({ arithmetic, samples }: Pick<Verification, 'arithmetic' | 'samples'>): Distribution {
  const errors = samples.map(({ error }) => error).sort((a, b) => a - b)
  const quantile = (part: number) => errors[Math.max(0, Math.ceil(part * errors.length) - 1)] ?? 0
  const promise = PROMISE[arithmetic]
  return {
    median: quantile(0.5),
    p95: quantile(0.95),
    worst: quantile(1),
    unexplained: errors.filter((error) => error === Number.POSITIVE_INFINITY).length,
    falseInterior: samples.filter(({ given, truth }) => given === INTERIOR && truth >= 0).length,
    promise,
    kept: errors.filter((error) => error <= promise).length,
  }
}
