import { type Counts, type DeepView, INTERIOR, kernel } from '../src/kernel/binding.ts'
import type { Reference, Samples } from '../src/kernel/task.ts'
import { offsetFrom } from '../src/plane/neighbourhood.ts'
import { ESCAPE_RADIUS } from '../src/plane/precision.ts'
import { sampleCoordinates } from '../src/plane/samples.ts'
import type { View } from '../src/plane/view.ts'

/**
 * The kernel for these samples: it fills nu up to an iteration limit, in double precision, or by
 * perturbation if there is a reference. Returns null if it was cancelled.
 */
export function iterate(
  { view, julia, interior, reference, cancel }: Samples,
  nu: Float64Array,
): (limit: number) => Counts | null {
  if (interior) {
    nu.fill(INTERIOR)
    return () => ({ escaped: 0, interior: nu.length, limited: 0, iterations: 0, steps: 0 })
  }
  if (julia) {
    const { re, im } = sampleCoordinates(view)
    return (limit) => kernel.julia(julia.re, julia.im, re, im, limit, ESCAPE_RADIUS, nu, cancel)
  }
  if (!reference) {
    const { re, im, points } = sampleCoordinates(view)
    if (points) return (limit) => kernel.points(re, im, view.width, limit, ESCAPE_RADIUS, nu, cancel)
    return (limit) => kernel.tile(re, im, limit, ESCAPE_RADIUS, nu, cancel)
  }
  const deep = deepView(reference, view)
  return (maxIter) => kernel.deep({ ...deep, maxIter }, nu, cancel)
}

/** A view in the form that the deep kernels take, without the iteration limit. */
export function deepView(reference: Reference, view: View): Omit<DeepView, 'maxIter'> {
  return {
    reference: reference.reference,
    ...offsetFrom(reference.point, view),
    width: view.width,
    height: view.height,
    escapeRadius: ESCAPE_RADIUS,
  }
}
