// Views that lie wholly inside the set, where no sample needs to be iterated and no reference orbit, which there neither closes nor escapes and would be
// followed as far as any may be. Koebe's theorem proves a disc about a point given in doubles (native/disc.h), at any zoom.

import { kernel } from '../kernel/binding.ts'
import { toDouble } from '../plane/decimal.ts'
import { isDeep, log2Width } from '../plane/precision.ts'
import type { JuliaPoint } from '../plane/tile.ts'
import { centre, type View } from '../plane/view.ts'

// the centre's parts, at most 2 in size, as the nearest doubles, and a bit that was cut off before
const ROUNDING = 2 ** -51

/** What tells a view's samples, of a Julia set where its point is named: doubles, that all of them are interior, or a reference orbit. */
export type Means = 'doubles' | 'interior' | 'reference'

export function meansFor(view: View, julia: JuliaPoint | undefined): Means {
  if (!isDeep(view, julia)) return 'doubles'
  return interior(view) ? 'interior' : 'reference'
}

/** Is all of a view that doubles do not resolve proven to belong to the Mandelbrot set? False says nothing. */
export function interior(view: View): boolean {
  if (!isDeep(view)) return false
  const { re, im } = centre(view)
  const [x, y] = [toDouble(re, view.bits), toDouble(im, view.bits)]
  if (x * x + y * y > 4) return false
  // half the diagonal of a view is less than its wider side; twice that, so that each sample has such a disc too
  return kernel.disc(x, y) >= 2 * (2 ** log2Width(view) + ROUNDING)
}
