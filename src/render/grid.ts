// The original's grid over HTTP: in the requested precision, or the one that the samples need. A
// large one is cut into strips of whole rows, which all threads render in the bulk lane, so that no
// thread is busy for long. The strips depend on the request alone, so the bytes do too.

import { npyHeader } from '../formats/npy.ts'
import { EMPTY, join, pngHead, pngTail } from '../formats/png/strips.ts'
import type { GridNumbers, Reference, TaskResult } from '../kernel/task.ts'
import { type GridRequest, gridSpan } from '../plane/grid.ts'
import { STRIP_SAMPLES, type View } from '../plane/view.ts'
import { GRID_WEIGHT, LONG_WORK } from '../scheduler/pool.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { inOrder } from './ahead.ts'
import { gridFootprint } from './footprint.ts'
import { interior } from './interior.ts'
import { type RenderResult, renderByTask, type Stages } from './stages.ts'
import { addTo, joined, newTotal } from './strips.ts'

/** A requested grid, and how it is cut. */
export interface GridPlan {
  readonly key: string
  readonly request: GridRequest
  readonly format: GridNumbers
  /** its exact samples, which perturbation needs */
  readonly view: () => View
  /** strips, and rows of each but the last; a single strip is a task that makes the whole answer */
  readonly count: number
  readonly rows: number
  /** is it streamed while it is made, because it is too large for memory? */
  readonly streamed: boolean
  /** bytes of a strip at most */
  readonly stripBytes: number
  /** bytes of the answer, if its format determines them */
  readonly length: number | undefined
}

// samples of a grid that a single task renders: four tiles, 2 MB
const WHOLE = 2 ** 18
// samples from which a grid is streamed: 8 MB as doubles, 20 MB as JSON
const STREAMED = 2 ** 20
// a strip takes a quarter of a second or so, even if all of its samples reach their limit
const STRIP_WORK = LONG_WORK / 4
// bytes of a number in JSON at most, including its comma
const JSON_BYTES = 22

export function planGrid(key: string, request: GridRequest, format: GridNumbers, view: () => View): GridPlan {
  const { grid, maxIter } = request
  const samples = grid ** 2
  const cut = samples > WHOLE || samples * maxIter * GRID_WEIGHT >= LONG_WORK
  const most = Math.min(STRIP_SAMPLES, STRIP_WORK / (maxIter * GRID_WEIGHT))
  const rows = cut ? Math.min(grid, Math.max(1, Math.floor(most / grid))) : grid
  const streamed = samples > STREAMED
  const stripBytes = rows * grid * (format === 'json' ? JSON_BYTES : 8)
  const length =
    format === 'npy' ? npyHead(request).length + samples * (request.precision === 'float32' ? 4 : 8) : undefined
  return { key, request, format, view, count: Math.ceil(grid / rows), rows, streamed, stripBytes, length }
}

/** Renders a whole grid, rows from y0 on. */
export async function renderGrid(stages: Stages, plan: GridPlan, options: TaskOptions): Promise<RenderResult> {
  const { key, request, format, count } = plan
  if (count > 1) {
    const total = newTotal()
    const pieces: Uint8Array[] = []
    const free = await stages.memory.take(
      gridFootprint(request.grid ** 2, plan.stripBytes / (plan.rows * request.grid)),
      options.signal,
    )
    try {
      for await (const piece of await gridPieces(stages, plan, options, total)) pieces.push(piece)
      return { bytes: joined(pieces), limit: request.maxIter, timing: total.timing }
    } finally {
      free()
    }
  }
  const render = await prepareGrid(stages, plan, options)
  const { samples: _, ...result } = await render(options, (samples) =>
    renderByTask(stages, { kind: 'grid', key }, 'grid', { request, format, rows: 'all', ...samples }, options),
  )
  return result
}

/**
 * The pieces of a grid's answer, in order; times are added to `total`.
 * @throws Failure `busy` or `too_expensive` before the first piece
 */
export async function gridPieces(
  stages: Stages,
  plan: GridPlan,
  options: TaskOptions,
  total = newTotal(),
): Promise<AsyncGenerator<Uint8Array>> {
  stages.pool.admission.admit(options.ticket)
  // its many parts wait as long as necessary
  options.ticket.patient = true
  const render = await prepareGrid(stages, plan, options)
  const strips = async function* (): AsyncGenerator<Piece> {
    const { pool, stats } = stages
    const { key, request, format, count, rows } = plan
    const onStart = stats.counter('grid')
    const { signal: caller, ticket } = options
    const made = inOrder({ count, slots: pool.admission.slots }, caller, async (k, signal) => {
      const first = k * rows
      const part = { first, count: Math.min(rows, request.grid - first) }
      const own = { signal, ticket }
      return render(own, (samples) => pool.run('grid', { request, format, rows: part, ...samples }, own, onStart))
    })
    for await (const { queue, render, encode, ...strip } of made) {
      addTo(total, { limit: strip.limit, timing: { queue, render, encode } })
      yield strip
    }
    stats.report({ kind: 'grid', key, lane: ticket.lane, ...total })
  }
  return PIECES[plan.format](plan.request, strips())
}

type Piece = Pick<TaskResult, 'bytes' | 'sum'>
type Strips = AsyncIterable<Piece>

/** Writes an answer from its strips, with the text around and between them. */
const PIECES = {
  async *npy(request: GridRequest, strips: Strips) {
    yield npyHead(request)
    for await (const { bytes } of strips) yield bytes
  },
  async *json({ grid, maxIter, precision, x0, y0, x1, y1 }: GridRequest, strips: Strips) {
    const head = JSON.stringify({ x0, y0, x1, y1, grid, max_iter: maxIter, precision, values: [] })
    yield Buffer.from(head.slice(0, -2))
    let comma = ''
    for await (const { bytes } of strips) {
      if (comma) yield Buffer.from(comma)
      comma = ','
      yield bytes
    }
    yield Buffer.from(']}')
  },
  async *png({ grid }: GridRequest, strips: Strips) {
    yield pngHead(grid, grid, 'grey8', undefined, {})
    let sum = EMPTY
    for await (const strip of strips) {
      sum = join(sum, strip.sum!)
      yield strip.bytes
    }
    yield pngTail(sum)
  },
} satisfies Record<GridNumbers, (request: GridRequest, strips: Strips) => AsyncGenerator<Uint8Array>>

function npyHead({ grid, precision }: GridRequest): Buffer {
  return npyHeader(precision === 'float32' ? '<f4' : '<f8', grid, grid)
}

/** What a task computes a grid's samples from. */
type GridSamples =
  | { reference: undefined; span: ReturnType<typeof gridSpan> }
  | { reference: undefined; interior: true }
  | { reference: Reference; view: View }

/** Makes what a task needs, which lasts until the task has ended. */
type WithSamples = <T>(options: TaskOptions, run: (samples: GridSamples) => Promise<T>) => Promise<T>

async function prepareGrid(
  { limits, orbits }: Stages,
  { request, view: exact }: GridPlan,
  options: TaskOptions,
): Promise<WithSamples> {
  const { maxIter, precision } = request
  if (precision !== 'perturbation') {
    const span = gridSpan(request)
    return (_, run) => run({ reference: undefined, span })
  }
  const view = exact()
  if (interior({ view, deep: true })) return (_, run) => run({ reference: undefined, interior: true })
  await limits.checkCost({ view, deep: true }, maxIter, options)
  await orbits.get(view, maxIter, options)
  return (options, run) => orbits.use({ view, maxIter }, options, (reference) => run({ reference: reference!, view }))
}
