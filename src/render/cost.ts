// What a request may cost, in samples times iterations. In double precision that is known from the
// request alone. A deep view skips most of its iterations, and `auto` leaves their number open:
// those are weighed in iterations.ts, by what a coarse grid of the place takes.

import { Failure, mustBe } from '../core/errors.ts'
import type { IterationLimit } from '../kernel/request.ts'

/** @throws Failure `too_expensive` where a request in double precision costs more than `maxCost` */
export function checkCost(maxCost: number, samples: number, maxIter: IterationLimit, deep: () => boolean): void {
  const cost = maxIter === 'auto' ? 0 : samples * maxIter
  if (cost <= maxCost || deep()) return
  const sentence = mustBe('the cost, samples times max_iter,', `at most ${maxCost}`, cost)
  throw new Failure('too_expensive', `${sentence} (${samples} samples, max_iter ${maxIter})`)
}
