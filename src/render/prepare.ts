import type { Appearance } from '../colour/appearance.ts'
import { stylePhase } from '../colour/style.ts'
import type { IterationLimit, TileRequest } from '../kernel/request.ts'
import type { ViewTask } from '../kernel/task.ts'
import { isDeep } from '../plane/precision.ts'
import type { JuliaPoint } from '../plane/tile.ts'
import { supersampled, tileView, type View } from '../plane/view.ts'
import { meansFor } from './interior.ts'
import type { IterationLimits } from './iterations.ts'
import type { Orbits } from './orbits.ts'
import { LOWEST } from './zone.ts'

/** What is wanted of a view. */
export interface RenderSpec {
  view: View
  zoom: number
  perPixel: number
  maxIter: IterationLimit
  want: ViewTask['want']
  appearance: Appearance
  julia?: JuliaPoint | undefined
}

/** The task for a view, with its limit, and the reference that it needs where doubles do not resolve it; refused where it is too dear. */
export async function prepareView(limits: IterationLimits, orbits: Orbits, order: RenderSpec, signal: AbortSignal) {
  const { view, zoom, perPixel, maxIter, want, appearance, julia } = order
  const means = meansFor(view, julia)
  const [interior, deep] = [means === 'interior', means === 'reference']
  // where all is interior any limit shows the same
  const auto = () => (interior ? LOWEST : limits.auto(order, signal))
  const limit = maxIter === 'auto' ? await auto() : maxIter
  // what doubles resolve was refused at the door
  if (deep && maxIter !== 'auto') await limits.checkCost(order, limit, signal)
  const reference = deep ? await orbits.get(view, limit, signal) : undefined
  const phase = stylePhase(appearance, zoom, appearance.density)
  return { view, limit, phase, perPixel, want, tile: undefined, appearance, keep: false, julia, interior, reference }
}

/** Is a tile of aa · aa samples a pixel deep? */
export function deepTile({ tile, julia, size }: TileRequest, aa: number): boolean {
  return isDeep(supersampled(tileView(tile, size), aa), julia)
}
