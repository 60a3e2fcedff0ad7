// The levels of a view for the histogram style, from a small image of it.

import { levelsKey } from '../cache/keys.ts'
import { DEFAULT_APPEARANCE } from '../colour/appearance.ts'
import { formatLevels, quantiles } from '../colour/histogram.ts'
import type { ImageRequest, RenderSpec } from '../kernel/request.ts'
import { isDeep } from '../plane/precision.ts'
import { imageView, type View } from '../plane/view.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { prepareView } from './prepare.ts'
import { type RenderResult, renderByTask, type Stages } from './stages.ts'

/** Samples along the longer side of the small image. */
export const LEVELS_SIDE = 192

/** The few samples of an image's view from which its levels are computed. */
export function levelsSpec(request: ImageRequest): RenderSpec {
  const { zoom, maxIter } = request
  const view = levelsView(request)
  return { view, deep: isDeep(view), zoom, perPixel: 1, maxIter, appearance: DEFAULT_APPEARANCE }
}

/** The levels as JSON. */
export async function renderLevels(
  stages: Stages,
  request: ImageRequest,
  spec: RenderSpec,
  options: TaskOptions,
): Promise<RenderResult> {
  const { orbit, ...view } = await prepareView(stages, spec, 'float64', options)
  const of = { kind: 'image', key: levelsKey(request) } as const
  const { bytes, limit, timing } = await stages.orbits.use(orbit, options, (reference) =>
    renderByTask(stages, of, 'view', { ...view, reference }, options),
  )
  const levels = formatLevels(quantiles(new Float64Array(bytes.buffer)))
  return { bytes: new Uint8Array(Buffer.from(JSON.stringify({ levels }))), limit, timing }
}

function levelsView({ re, im, zoom, rotation, mirror, width, height }: ImageRequest): View {
  const coarser = Math.max(1, Math.max(width, height) / LEVELS_SIDE)
  const [across, down] = [width, height].map((side) => Math.max(1, Math.round(side / coarser))) as [number, number]
  return imageView(re, im, zoom - Math.log2(coarser), across, down, rotation, mirror)
}
