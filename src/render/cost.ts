// What a request may cost, in samples times iterations. In double precision that is known from the
// request alone. A deep view skips most of its iterations, and `auto` leaves their number open:
// iterations.ts estimates their cost from a coarse grid of the place.

import { Failure, mustBe } from '../core/errors.ts'
import type { IterationLimit } from '../kernel/request.ts'

/**
 * @returns the most that a request in double precision can cost, if that is known yet
 * @throws Failure `too_expensive` if that is more than `maxCost`
 */
export function checkCost(
  maxCost: number,
  samples: number,
  maxIter: IterationLimit,
  deep: () => boolean,
): () => number {
  const cost = maxIter === 'auto' ? 0 : samples * maxIter
  if (cost <= maxCost || deep()) return () => (cost === 0 || deep() ? 0 : cost)
  const sentence = mustBe('the cost, samples times max_iter,', `at most ${maxCost}`, cost)
  throw new Failure('too_expensive', `${sentence} (${samples} samples, max_iter ${maxIter})`)
}
