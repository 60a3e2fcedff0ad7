// A zone's samples, followed rung by rung until all are decided, the last rung is reached, or so much was done that others should have a look.
import { DEEP_WEIGHT, limitFrom } from '../src/limit.ts'
import type { ProbeResult, ProbeTask, Rung } from '../src/task.ts'
import { iterate } from './iterate.ts'

/** Iterations in doubles that one task takes before it tells: a tenth of a second. */
const SLICE = 2 ** 28

export default function probe(task: ProbeTask): ProbeResult | null {
  const { view, reference, from, to } = task
  const nu = new Float64Array(view.width * view.height)
  const run = iterate(task, nu)
  const rungs: Rung[] = []
  let done = 0
  for (let limit = Math.min(from, to); ; limit = Math.min(4 * limit, to)) {
    const counts = run(limit)
    if (!counts) return null
    const work = reference ? DEEP_WEIGHT * counts.steps : counts.iterations
    rungs.push({
      to: limit,
      work: work / nu.length,
      escaped: counts.escaped,
      limited: counts.limited,
      limit: limitFrom(nu, reference?.period ?? 0),
    })
    done += work
    if (counts.limited === 0 || limit >= to || done >= SLICE) return { rungs }
  }
}
