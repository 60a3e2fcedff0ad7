// Deep views that lie wholly inside the set. None of their samples needs to be iterated, and they
// need no reference orbit: inside the set an orbit neither closes nor escapes, so it would be
// computed up to the limit. Koebe's theorem proves a disc about a point given in doubles
// (native/interior), at any zoom.

import { kernel } from '../kernel/binding.ts'
import type { RenderSpec } from '../kernel/request.ts'
import { toDouble } from '../plane/decimal.ts'
import { log2Width } from '../plane/precision.ts'
import { centre } from '../plane/view.ts'

// the centre's parts, at most 2 in size, as the nearest doubles, and the bit lost before
const ROUNDING = 2 ** -51

/** Is all of a deep view proven to belong to the Mandelbrot set? False proves nothing. */
export function interior({ view, deep }: Pick<RenderSpec, 'view' | 'deep'>): boolean {
  if (!deep) return false
  const { re, im } = centre(view)
  const [x, y] = [toDouble(re, view.bits), toDouble(im, view.bits)]
  if (x * x + y * y > 4) return false
  // half the diagonal of a view is less than its wider side; twice that, so that each sample has
  // such a disc too
  return kernel.interiorRadius(x, y) >= 2 * (2 ** log2Width(view) + ROUNDING)
}
