// A neighbourhood's reference: the orbit of its centre, moved to a nucleus as soon as one shows, then tabulated for the deep kernel in one
// shared buffer. A nucleus is the best reference there is: its orbit closes after one period, so it serves every iteration limit.
import { kernel, type Orbit } from '../src/kernel.ts'
import type { OrbitResult, OrbitTask } from '../src/task.ts'

// references escape later than samples do, so that a sample near one escapes before it
const RADIUS = 1024
// a reference point may be off by 2^-GUARD of the closest spacing of samples, a shift of the picture that nothing shows; a disc is 2^25 of them wide,
// and one pass of Newton in doubles gives 40 bits of it
const GUARD = 12
// an iterate in doubles; the tables take about as much again
const ITERATE_BYTES = 16

export default function orbit(task: OrbitTask): OrbitResult | null {
  const started = performance.now()
  const { plan, maxIter, maxBytes, cancel } = task
  const orbit = new kernel.Orbit(plan.re, plan.im, plan.bits, task.bits, RADIUS)
  const longest = Math.min(maxIter, Math.floor(maxBytes / ITERATE_BYTES))
  if (!search(orbit, task, longest)) return null

  const { length, period, escaped } = orbit
  const bytes = orbit.referenceBytes(plan.exponent)
  // a view needs it to be periodic, to have escaped, or to be as long as the limit
  const serves = (period > 0 || escaped || length >= maxIter) && bytes <= maxBytes
  const reference = serves ? new Float64Array(new SharedArrayBuffer(bytes)) : undefined
  if (reference && !orbit.reference(plan.exponent, reference, undefined, cancel)) return null
  return { reference, bytes, point: orbit.centre(), length, period, escaped, milliseconds: performance.now() - started }
}

function search(orbit: Orbit, { plan, progress, cancel }: OrbitTask, longest: number): boolean {
  const { mantissa, exponent } = plan.disc
  for (;;) {
    const run = orbit.run(mantissa, exponent, longest, progress, cancel)
    if (run !== 'candidate') return run === 'done'
    const found = orbit.nucleus(mantissa, exponent, plan.spacing - GUARD, progress, cancel)
    if (found !== 'astray') return found === 'nucleus'
  }
}
