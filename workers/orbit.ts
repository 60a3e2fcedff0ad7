// A neighbourhood's reference orbit. The orbit starts at the centre of the neighbourhood. As soon
// as the ball method finds a period whose nucleus may lie inside, Newton's method moves the orbit
// there. A nucleus is the best reference: its orbit closes after one period, so it serves every
// iteration limit. Then the orbit and its BLA tables are written into one shared buffer, as the
// deep kernel needs them.
import { kernel, type Orbit } from '../src/kernel/binding.ts'
import { reportExternalMemory } from '../src/kernel/externalmemory.ts'
import type { OrbitResult, OrbitTask } from '../src/kernel/task.ts'

// a reference escapes at a larger radius than samples do, so a sample near it escapes first
const RADIUS = 1024
// a reference point may be off by 2^-GUARD of the closest spacing of samples: nobody sees an image
// shifted by that. A disc is 2^25 of them wide, and one pass of Newton's method in doubles gives 40
// bits of it
const GUARD = 12
// an iterate, as two doubles; the tables take about as much again
const ITERATE_BYTES = 16

// if the derivative has grown this far (in bits) the orbit is at the boundary of the set, and will
// reach a nucleus or escape: it is worth computing beyond its class, to FAR. Inside the set
// derivatives stay small, and neither happens
const BOUNDARY = 64
const FAR = 2 ** 24

export default function orbit(task: OrbitTask): OrbitResult | null {
  const { plan, state, bits } = reportExternalMemory(task)
  const orbit = state ? new kernel.Orbit(state) : new kernel.Orbit(plan.re, plan.im, plan.bits, bits, RADIUS)
  try {
    return tabulate(orbit, task)
  } finally {
    orbit.restart()
  }
}

function tabulate(orbit: Orbit, task: OrbitTask): OrbitResult | null {
  const started = performance.now()
  const { plan, maxIter, maxBytes, cancel } = task
  if (!search(orbit, task)) return null

  const { length, period, escaped } = orbit
  const bytes = orbit.referenceBytes(plan.exponent)
  // views need an orbit that is periodic, has escaped, or is as long as their limit
  const serves = (period > 0 || escaped || length >= maxIter) && bytes <= maxBytes
  const reference = serves ? new Float64Array(new SharedArrayBuffer(bytes)) : undefined
  if (reference && !orbit.reference(plan.exponent, reference, undefined, cancel)) return null
  // an orbit that neither closed nor escaped may have to be continued
  const state =
    period > 0 || escaped || !reference ? undefined : new Float64Array(new SharedArrayBuffer(8 * orbit.stateLength))
  if (state) orbit.save(state)
  return reportExternalMemory({
    reference,
    state,
    bytes,
    point: orbit.centre(),
    length,
    period,
    escaped,
    milliseconds: performance.now() - started,
  })
}

function search(orbit: Orbit, { plan, maxIter, maxBytes, progress, cancel }: OrbitTask): boolean {
  const { mantissa, exponent } = plan.disc
  const fits = Math.floor(maxBytes / ITERATE_BYTES)
  let limit = Math.min(maxIter, fits)
  for (;;) {
    const run = orbit.run(mantissa, exponent, limit, progress, cancel)
    if (run === 'cancelled') return false
    if (run === 'candidate') {
      const found = orbit.nucleus(mantissa, exponent, plan.log2Spacing - GUARD, progress, cancel)
      if (found !== 'not converged') return found === 'nucleus'
    } else if (orbit.escaped || orbit.log2Derivative < BOUNDARY || limit >= Math.min(FAR, fits)) {
      return true
    } else {
      limit = Math.min(FAR, fits)
    }
  }
}
