// A neighbourhood's reference: the orbit of its centre, moved to a nucleus as soon as one shows, then tabulated for the deep kernel in one
// shared buffer. A nucleus is the best reference there is: its orbit closes after one period, so it serves every iteration limit.
import { kernel, type Orbit } from '../src/kernel/binding.ts'
import { reportExternalMemory } from '../src/kernel/externalmemory.ts'
import type { OrbitResult, OrbitTask } from '../src/kernel/task.ts'

// references escape later than samples do, so that a sample near one escapes before it
const RADIUS = 1024
// a reference point may be off by 2^-GUARD of the closest spacing of samples, a shift of the picture that nothing shows; a disc is 2^25 of them wide,
// and one pass of Newton in doubles gives 40 bits of it
const GUARD = 12
// an iterate in doubles; the tables take about as much again
const ITERATE_BYTES = 16

// an orbit whose derivative has grown this far (in bits) is beside the set's boundary, where a nucleus or an escape will come: it is worth
// following beyond its class, to FAR. Inside the set derivatives stay small, and nothing comes
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
  // a view needs it to be periodic, to have escaped, or to be as long as the limit
  const serves = (period > 0 || escaped || length >= maxIter) && bytes <= maxBytes
  const reference = serves ? new Float64Array(new SharedArrayBuffer(bytes)) : undefined
  if (reference && !orbit.reference(plan.exponent, reference, undefined, cancel)) return null
  // what settled nothing may have to run on
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
      if (found !== 'astray') return found === 'nucleus'
    } else if (orbit.escaped || orbit.growth < BOUNDARY || limit >= Math.min(FAR, fits)) {
      return true
    } else {
      limit = Math.min(FAR, fits)
    }
  }
}
