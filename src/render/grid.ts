// The original's grid over HTTP: in the precision that was asked for, or in the one that the
// samples need.

import type { GridNumbers } from '../kernel/task.ts'
import { type GridRequest, gridSpan } from '../plane/grid.ts'
import type { View } from '../plane/view.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { interior } from './interior.ts'
import { type RenderResult, renderByTask, type Stages } from './stages.ts'

/** Renders a grid, rows from y0 on. @param view its exact samples, which perturbation needs */
export async function renderGrid(
  stages: Stages,
  key: string,
  request: GridRequest,
  format: GridNumbers,
  view: () => View,
  options: TaskOptions,
): Promise<RenderResult> {
  const samples = await prepareGrid(stages, request, view, options)
  const { samples: _, ...result } = await renderByTask(
    stages,
    { kind: 'grid', key },
    'grid',
    { request, format, ...samples },
    options,
  )
  return result
}

async function prepareGrid({ limits, orbits }: Stages, request: GridRequest, exact: () => View, options: TaskOptions) {
  const { maxIter, precision } = request
  if (precision !== 'perturbation') return { reference: undefined, span: gridSpan(request) }
  const view = exact()
  if (interior({ view, deep: true })) return { reference: undefined, interior: true as const }
  await limits.checkCost({ view, deep: true }, maxIter, options)
  return { view, reference: await orbits.get(view, maxIter, options) }
}
