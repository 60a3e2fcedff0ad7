// Features of the plane as JSON documents: the island or the Misiurewicz point that dominates a
// view, and the orbit of a point. A worker computes each as one task, in the bulk lane. The orbits
// that it follows are its own, so they use the memory for work in progress.

import { Failure } from '../core/errors.ts'
import type { FeatureKind, FeatureRequest, IteratesRequest } from '../kernel/request.ts'
import { bitLength, magnitude } from '../plane/decimal.ts'
import type { TileAddress } from '../plane/tile.ts'
import { centre, imageView, tileView } from '../plane/view.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { numbersFootprint, orbitsFootprint } from './footprint.ts'
import type { RenderResult, Stages } from './stages.ts'

// pixels along a side of the square that is searched: a tile's, so that `zoom` means what it does
// for tiles
const SIDE = 256

/** Iterations after which a search for a nucleus, or an orbit, stops. */
const LONGEST = 2 ** 20
/** The same for the preperiod and the period of a Misiurewicz point together. */
const LONGEST_MISIUREWICZ = 2 ** 14
/** The same for each of the many squares of a tile. */
const LONGEST_LISTED = 2 ** 16

/**
 * Renders the document of the feature that dominates a view. @throws Failure `unknown` if none is
 * found
 */
export async function renderFeature(
  stages: Stages,
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
  const square = { centre: { ...middle, bits: view.bits }, half }
  const result = await (kind === 'misiurewicz'
    ? renderByWorker(
        stages,
        key,
        'misiurewicz',
        { ...square, maxPeriod: LONGEST_MISIUREWICZ },
        numbersFootprint(LONGEST_MISIUREWICZ, view.bits),
        options,
      )
    : renderByWorker(stages, key, 'nucleus', { ...square, maxPeriod: LONGEST }, orbitsFootprint(LONGEST), options))
  if (result.bytes.length === 0) throw none()
  return result
}

/** Renders the islands, or the Misiurewicz points, of a tile as GeoJSON. */
export function renderListed(
  stages: Stages,
  key: string,
  kind: FeatureKind,
  tile: TileAddress,
  options: TaskOptions,
): Promise<RenderResult> {
  // a tile of one sample samples its centre, and its step is its side
  const { re, im, columnStep, bits } = tileView(tile, 1)
  const square = { centre: { re, im, bits }, half: columnStep.re / 2n }
  if (kind === 'nucleus') {
    const task = { ...square, maxPeriod: LONGEST_LISTED }
    return renderByWorker(stages, key, 'islands', task, orbitsFootprint(LONGEST_LISTED), options)
  }
  const task = { ...square, maxPeriod: LONGEST_MISIUREWICZ }
  return renderByWorker(stages, key, 'spirals', task, 0, options)
}

/** Renders the document of the first iterates of a point. */
export function renderIterates(
  stages: Stages,
  key: string,
  request: IteratesRequest,
  options: TaskOptions,
): Promise<RenderResult> {
  return renderByWorker(stages, key, 'iterates', { ...request, longest: LONGEST }, orbitsFootprint(LONGEST), options)
}

async function renderByWorker<K extends 'nucleus' | 'misiurewicz' | 'islands' | 'spirals' | 'iterates'>(
  { pool, memory, stats }: Stages,
  key: string,
  worker: K,
  task: Parameters<typeof pool.run<K>>[1],
  footprint: number,
  options: TaskOptions,
): Promise<RenderResult> {
  const free = await memory.takeAtMost(footprint, options.signal)
  const done = await pool.run(worker, task, options, stats.counter('feature')).finally(free)
  const { bytes, limit, queue, render, encode } = done
  const timing = { queue, render, encode }
  stats.report({ kind: 'feature', key, lane: options.ticket.lane, timing })
  return { bytes, limit, timing }
}
