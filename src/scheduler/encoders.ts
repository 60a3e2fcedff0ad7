// Pictures on their way into a format, a few at a time: sharp works on the process's libuv pool, which files need too.

import type { StillFormat } from '../formats/format.ts'
import type { Imprint } from '../formats/png/metadata.ts'
import { encode, type Pixels } from '../formats/sharp.ts'
import type { Timing } from '../kernel/task.ts'
import { type Bounds, Lanes } from './admission.ts'
import type { Errand } from './pool.ts'

// libuv has four threads for the whole process: pictures leave one for files
const MOST = 3

export class Encoders {
  readonly lanes: Lanes

  constructor(bounds: Bounds) {
    this.lanes = new Lanes({ ...bounds, slots: Math.min(bounds.slots, MOST) })
  }

  /** A picture in a format, when its turn comes; `timing` grows by what that took. */
  async encode(
    picture: Uint8Array<ArrayBuffer> | Pixels,
    format: StillFormat,
    timing: Timing,
    { lane, signal }: Errand,
    imprint?: Imprint,
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; timing: Timing }> {
    const weight = picture instanceof Uint8Array ? picture.byteLength : picture.rgb.byteLength
    const turn = await this.lanes.enter({ kind: format, weight: weight / 2 ** 16 }, lane, signal)
    const started = performance.now()
    try {
      const bytes = await encode(picture, format, imprint)
      const encoded = timing.encode + performance.now() - started
      return { bytes, timing: { ...timing, queue: timing.queue + turn.queue, encode: encoded } }
    } finally {
      turn.end(true)
    }
  }
}
