// The frames of a film, each made of its key frames by a thread of this process.
import { readFile } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import { inParallel } from '../core/concurrency.ts'
import { decoded } from '../formats/sharp.ts'
import type { Rgb } from '../kernel/task.ts'
import type { Pool } from '../scheduler/pool.ts'
import type { TaskOptions } from '../scheduler/ticket.ts'
import { type Film, frameAt, frameRequest } from './film.ts'
import { writeImageRequest } from './request.ts'

/** Receives a frame's bytes, as a PNG. */
export type OnFrame = (k: number, bytes: Uint8Array) => Promise<void>

/** Where frames come from. */
export interface FrameSource {
  /** Makes frames of a film, in any order. @param file the path of a key frame, as a PNG */
  make(
    film: Film,
    frames: readonly number[],
    file: (key: number) => string,
    options: TaskOptions,
    onFrame: OnFrame,
  ): Promise<void>
}

/** A key frame: a name of its own, and its PNG. */
export interface KeyFrame {
  name: string
  png(): Promise<Buffer>
}

// key frames held as pixels: frames at the end of one stretch and at the beginning of the next need
// three of them
const HELD = 3

export class Frames implements FrameSource {
  readonly #pool: Pool
  readonly #held = new LRUCache<string, Promise<Rgb>>({ max: HELD })

  constructor(pool: Pool) {
    this.#pool = pool
  }

  async make(
    film: Film,
    frames: readonly number[],
    file: (key: number) => string,
    options: TaskOptions,
    onFrame: OnFrame,
  ) {
    const keyFrame = (key: number) => ({ name: file(key), png: () => readFile(file(key)) })
    // for each thread, one that runs and one that waits
    await inParallel(frames, 2 * this.#pool.admission.slots, async (k) =>
      onFrame(k, await this.frame(film, k, keyFrame, options)),
    )
  }

  /** Frame k as a PNG: it depends on the film alone. */
  async frame(film: Film, k: number, keyFrame: (key: number) => KeyFrame, options: TaskOptions) {
    const { width, height } = film.image
    const { key, part } = frameAt(film, k)
    const [first, next] = await Promise.all([
      this.#pixels(keyFrame(key)),
      part > 0 ? this.#pixels(keyFrame(key + 1)) : undefined,
    ])
    const task = { key: first, next, part, width, height, metadata: writeImageRequest(frameRequest(film, k)) }
    // a film's many frames wait as long as necessary
    options.ticket.patient = true
    const { bytes } = await this.#pool.run('frame', task, options)
    return bytes
  }

  #pixels({ name, png }: KeyFrame): Promise<Rgb> {
    const known = this.#held.get(name)
    if (known) return known
    const pixels = png().then(toSharedPixels)
    this.#held.set(name, pixels)
    pixels.catch(() => this.#held.delete(name))
    return pixels
  }
}

// decoded, in memory that all threads share
async function toSharedPixels(png: Buffer): Promise<Rgb> {
  const pixels = await decoded(png)
  const rgb = new Uint8Array(new SharedArrayBuffer(pixels.rgb.length))
  rgb.set(pixels.rgb)
  return { ...pixels, rgb }
}
