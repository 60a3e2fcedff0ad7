// Encodes pictures, a few at a time: sharp works on the libuv threads of the process, which files
// need too. If a client leaves, its slot is freed only when the encoder has ended. Large pictures
// end at once, because a separate process encodes them; AVIFs stop between their tiles. A smaller
// picture continues for less than a second, because sharp cannot be interrupted.

import type { ImageFormat } from '../formats/format.ts'
import type { ImageMetadata } from '../formats/png/metadata.ts'
import { encode, type Pixels, webpWithin } from '../formats/sharp.ts'
import type { Timing } from '../kernel/task.ts'
import { type AdmissionLimits, AdmissionQueue } from './admission.ts'
import type { Work } from './backlog.ts'
import { cancelled, type TaskOptions } from './ticket.ts'

// libuv has four threads for the whole process: one is left for files
const SLOTS = 3

interface Encoded {
  bytes: Uint8Array<ArrayBuffer>
  timing: Timing
}

export class Encoders {
  readonly admission: AdmissionQueue

  constructor(limits: AdmissionLimits) {
    this.admission = new AdmissionQueue({ ...limits, slots: Math.min(limits.slots, SLOTS) })
  }

  /**
   * Encodes a picture when its turn comes; adds the time to `timing`. Calls `ended` when sharp has
   * ended or will not begin, which may be after the client has left.
   */
  async encode(
    picture: Uint8Array<ArrayBuffer> | Pixels,
    format: ImageFormat,
    timing: Timing,
    options: TaskOptions,
    metadata?: ImageMetadata,
    ended: () => void = () => {},
  ): Promise<Encoded> {
    const { byteLength } = picture instanceof Uint8Array ? picture : picture.rgb
    const work = { kind: format, weight: byteLength / 2 ** 16 }
    return this.#run(work, () => encode(picture, format, metadata, options.signal), timing, options, ended)
  }

  /** A WebP as one of at most so many bytes, if bounded, in a lower quality if necessary. */
  async shrink<T extends Encoded>(picture: T, maxBytes: number | undefined, options: TaskOptions): Promise<T> {
    const { bytes, timing } = picture
    if (maxBytes === undefined || bytes.length <= maxBytes) return picture
    // several qualities, and the picture is decoded for each
    const work = { kind: 'smaller webp', weight: bytes.length / 2 ** 14 }
    return {
      ...picture,
      ...(await this.#run(work, () => webpWithin(maxBytes, bytes, options.signal), timing, options)),
    }
  }

  async #run(
    work: Work,
    begin: () => Promise<Uint8Array<ArrayBuffer>>,
    timing: Timing,
    options: TaskOptions,
    ended: () => void = () => {},
  ): Promise<Encoded> {
    const slot = await this.admission.acquire(work, options).catch((error) => {
      ended()
      throw error
    })
    const started = performance.now()
    const encoding = begin()
    const free = () => {
      slot.end(!options.signal.aborted)
      ended()
    }
    encoding.then(free, free)
    const bytes = await unlessAborted(encoding, options.signal)
    const encoded = timing.encode + performance.now() - started
    return { bytes, timing: { ...timing, queue: timing.queue + slot.queue, encode: encoded } }
  }
}

/** The result of `work`, or a rejection as soon as the signal aborts. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(cancelled(signal))
    signal.addEventListener('abort', abort, { once: true })
    const settled = () => signal.removeEventListener('abort', abort)
    work.then(settled, settled)
    work.then(resolve, reject)
  })
}
