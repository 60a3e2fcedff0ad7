// A zone's samples, iterated level by level until all are decided, the last level is reached, or
// the task has used its slice of time.

import type { ProbeResult, ProbeStep, ProbeTask } from '../src/kernel/task.ts'
import { DEEP_WEIGHT } from '../src/plane/precision.ts'
import { iterate } from './iterate.ts'

/** Iterations in double precision after which a task reports: about a tenth of a second. */
const SLICE = 2 ** 28

export default function probe(task: ProbeTask): ProbeResult | null {
  const { view, reference, from, to } = task
  const nu = new Float64Array(view.width * view.height)
  const run = iterate(task, nu)
  const levels: ProbeStep[] = []
  let done = 0
  for (let limit = Math.min(from, to); ; limit = Math.min(4 * limit, to)) {
    const counts = run(limit)
    if (!counts) return null
    const work = reference ? DEEP_WEIGHT * counts.steps : counts.iterations
    levels.push({
      to: limit,
      work: work / nu.length,
      escaped: counts.escaped,
      limited: counts.limited,
      last: nu.reduce((most, n) => Math.max(most, n), 0),
    })
    done += work
    if (counts.limited === 0 || limit >= to || done >= SLICE) return { levels }
  }
}
