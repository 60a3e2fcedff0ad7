// Features of the plane as JSON documents: the island or the Misiurewicz point that dominates a
// view, and the orbit of a point. A worker computes each as one task, in the bulk lane.

import { Failure } from '../core/errors.ts'
import type { FeatureRequest, IteratesRequest } from '../kernel/request.ts'
import type { TaskResult } from '../kernel/task.ts'
import { bitLength, magnitude } from '../plane/decimal.ts'
import type { TileAddress } from '../plane/tile.ts'
import { centre, imageView, tileView } from '../plane/view.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import type { RenderResult, Stages } from './stages.ts'

// pixels along a side of the square that is searched: a tile's, so that `zoom` means what it does
// for tiles
const SIDE = 256

/** Iterations after which a search for a nucleus gives up. */
const MAX_PERIOD = 2 ** 20
/** The same for each of the many squares of a tile. */
const MAX_LISTED_PERIOD = 2 ** 16

/**
 * Renders the document of the feature that dominates a view. @throws Failure `unknown` where none
 * is found
 */
export async function renderFeature(
  { pool, stats }: Stages,
  key: string,
  { kind, re, im, zoom }: FeatureRequest,
  options: TaskOptions,
): Promise<RenderResult> {
  const what = kind === 'misiurewicz' ? 'Misiurewicz point' : 'island'
  const view = imageView(re, im, zoom, SIDE, SIDE)
  const middle = centre(view)
  const half = (view.columnStep.re * BigInt(SIDE)) / 2n
  const none = () =>
    new Failure('unknown', `no ${what} was found within 2^${bitLength(half) - view.bits} of this place`)
  // the set lies within |c| = 2
  const beyond = 4n << BigInt(view.bits)
  if (magnitude(middle.re) >= beyond || magnitude(middle.im) >= beyond) throw none()
  const task = {
    centre: { ...middle, bits: view.bits },
    half,
    maxPeriod: MAX_PERIOD,
  }
  const worker = kind === 'misiurewicz' ? 'misiurewicz' : 'nucleus'
  const done = await pool.run(worker, task, options, stats.counter('feature'))
  const result = resultOf(done)
  stats.report({ kind: 'feature', key, lane: options.ticket.lane, timing: result.timing })
  if (result.bytes.length === 0) throw none()
  return result
}

/** Renders the islands of a tile as GeoJSON. */
export async function renderIslands(
  { pool, stats }: Stages,
  key: string,
  tile: TileAddress,
  options: TaskOptions,
): Promise<RenderResult> {
  // a tile of one sample samples its centre, and its step is its side
  const { re, im, columnStep, bits } = tileView(tile, 1)
  const task = { centre: { re, im, bits }, half: columnStep.re / 2n, maxPeriod: MAX_LISTED_PERIOD }
  const result = resultOf(await pool.run('islands', task, options, stats.counter('feature')))
  stats.report({ kind: 'feature', key, lane: options.ticket.lane, timing: result.timing })
  return result
}

/** Renders the document of the first iterates of a point. */
export async function renderIterates(
  { pool, stats }: Stages,
  key: string,
  request: IteratesRequest,
  options: TaskOptions,
): Promise<RenderResult> {
  const result = resultOf(await pool.run('iterates', request, options, stats.counter('feature')))
  stats.report({ kind: 'feature', key, lane: options.ticket.lane, timing: result.timing })
  return result
}

function resultOf({ bytes, limit, queue, render, encode }: TaskResult & { queue: number }): RenderResult {
  return { bytes, limit, timing: { queue, render, encode } }
}
