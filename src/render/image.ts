// An image centred anywhere, whole, in a format. Images too large for memory are not made here:
// they are sent or written strip by strip (strips.ts).

import type { ImageFormat } from '../formats/format.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { imageFootprint } from './footprint.ts'
import { pixelKind, pngPieces } from './imagepng.ts'
import { ImageProgress } from './imageprogress.ts'
import { writeImageRequest } from './request.ts'
import type { RenderResult, Stages } from './stages.ts'
import {
  addTo,
  type ImagePlan,
  joined,
  newTotal,
  type OnProgress,
  type Strip,
  type StripRenderer,
  type Total,
} from './strips.ts'

export class ImageRenderer {
  readonly progress = new ImageProgress()
  readonly #stages: Stages
  readonly #strips: StripRenderer

  constructor(stages: Stages, strips: StripRenderer) {
    this.#stages = stages
    this.#strips = strips
  }

  /** Renders and encodes an image; `key` identifies it while it is in progress. */
  async render(plan: ImagePlan, format: ImageFormat, key: string, options: TaskOptions): Promise<RenderResult> {
    const { request } = plan
    const { onProgress, end } = this.progress.track(key)
    const { memory, encoders } = this.#stages
    let free: (() => void) | undefined
    try {
      free = await memory.take(
        imageFootprint(request.width * request.height, pixelKind(request, format), format),
        options.signal,
      )
      const { png, limit, timing } = await this.#png(plan, format, options, onProgress)
      if (format === 'png') return { bytes: png, limit, timing }
      const metadata = writeImageRequest(request)
      const ended = free
      // an encoder whose client has left holds its memory until it ends
      free = undefined
      return { limit, ...(await encoders.encode(png, format, timing, options, metadata, ended)) }
    } finally {
      free?.()
      end()
    }
  }

  async #png(plan: ImagePlan, format: ImageFormat, options: TaskOptions, onProgress: OnProgress) {
    const { request } = plan
    const total = newTotal()
    const image = await this.#strips.prepare(plan, pixelKind(request, format), options)
    const strips = totalled(this.#strips.strips(image, 0, options, onProgress), total)
    const pieces: Uint8Array[] = []
    for await (const piece of pngPieces(request, format, strips)) pieces.push(piece)
    return { png: joined(pieces), ...total }
  }
}

async function* totalled(strips: AsyncIterable<Strip>, total: Total): AsyncGenerator<Strip> {
  for await (const strip of strips) {
    addTo(total, strip)
    yield strip
  }
}
