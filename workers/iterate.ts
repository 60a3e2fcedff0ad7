import { type Counts, INTERIOR, kernel } from '../src/kernel/binding.ts'
import type { Reference, Samples } from '../src/kernel/task.ts'
import { offsetFrom } from '../src/plane/neighbourhood.ts'
import { ESCAPE_RADIUS } from '../src/plane/precision.ts'
import { sampleCoordinates, type View } from '../src/plane/view.ts'

/** The kernel for these samples, which fills nu up to a limit: directly in doubles, or by the reference where they do not resolve them. */
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
  const { where, tilt } = deepView(reference, view)
  return (limit) => kernel.deep(...where, limit, ESCAPE_RADIUS, nu, false, cancel, ...tilt)
}

/** A view as the deep kernels take it. */
export function deepView(reference: Reference, view: View) {
  const { re, im, stepRe, stepIm, tiltRe, tiltIm, exponent } = offsetFrom(reference.point, view)
  const where = [reference.reference, re, im, stepRe, stepIm, exponent, view.width, view.height] as const
  return {
    step: tiltIm === 0 ? stepRe : Math.sqrt(stepRe * stepRe + tiltIm * tiltIm),
    where,
    tilt: [tiltRe, tiltIm] as const,
  }
}
