// A neighbourhood's reference orbit. The orbit starts at the centre of the neighbourhood. As soon
// as the ball method finds a period whose nucleus may lie inside, Newton's method moves the orbit
// there. A nucleus is the best reference: its orbit closes after one period, so it serves every
// iteration limit. Then the orbit and its BLA tables are written into one shared buffer, as the
// deep kernel needs them.
import { readFileSync } from 'node:fs'
import { kernel, type Orbit } from '../src/kernel/binding.ts'
import { take } from '../src/kernel/budget.ts'
import { reportExternalMemory } from '../src/kernel/externalmemory.ts'
import type { OrbitResult, OrbitTask } from '../src/kernel/task.ts'
import { isNear } from '../src/plane/neighbourhood.ts'

// a reference escapes at a larger radius than samples do, so a sample near it escapes first
const RADIUS = 1024
// a reference point may be off by 2^-GUARD of the closest spacing of samples, a tenth of the bound
// that is promised (docs/theory/error-bound.md). A disc is 2^25 of these wide, and Newton's method
// finds 64 bits of it without another orbit in fixed point
const GUARD = 30
// an iterate, as two doubles, and the rest of its digits, as two floats
const ITERATE_BYTES = 24
// an orbit is computed in stretches, each as long as all before it, and takes the memory for each
// from the budget of all orbits first. The native array doubles at the same lengths
const FIRST_STRETCH = 2 ** 12

// an orbit that has neither closed nor escaped by then is expected to continue to the limit that
// the request names
const PATIENCE = 250 // milliseconds of this thread
// what the reference and its table take for each iteration: 0.05 to 0.09 µs were measured
const TABLE = 1e-4 // milliseconds

// if the derivative has grown this far (in bits) the orbit is at the boundary of the set, and will
// reach a nucleus or escape: it may be worth computing beyond its limit, up to FAR. Inside the set
// derivatives stay small, and neither happens
const BOUNDARY = 64
const FAR = 2 ** 24

export default function orbit(task: OrbitTask): OrbitResult | null {
  const { plan, bits } = reportExternalMemory(task)
  const orbit = resumed(task) ?? new kernel.Orbit(plan.re, plan.im, plan.bits, bits, RADIUS)
  const started = performance.now()
  try {
    const reached = search(orbit, task)
    if (reached === 'cancelled') return null
    const found = typeof reached === 'number'
    const result = found ? tabulate(orbit, task) : reached
    if (task.cancel[0] !== 0) {
      if (result.reference) kernel.discard(result.reference)
      if (result.state) kernel.discard(result.state)
      return null
    }
    const { length, period, escaped } = orbit
    const settledAt = found && (period > 0 || escaped) ? reached : 0
    return reportExternalMemory({
      milliseconds: performance.now() - started,
      ...result,
      point: orbit.centre(),
      length,
      period,
      escaped,
      settledAt,
    })
  } finally {
    orbit.restart()
  }
}

/**
 * A shorter orbit to continue, unless it has another point or precision, because its origin is
 * unknown.
 */
function resumed({ plan, state, bits }: OrbitTask): Orbit | undefined {
  if (!state || kernel.savedBits(state) !== bits) return undefined
  const orbit = new kernel.Orbit(state)
  return isNear(plan, orbit.centre()) ? orbit : undefined
}

type Memory = Pick<OrbitResult, 'reference' | 'state' | 'bytes' | 'refused'>

/** An orbit that is not computed, and its estimated cost. */
interface Refusal extends Memory {
  reference: undefined
  milliseconds?: number
}

function refusal(refused: OrbitResult['refused'], bytes: number): Refusal {
  return { reference: undefined, state: undefined, bytes, refused }
}

/** Writes the reference, and the state of an orbit that may have to be continued. */
function tabulate(orbit: Orbit, task: OrbitTask): Memory {
  const { plan, maxIter, maxBytes, budget, taken, cancel } = task
  const { length, period, escaped } = orbit
  const settled = period > 0 || escaped
  const bytes = orbit.referenceBytes(plan.exponent)
  const stateBytes = settled ? 0 : 8 * orbit.stateLength
  // views need an orbit that is periodic, has escaped, or is as long as their limit
  const serves = settled || length >= maxIter
  const needed = neededBytes(orbit, task)
  if (!serves || needed > maxBytes) return refusal('too_large', needed)
  if (!take(budget, taken, bytes + stateBytes, cancel)) return refusal('no_memory', needed)
  const reference = new Float64Array(new SharedArrayBuffer(bytes))
  orbit.reference(plan.exponent, reference, undefined, cancel)
  const state = settled ? undefined : new Float64Array(new SharedArrayBuffer(stateBytes))
  if (state) orbit.save(state)
  return { reference, state, bytes, refused: undefined }
}

/** The orbit's bytes in all: its iterates, and the reference and state made from them. */
function neededBytes(orbit: Orbit, { plan }: OrbitTask): number {
  const { length, period, escaped } = orbit
  const stateBytes = period > 0 || escaped ? 0 : 8 * orbit.stateLength
  return ITERATE_BYTES * stretchFor(length) + orbit.referenceBytes(plan.exponent) + stateBytes
}

/** The stretches up to a length, together. */
function stretchFor(length: number): number {
  let stretch = FIRST_STRETCH
  while (stretch < length) stretch *= 2
  return stretch
}

/**
 * Computes the orbit until it closes at a nucleus, escapes, or is as long as needed.
 * @returns how far it ran, or why it could not
 */
function search(orbit: Orbit, task: OrbitTask): number | 'cancelled' | Refusal {
  const { plan, maxIter, maxBytes, budget, taken, far, progress, cancel } = task
  const { mantissa, exponent } = plan.disc
  const start = { length: orbit.length, time: threadTime() }
  let [target, stretch, held] = [maxIter, stretchFor(orbit.length), 0]
  for (;;) {
    const limit = Math.min(target, stretch)
    if (limit > held) {
      const bytes = neededBytes(orbit, task)
      if (bytes > maxBytes) return refusal('too_large', bytes)
      if (!take(budget, taken, ITERATE_BYTES * (limit - held), cancel)) return refusal('no_memory', bytes)
      held = limit
    }
    const run = orbit.run(mantissa, exponent, limit, progress, cancel)
    if (run === 'cancelled') return 'cancelled'
    const reached = orbit.length
    if (run === 'candidate') {
      const found = orbit.nucleus(mantissa, exponent, plan.log2Spacing - GUARD, progress, cancel)
      if (found !== 'not converged') return found === 'nucleus' ? reached : 'cancelled'
    } else if (orbit.escaped) {
      return reached
    } else if (limit < target) {
      const refused = forecast(orbit, task, start)
      if (refused) return refused
      stretch *= 2
    } else if (!far || orbit.log2Derivative < BOUNDARY || target >= FAR) {
      return reached
    } else {
      target = FAR
    }
  }
}

/**
 * Milliseconds of CPU time of this thread, if the system reports it: on a busy machine an orbit
 * does not cost more.
 */
function threadTime(): number {
  try {
    // nanoseconds on a core are the first number
    return Number.parseInt(readFileSync('/proc/thread-self/schedstat', 'latin1'), 10) / 1e6
  } catch {
    return performance.now()
  }
}

/**
 * The cost of an orbit that stays open up to the limit that the request names, if that is more than
 * it may take.
 */
function forecast(orbit: Orbit, task: OrbitTask, start: { length: number; time: number }): Refusal | undefined {
  const { plan, final, maxBytes, maxMilliseconds } = task
  const { length } = orbit
  const elapsed = threadTime() - start.time
  if (final === undefined || elapsed < PATIENCE) return undefined
  const bytes = Math.ceil(final * (ITERATE_BYTES + orbit.referenceBytes(plan.exponent) / length))
  if (bytes > maxBytes) return refusal('too_large', bytes)
  const milliseconds = final * (elapsed / (length - start.length) + TABLE)
  return milliseconds > maxMilliseconds ? { ...refusal('too_long', bytes), milliseconds } : undefined
}
