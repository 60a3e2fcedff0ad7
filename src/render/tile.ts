// A tile: as palette indices, as pixels, in a picture format, or as numbers. Its samples come from
// the sample cache if they are there, otherwise from the kernel.

import { samplesKey, tileKey } from '../cache/keys.ts'
import type { SampleCache } from '../cache/samples.ts'
import {
  type Appearance,
  DEFAULT_APPEARANCE,
  finestSide,
  gridSide,
  hasReusableSamples,
  mostSamples,
  usesExactCounts,
} from '../colour/appearance.ts'
import type { PictureFormat } from '../formats/format.ts'
import type { RenderSpec, TileRequest } from '../kernel/request.ts'
import type { TileNumbers } from '../kernel/task.ts'
import { isDeep } from '../plane/precision.ts'
import { TILE_SIZE } from '../plane/tile.ts'
import { juliaView, supersampled, tileView } from '../plane/view.ts'
import type { Work } from '../scheduler/backlog.ts'
import { workFor } from '../scheduler/pool.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { tileFootprint } from './footprint.ts'
import { prepareView } from './prepare.ts'
import { type RenderResult, renderByTask, type Stages } from './stages.ts'

/**
 * A requested tile. Its key is made once, and its view on first use.
 */
export class RequestedTile {
  readonly request: TileRequest
  readonly appearance: Appearance
  readonly key: string
  #spec: RenderSpec | undefined

  constructor(request: TileRequest, appearance: Appearance = DEFAULT_APPEARANCE) {
    this.request = request
    this.appearance = appearance
    this.key = tileKey(request)
  }

  get samples(): number {
    return mostSamples(this.appearance) * this.request.size ** 2
  }

  get spec(): RenderSpec {
    this.#spec ??= this.#makeSpec()
    return this.#spec
  }

  /** The work of rendering it, without its reference orbit. */
  get work(): Work {
    return workFor('view', this.samples, this.spec.deep)
  }

  #makeSpec(): RenderSpec {
    const { request, appearance } = this
    const { tile, julia, size, maxIter } = request
    const pixels = julia ? juliaView(tile, size) : tileView(tile, size)
    const view = supersampled(pixels, gridSide(appearance))
    const perPixel = (gridSide(appearance) * size) / TILE_SIZE
    const deep = isDeep(supersampled(pixels, finestSide(appearance)), julia)
    return { view, julia, deep, zoom: tile.z, perPixel, maxIter, appearance }
  }
}

export class TileRenderer {
  readonly #stages: Stages
  readonly #samples: SampleCache

  constructor(stages: Stages, samples: SampleCache) {
    this.#stages = stages
    this.#samples = samples
  }

  /** The palette indices as a PNG, or the pixels as RGB. */
  async colour(tile: RequestedTile, output: 'png' | 'rgb', options: TaskOptions): Promise<RenderResult> {
    const { request, appearance, key } = tile
    // the plain colours are made from counts in double precision, which are not cached
    const cacheable = hasReusableSamples(appearance) && !usesExactCounts(appearance)
    const samples = cacheable ? this.#samples.get(samplesKey(key, appearance)) : undefined
    if (!samples) return this.#render(tile, output, options)
    const { view, julia } = tile.spec
    const task = { samples, output, zoom: request.tile.z, appearance, view, julia }
    const { bytes, limit, queue, render, encode } = await this.#stages.pool.run('recolour', task, options)
    return { bytes, limit, timing: { queue, render, encode } }
  }

  /** The tile in true colour, for appearances that need more than one number per pixel. */
  async trueColour(tile: RequestedTile, format: PictureFormat, options: TaskOptions): Promise<RenderResult> {
    const { bytes: rgb, limit, timing } = await this.colour(tile, 'rgb', options)
    const { size: width, size: height } = tile.request
    const encoded = await this.#stages.encoders.encode({ rgb, width, height }, format, timing, options)
    return { limit, ...encoded }
  }

  /** The smooth iteration counts, rows from the top. */
  numbers(tile: RequestedTile, format: TileNumbers, options: TaskOptions): Promise<RenderResult> {
    return this.#render(tile, format, options)
  }

  async #render(tile: RequestedTile, output: 'png' | 'rgb' | TileNumbers, options: TaskOptions): Promise<RenderResult> {
    const { request, appearance, key, spec, work } = tile
    // while it waits for its limit or its orbit, it counts as part of the queue that it will enter
    const endReservation = this.#stages.pool.admission.reserve(work, options.ticket)
    const { orbit, ...view } = await prepareView(this.#stages, spec, output, options).finally(endReservation)
    const keepSamples =
      (output === 'png' || output === 'rgb') && hasReusableSamples(appearance) && this.#samples.enabled
    const task = { ...view, tile: request, keepSamples }
    const { memory, orbits } = this.#stages
    const free = await memory.takeAtMost(tileFootprint(tile.samples), options.signal)
    const rendered = await orbits
      .use(orbit, options, (reference) =>
        renderByTask(this.#stages, { kind: 'tile', key }, 'view', { ...task, reference }, options),
      )
      .finally(free)
    const { samples, ...result } = rendered
    if (samples) this.#samples.set(samplesKey(key, appearance), samples)
    return result
  }
}
