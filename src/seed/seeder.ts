// Fills the tiers, a block at a time, through the same pipeline as a request, behind all that is interactive. A tile that every tier has is passed
// over, so whoever was stopped goes on where it was; a tile is the same bytes whoever renders it, so nothing is lost when two do.

import { type Limit, limitTo } from '../core/concurrency.ts'
import { Failure } from '../core/errors.ts'
import type { TileAddress } from '../plane/tile.ts'
import type { Renderer } from '../render/renderer.ts'
import { addressName, type Metatile, type TileSpec, tilesOf } from './tileset.ts'

/** What became of tiles: there already, rendered now, or given up for good with the reason. `bytes` are those of the rendered ones. */
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

/** The tiles that a result tells of. */
export function tilesIn({ held, rendered, failed }: Seeded): number {
  return held + rendered + failed.length
}

export interface SeederOptions {
  /** tiles under way at once, over all blocks */
  concurrency: number
  /** seconds that one tile may take */
  deadline: number
}

export interface BlockOptions {
  /** is a tile that is there by name taken for whole, without being read? */
  trusting: boolean
  /** told with each tile how many are done */
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
   * Sees to it that every tile of a block is in every tier.
   * @throws Failure where another try may help; what is done by then is passed over by that
   */
  async block(block: Metatile, signal: AbortSignal, { trusting, onTile }: BlockOptions): Promise<Seeded> {
    const seeded: Seeded = { held: 0, rendered: 0, bytes: 0, failed: [] }
    let [done, passing] = [0, undefined as Failure | undefined]
    const one = async (tile: TileAddress) => {
      try {
        signal.throwIfAborted()
        // after one that failed for a reason of its surroundings the others would too
        if (passing) return
        const bytes = await this.#tile(tile, block.spec, trusting, signal)
        if (bytes === undefined) seeded.held++
        else seeded.rendered++
        seeded.bytes += bytes ?? 0
        onTile?.(++done)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof Failure)) throw error
        if (!FINAL.has(error.code)) passing ??= error
        else seeded.failed.push({ tile: addressName(tile), why: error.message })
      }
    }
    await Promise.all(tilesOf(block).map((tile) => this.#limit(() => one(tile))))
    signal.throwIfAborted()
    if (passing) throw passing
    return seeded
  }

  /** The bytes of a tile that was rendered; undefined where every tier had it. */
  async #tile(tile: TileAddress, spec: TileSpec, trusting: boolean, stop: AbortSignal): Promise<number | undefined> {
    const { size, maxIter, appearance, format } = spec
    const { tiers } = this.#renderer
    const handle = this.#renderer.tile({ tile, size, maxIter }, appearance, format)
    const key = handle.cacheKey
    if ((trusting && (await tiers.has(key))) || (await tiers.spread(key))) return undefined

    const late = AbortSignal.timeout(1000 * this.#options.deadline)
    let kept: Promise<boolean> | undefined
    const answer = await Promise.resolve(
      handle.find({
        lane: 'bulk',
        signal: AbortSignal.any([stop, late]),
        onStored: (storing) => (kept = storing),
      }),
    ).catch((error) => {
      throw late.aborted ? new Failure('deadline_exceeded', `it takes longer than ${this.#options.deadline} s`) : error
    })
    // another process may have been first
    if (!kept) return undefined
    if (!(await kept)) throw new Failure('worker_lost', `a tile was not kept: ${this.#fault}`)
    return answer.bytes.byteLength
  }

  get #fault(): string {
    const faults = this.#renderer.tiers.states.flatMap(({ name, fault }) => (fault ? [`${name}: ${fault}`] : []))
    return faults.join('; ') || 'a tier took too long, or holds nothing as large'
  }
}

/** What no other try will help. */
const FINAL = new Set<string>(['invalid', 'too_expensive', 'deadline_exceeded', 'unknown'])
