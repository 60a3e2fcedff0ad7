// Fills the cache tiers, a metatile at a time, through the same pipeline as a request but in the
// bulk lane. A tile that every tier has is skipped, so an interrupted run can be repeated. A tile
// has the same bytes in every process, so two that render the same tile do no harm.

import { type Limit, limitTo } from '../core/concurrency.ts'
import { Failure } from '../core/errors.ts'
import type { TileAddress } from '../plane/tile.ts'
import type { Renderer } from '../render/renderer.ts'
import { addressName, type Metatile, type TileSpec, tilesOf } from './tileset.ts'

/**
 * Tiles that were found, rendered, or given up, and why. `bytes` counts the rendered ones.
 */
export interface Seeded {
  held: number
  rendered: number
  bytes: number
  failed: { tile: string; why: string }[]
}

export const NOTHING: Seeded = { held: 0, rendered: 0, bytes: 0, failed: [] }

/** Two results as one. */
export function sum(a: Seeded, b: Seeded): Seeded {
  return {
    held: a.held + b.held,
    rendered: a.rendered + b.rendered,
    bytes: a.bytes + b.bytes,
    failed: [...a.failed, ...b.failed],
  }
}

/** The tiles that a result is about. */
export function tilesIn({ held, rendered, failed }: Seeded): number {
  return held + rendered + failed.length
}

export interface SeederOptions {
  /** tiles in progress at once, over all metatiles */
  concurrency: number
  /** longest time one tile may take, in seconds */
  deadline: number
}

export interface MetatileOptions {
  /** is a tile that exists by name accepted without reading and checking it? */
  trusting: boolean
  /** called after each tile with the number of finished ones */
  onTile?: (done: number) => void
}

export class Seeder {
  readonly #renderer: Renderer
  readonly #options: SeederOptions
  readonly #limit: Limit

  constructor(renderer: Renderer, options: SeederOptions) {
    this.#renderer = renderer
    this.#options = options
    this.#limit = limitTo(options.concurrency)
  }

  /**
   * Puts every tile of a metatile into every tier.
   * @throws Failure if another try may help, which skips finished tiles
   */
  async seed(metatile: Metatile, signal: AbortSignal, { trusting, onTile }: MetatileOptions): Promise<Seeded> {
    const seeded: Seeded = { held: 0, rendered: 0, bytes: 0, failed: [] }
    let [done, transient] = [0, undefined as Failure | undefined]
    const one = async (tile: TileAddress) => {
      try {
        signal.throwIfAborted()
        // a tier is unavailable, or a thread was lost: the other tiles would fail too
        if (transient) return
        const bytes = await this.#tile(tile, metatile.spec, trusting, signal)
        if (bytes === undefined) seeded.held++
        else seeded.rendered++
        seeded.bytes += bytes ?? 0
        onTile?.(++done)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof Failure)) throw error
        if (!FINAL.has(error.code)) transient ??= error
        else seeded.failed.push({ tile: addressName(tile), why: error.message })
      }
    }
    await Promise.all(tilesOf(metatile).map((tile) => this.#limit(() => one(tile))))
    signal.throwIfAborted()
    if (transient) throw transient
    return seeded
  }

  /** The bytes of a rendered tile; undefined if every tier had it. */
  async #tile(tile: TileAddress, spec: TileSpec, trusting: boolean, stop: AbortSignal): Promise<number | undefined> {
    const { size, maxIter, appearance, format } = spec
    const { tiers } = this.#renderer
    const handle = this.#renderer.tile({ tile, size, maxIter }, appearance, format)
    const key = handle.cacheKey
    if ((trusting && (await tiers.has(key))) || (await tiers.spread(key))) return undefined

    const { deadline: seconds } = this.#options
    const late = AbortSignal.timeout(1000 * seconds)
    let stored: Promise<boolean> | undefined
    const answer = await Promise.resolve(
      handle.find({
        lane: 'bulk',
        seconds,
        signal: AbortSignal.any([stop, late]),
        onStored: (storing) => (stored = storing),
      }),
    ).catch((error) => {
      throw late.aborted ? new Failure('deadline_exceeded', `it took longer than ${seconds} s`) : error
    })
    // another process may have been faster
    if (!stored) return undefined
    if (!(await stored)) throw new Failure('worker_lost', `a tile was not stored: ${this.#fault}`)
    return answer.bytes.byteLength
  }

  get #fault(): string {
    const faults = this.#renderer.tiers.messages.map(({ name, message }) => `${name}: ${message}`)
    return faults.join('; ') || 'a tier took too long, or cannot hold a tile of this size'
  }
}

/** Failures that another try would repeat. */
const FINAL = new Set<string>(['invalid', 'too_expensive', 'deadline_exceeded', 'unknown'])
