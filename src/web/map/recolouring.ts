// Shows the loaded tiles in other colours. All tiles on the screen change in the same frame: their
// pictures are decoded first, beside the main thread, and exchanged together. While that goes on
// further changes are not queued: the next round takes the newest colours.
import type { MapAppearance } from '../state/appearance.ts'
import type { Tile } from './tile.ts'

export interface Colours {
  appearance: MapAppearance
  /** names the colours, see `Tile.coloursKey` */
  key: string
}

// tiles beside the screen are exchanged in groups of this size
const BATCH = 12

export class Recolouring {
  readonly #colours: () => Colours
  readonly #tiles: () => { visible: Tile[]; hidden: Tile[] }
  readonly #onEnd: () => void
  #running = false

  constructor(colours: () => Colours, tiles: () => { visible: Tile[]; hidden: Tile[] }, onEnd: () => void) {
    this.#colours = colours
    this.#tiles = tiles
    this.#onEnd = onEnd
  }

  /** Are there tiles on the map in older colours? */
  get running(): boolean {
    return this.#running
  }

  /** The colours have changed, or tiles in older ones have been shown. */
  start(): void {
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (;;) {
      const colours = this.#colours()
      const { visible, hidden } = this.#tiles()
      const outdated = (tile: Tile) => tile.recolourable && tile.coloursKey !== colours.key
      const next = visible.filter(outdated)
      const batch = next.length > 0 ? next : hidden.filter(outdated).slice(0, BATCH)
      if (batch.length === 0) break
      const exchanges = await Promise.all(batch.map((tile) => tile.recoloured(colours.appearance, colours.key)))
      await new Promise(requestAnimationFrame)
      for (const exchange of exchanges) exchange()
    }
    this.#running = false
    this.#onEnd()
  }
}
