import { readWhole } from '../../core/parse.ts'
import { inPyramid } from '../../plane/tile.ts'
import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { FetchFailure } from '../net/fetching.ts'
import { TileValues } from '../net/tilevalues.ts'
import { tileAt } from '../state/place.ts'
import { part } from '../ui/dom.ts'

// where a limit of the visitor's own starts: enough for most places down to zoom 30
const FIRST_LIMIT = 10_000

// the share of a tile's pixels at the limit from which a hint is shown; fewer are hardly visible
const HINT_SHARE = 0.02

/** The iteration limit: automatic, or the visitor's own. */
export class IterationControls {
  readonly #root: HTMLElement
  readonly #controller: MapController
  readonly #values: TileValues

  constructor(root: HTMLElement, controller: MapController) {
    this.#root = root
    this.#controller = controller
    this.#values = new TileValues(controller.server.version)
    const limit = part<HTMLInputElement>(root, 'limit')
    part<HTMLInputElement>(root, 'auto').addEventListener('change', ({ target }) => {
      if ((target as HTMLInputElement).checked) controller.restyle({ limit: 'auto' })
      else this.scale(1)
    })
    part(root, 'fewer').addEventListener('click', () => this.scale(1 / 2))
    part(root, 'more').addEventListener('click', () => this.scale(2))
    limit.addEventListener('change', () => {
      const text = limit.value.replace(/[\s_,.']/g, '')
      if (text === '' || text === 'auto') controller.restyle({ limit: 'auto' })
      else if (readWhole(text) >= 0) this.#set(readWhole(text))
      else limit.setAttribute('aria-invalid', 'true')
    })
    controller.store.watch(['appearance'], () => this.#show())
    controller.store.watch(['loading'], () => controller.store.state.loading.pending === 0 && void this.showHint())
    this.#show()
  }

  /**
   * While the controls are visible, says so when many pixels in the middle of the screen reached
   * the limit. Not in a Julia set, whose interior always reaches it.
   */
  async showHint(): Promise<void> {
    if (!this.#root.checkVisibility()) return
    const { plane, place, appearance } = this.#controller.store.state
    const hint = part(this.#root, 'limited')
    const tile = tileAt(place)
    try {
      const none = plane.julia !== undefined || !(inPyramid(tile.x, tile.z) && inPyramid(tile.y, tile.z))
      const share = none ? 0 : await this.#values.limitedShare(plane, tile, appearance.limit)
      hint.hidden = share < HINT_SHARE
      hint.textContent = t('{percent} % of the middle reached the limit; a higher one may show more.', {
        percent: Math.round(100 * share),
      })
    } catch (error) {
      if (!(error instanceof FetchFailure)) throw error
      hint.hidden = true
    }
  }

  /** Multiplies the limit; where it is automatic, `base` is multiplied instead. */
  scale(factor: number, base = FIRST_LIMIT): void {
    const { limit } = this.#controller.store.state.appearance
    this.#set(Math.round((limit === 'auto' ? base : limit) * factor))
  }

  #set(limit: number): void {
    const { min, max } = this.#controller.server.bounds.limit
    this.#controller.restyle({ limit: Math.min(Math.max(limit, min), max) })
    this.#show()
  }

  #show(): void {
    const { limit } = this.#controller.store.state.appearance
    const field = part<HTMLInputElement>(this.#root, 'limit')
    part<HTMLInputElement>(this.#root, 'auto').checked = limit === 'auto'
    field.value = limit === 'auto' ? '' : String(limit)
    field.removeAttribute('aria-invalid')
  }
}
