import { type Counts, INTERIOR, kernel } from '../src/kernel/binding.ts'
import type { Reference, Samples } from '../src/kernel/task.ts'
import { offsetFrom } from '../src/plane/neighbourhood.ts'
import { ESCAPE_RADIUS } from '../src/plane/precision.ts'
import { sampleCoordinates } from '../src/plane/samples.ts'
import type { View } from '../src/plane/view.ts'

/**
 * The kernel for these samples: it fills nu up to an iteration limit, in double precision, or by
 * perturbation where there is a reference. It returns null if it was cancelled.
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
    const appearance = points ? kernel.points : kernel.tile
    return (limit) => appearance(re, im, limit, ESCAPE_RADIUS, nu, cancel)
  }
  const { where, skew } = deepView(reference, view)
  return (limit) => kernel.deep(...where, limit, ESCAPE_RADIUS, nu, false, cancel, ...skew)
}

/**
 * A view in the form that the deep kernels take: `skew` is the part of its steps that an upright
 * view lacks.
 */
export function deepView(reference: Reference, view: View) {
  const { re, im, columnStep, rowStep, exponent } = offsetFrom(reference.point, view)
  const where = [
    ...[reference.reference, re, im, columnStep.re, rowStep.im, exponent],
    ...[view.width, view.height],
  ] as [Reference['reference'], number, number, number, number, number, number, number]
  return {
    spacing: columnStep.im === 0 ? columnStep.re : length(columnStep),
    where,
    skew: [rowStep.re, columnStep.im] as const,
  }
}

function length({ re, im }: { re: number; im: number }): number {
  return Math.sqrt(re * re + im * im)
}
