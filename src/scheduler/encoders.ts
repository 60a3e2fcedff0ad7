// Pictures on their way into a format, a few at a time: sharp works on the process's libuv pool, which files need too.

import type { ImageFormat } from '../formats/format.ts'
import type { ImageMetadata } from '../formats/png/metadata.ts'
import { encode, type Pixels } from '../formats/sharp.ts'
import type { Timing } from '../kernel/task.ts'
import { type AdmissionLimits, AdmissionQueue } from './admission.ts'
import type { TaskOptions } from './pool.ts'

// libuv has four threads for the whole process: pictures leave one for files
const MOST = 3

export class Encoders {
  readonly admission: AdmissionQueue

  constructor(bounds: AdmissionLimits) {
    this.admission = new AdmissionQueue({ ...bounds, slots: Math.min(bounds.slots, MOST) })
  }

  /** A picture in a format, when its turn comes; `timing` grows by what that took. */
  async encode(
    picture: Uint8Array<ArrayBuffer> | Pixels,
    format: ImageFormat,
    timing: Timing,
    { lane, signal }: TaskOptions,
    metadata?: ImageMetadata,
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; timing: Timing }> {
    const weight = picture instanceof Uint8Array ? picture.byteLength : picture.rgb.byteLength
    const slot = await this.admission.acquire({ kind: format, weight: weight / 2 ** 16 }, lane, signal)
    const started = performance.now()
    try {
      const bytes = await encode(picture, format, metadata)
      const encoded = timing.encode + performance.now() - started
      return { bytes, timing: { ...timing, queue: timing.queue + slot.queue, encode: encoded } }
    } finally {
      slot.end(true)
    }
  }
}
