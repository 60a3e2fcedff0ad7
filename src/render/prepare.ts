// From what is to be rendered to the task for a thread: the iteration limit, and a deep view's
// reference orbit.

import { gridSide, mostSamples } from '../colour/appearance.ts'
import type { RenderSpec } from '../kernel/request.ts'
import type { ViewOutput, ViewTask } from '../kernel/task.ts'
import { STRIP_SAMPLES } from '../plane/view.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { interior } from './interior.ts'
import type { OrbitRequest } from './orbits.ts'
import type { Stages } from './stages.ts'
import { LOWEST } from './zone.ts'

/**
 * A view that is ready to be rendered: everything that its strips have in common. Its orbit existed
 * when the view was prepared; renders of the view get it by `Orbits.use`.
 */
export type PreparedView = Omit<ViewTask, 'cancel' | 'reference'> & { orbit: OrbitRequest | undefined }

/** @throws Failure `too_expensive` if rendering the view would cost more than a request may */
export async function prepareView(
  { limits, orbits }: Pick<Stages, 'limits' | 'orbits'>,
  spec: RenderSpec,
  output: ViewOutput,
  options: TaskOptions,
): Promise<PreparedView> {
  const { maxIter, ...samples } = spec
  const inside = interior(spec)
  const limit = inside ? limitInside(maxIter) : await limits.limitOf(spec, options)
  // with aa=auto a sample may become several
  const more = mostSamples(spec.appearance) / gridSide(spec.appearance) ** 2
  const work = inside ? 0 : more * (await limits.workOf(spec, limit, more * taskSamples(spec, output), options))
  const orbit = spec.deep && !inside ? { view: spec.view, maxIter: limit, far: maxIter === 'auto' } : undefined
  if (orbit) await orbits.get(orbit.view, limit, options, orbit)
  return { ...samples, limit, work, interior: inside, orbit, output, keepSamples: false }
}

// a tile is rendered by one task, an image by one for each strip
function taskSamples({ view }: RenderSpec, output: ViewOutput): number {
  const samples = view.width * view.height
  return TILE_OUTPUTS.includes(output) ? samples : Math.min(samples, STRIP_SAMPLES)
}

const TILE_OUTPUTS: ViewOutput[] = ['png', 'rgb', 'json', 'npy']

// inside the set every limit gives the same picture
function limitInside(maxIter: RenderSpec['maxIter']): number {
  return maxIter === 'auto' ? LOWEST : maxIter
}
