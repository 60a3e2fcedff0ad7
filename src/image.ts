// A picture centred anywhere: strips of whole rows, each a task of its own, rendered by all threads behind what is interactive.
import { setMaxListeners } from 'node:events'
import { type PictureFormat, recolour } from './encode.ts'
import type { Encoders } from './encoders.ts'
import { imageKey } from './key.ts'
import { indexable } from './look.ts'
import type { Orbits } from './orbits.ts'
import { colourTable } from './palette.ts'
import type { Errand, Pool } from './pool.ts'
import type { ImageRequest } from './request.ts'
import { writeStill } from './still.ts'
import { imageView, strips, supersampled, type View } from './view.ts'
import { viewTask } from './views.ts'
import type { Fresh, Ledger } from './work.ts'

/** Told the part that is done, from 0 to 1. */
export type OnProgress = (done: number) => void

/** The stages that pictures share with tiles. */
interface Stages {
  pool: Pool
  orbits: Orbits
  encoders: Encoders
  ledger: Ledger
}

export class Images {
  /** the pictures that are being made now, by key: the part that is done, 0 to 1 */
  readonly making = new Map<string, number>()
  readonly #stages: Stages

  constructor(stages: Stages) {
    this.#stages = stages
  }

  /** A whole picture in a format, from its strips. */
  async make(request: ImageRequest, format: PictureFormat, errand: Errand, onProgress: OnProgress): Promise<Fresh> {
    const { width, height, look } = request
    const key = pictureName(request, format)
    const told = (done: number) => {
      // a strip may end after the picture was given up
      if (this.making.has(key)) this.making.set(key, done)
      onProgress(done)
    }
    this.making.set(key, 0)
    try {
      const { pixels, limit, timing } = await this.#render(request, told, errand)
      const picture = indexable(look)
        ? recolour(await this.#gather(pixels, request, errand), colourTable(look))
        : { rgb: pixels, width, height }
      const encoded = await this.#stages.encoders.encode(picture, format, timing, errand, writeStill(request))
      return { limit, ...encoded }
    } finally {
      this.making.delete(key)
    }
  }

  async #render(request: ImageRequest, onProgress: OnProgress, errand: Errand) {
    const { pool, orbits, ledger } = this.#stages
    const { re, im, zoom, width, height, maxIter, look } = request
    const { lane } = errand
    const view = imageView(re, im, zoom, width, height)
    pool.lanes.admit(lane)
    // one strip fails or the client leaves: the others stop too
    const failed = new AbortController()
    const signal = AbortSignal.any([errand.signal, failed.signal])
    // every strip listens: hundreds are no leak
    setMaxListeners(0, signal)
    const want = indexable(look) ? 'index' : 'rgb'
    const order = { view: supersampled(view, look.aa), zoom, perPixel: look.aa, maxIter, want, look } as const
    const whole = await viewTask(orbits, order, signal)
    const bytes = want === 'rgb' ? 3 : 1
    const pixels = new Uint8Array(bytes * width * height)
    const timing = { queue: 0, render: 0, encode: 0 }
    let [rows, limit] = [0, 0]
    const part = { ...ledger.counting('image', { signal, lane }), admitted: true }
    const render = async ({ top, strip }: { top: number; strip: View }) => {
      const done = await pool.run('view', { ...whole, view: supersampled(strip, look.aa) }, part)
      pixels.set(done.bytes, bytes * top * width)
      for (const stage of ['queue', 'render', 'encode'] as const) timing[stage] += done[stage]
      limit = Math.max(limit, done.limit)
      rows += strip.height
      onProgress(rows / height)
    }
    await Promise.all(strips(view, look.aa).map(render)).catch((error) => {
      failed.abort()
      throw error
    })
    ledger.tell({ kind: 'image', key: imageKey(request), lane, timing, limit })
    return { pixels, limit, timing }
  }

  /** A picture's indices as a PNG: in a thread, since a large one would hold up the event loop. */
  async #gather(index: Uint8Array<ArrayBuffer>, { width, height }: ImageRequest, errand: Errand) {
    const { bytes } = await this.#stages.pool.run('png', { index, width, height }, { ...errand, admitted: true })
    return bytes
  }
}

/** A picture's key, its format included. */
export function pictureName(request: ImageRequest, format: PictureFormat): string {
  return `${imageKey(request)} ${format}`
}
