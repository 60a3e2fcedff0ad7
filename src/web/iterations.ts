import { readWhole } from '../core/parse.ts'
import { inPyramid } from '../plane/tile.ts'
import type { Atlas } from './atlas.ts'
import { Counts } from './counts.ts'
import { find } from './dom.ts'
import { FetchFailure } from './fetching.ts'
import { FRACTION } from './place.ts'

// what an override starts from: enough for most places down to zoom 30 or so
const FIRST_LIMIT = 10_000

// of a tile: fewer pixels at the limit are hardly seen
const MANY = 0.02

/** The iteration limit: what the place needs, or a visitor's own. */
export class Iterations {
  readonly #atlas: Atlas
  readonly #counts: Counts

  constructor(atlas: Atlas) {
    this.#atlas = atlas
    this.#counts = new Counts(atlas.server.version)
    const limit = find<HTMLInputElement>('limit')
    find<HTMLInputElement>('auto').addEventListener('change', ({ target }) => {
      if ((target as HTMLInputElement).checked) atlas.change({ limit: 'auto' })
      else this.scale(1)
    })
    find('fewer').addEventListener('click', () => this.scale(1 / 2))
    find('more').addEventListener('click', () => this.scale(2))
    limit.addEventListener('change', () => {
      const text = limit.value.replace(/[\s_,.']/g, '')
      if (text === '' || text === 'auto') atlas.change({ limit: 'auto' })
      else if (readWhole(text) >= 0) this.#set(readWhole(text))
      else limit.setAttribute('aria-invalid', 'true')
    })
    atlas.addEventListener('look', () => this.#show())
    // while the pane is open, and whenever the view is complete
    atlas.traffic.addEventListener('change', () => atlas.traffic.pending === 0 && void this.hint())
    this.#show()
  }

  /** Says so where many pixels in the middle of the screen met the limit. A Julia set's inside always does. */
  async hint(): Promise<void> {
    const { plane, place, appearance } = this.#atlas
    if (find('colours').hidden) return
    const words = find('limited')
    const tile = { z: place.zoom, x: place.x >> BigInt(FRACTION), y: place.y >> BigInt(FRACTION) }
    try {
      const none = plane.julia !== undefined || !(inPyramid(tile.x, tile.z) && inPyramid(tile.y, tile.z))
      const share = none ? 0 : await this.#counts.limited(plane, tile, appearance.limit)
      words.hidden = share < MANY
      words.textContent = `${Math.round(100 * share)} % of the middle met the limit; a higher one may show more.`
    } catch (error) {
      if (!(error instanceof FetchFailure)) throw error
      words.hidden = true
    }
  }

  /** Multiplies the limit; `base` is what to multiply where the place had chosen. */
  scale(factor: number, base = FIRST_LIMIT): void {
    const { limit } = this.#atlas.appearance
    this.#set(Math.round((limit === 'auto' ? base : limit) * factor))
  }

  #set(limit: number): void {
    const { min, max } = this.#atlas.server.bounds.limit
    this.#atlas.change({ limit: Math.min(Math.max(limit, min), max) })
    this.#show()
  }

  #show(): void {
    const { limit } = this.#atlas.appearance
    const field = find<HTMLInputElement>('limit')
    find<HTMLInputElement>('auto').checked = limit === 'auto'
    field.value = limit === 'auto' ? '' : String(limit)
    field.removeAttribute('aria-invalid')
  }
}
