import { autoLimit } from './limit.ts'
import type { Look } from './look.ts'
import type { Orbits } from './orbits.ts'
import type { IterationLimit, JuliaPoint } from './request.ts'
import { stylePhase } from './style.ts'
import type { ViewTask } from './task.ts'
import { resolved, type View } from './view.ts'

/** What is wanted of a view. */
export interface ViewOrder {
  view: View
  zoom: number
  perPixel: number
  maxIter: IterationLimit
  want: ViewTask['want']
  look: Look
  julia?: JuliaPoint | undefined
}

/** The task for a view, with the reference that it needs where doubles do not resolve it. */
export async function viewTask(orbits: Orbits, order: ViewOrder, signal: AbortSignal) {
  const { view, zoom, perPixel, maxIter, want, look, julia } = order
  const limit = maxIter === 'auto' ? autoLimit(zoom) : { from: maxIter, to: maxIter }
  const reference = julia || resolved(view) ? undefined : await orbits.get(view, limit.from, signal)
  const phase = stylePhase(look.style, zoom, look.density)
  return { view, limit, phase, perPixel, want, tile: undefined, look, keep: false, julia, reference }
}
