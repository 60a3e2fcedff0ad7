// Finds islands and Misiurewicz points and shows their labels, by keys and by buttons.
import type * as L from 'leaflet'
import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { fly } from '../map/flight.ts'
import { framed } from '../map/framing.ts'
import { IslandLabels, nameOf } from '../map/labels.ts'
import type { RayOverlay } from '../map/rayoverlay.ts'
import { Features, type Island } from '../net/features.ts'
import { FetchFailure } from '../net/fetching.ts'
import { Interest } from '../net/interest.ts'
import { IslandFinder, placeOf } from '../net/islandfinder.ts'
import type { Place } from '../state/place.ts'
import { seeded } from '../state/random.ts'
import { comparisonOf } from '../state/scale.ts'
import { part } from '../ui/dom.ts'
import { notify } from '../ui/notice.ts'
import { makePane, type Pane } from '../ui/panes.ts'
import { fromTouch } from '../ui/pointer.ts'
import type { Overview } from './overview.ts'

// how much nearer than the map a Misiurewicz point is shown, in zooms
const SPIRAL_ZOOMS = 2

// an island that is less than this many zooms deeper than the view fills it already
const FILLS = 1

// places that a surprise looks at before it takes the best of them
const SURPRISES = 4

export class ExplorePanel {
  readonly pane: Pane
  readonly #root: HTMLElement
  readonly #controller: MapController
  readonly #finder: IslandFinder
  readonly #labels: IslandLabels
  readonly #interest: Interest
  readonly #switch: HTMLInputElement
  readonly #found: HTMLElement
  readonly #comparison: HTMLElement
  /** in pixels of the window; undefined for the middle of the map */
  #cursor: L.Point | undefined
  #search = new AbortController()
  readonly #features: Features
  #rays: RayOverlay | undefined
  #overview: Overview | undefined

  constructor(root: HTMLElement, controller: MapController) {
    this.#root = root
    this.#controller = controller
    const { map, server, store } = controller
    const features = new Features(server.version)
    this.#features = features
    this.#finder = new IslandFinder(features, server.bounds.maxZoom)
    this.#interest = new Interest(server.version)
    this.#labels = new IslandLabels(controller, features, (island) => this.#show(island))
    this.pane = makePane(root, () => this.#compare())
    this.#comparison = part(root, 'comparison')
    this.#found = part(root, 'found')
    this.#switch = part<HTMLInputElement>(root, 'labels')
    this.#switch.addEventListener('change', () => this.#labels.toggle(this.#switch.checked))
    const overview = part<HTMLInputElement>(root, 'overview-on')
    overview.addEventListener('change', () => void this.#showOverview(overview.checked))
    map.leaflet.on('mousemove', ({ containerPoint, originalEvent }) => {
      if (!fromTouch(originalEvent)) this.#cursor = containerPoint
    })
    // keyboard and finger mean the middle
    map.leaflet.getContainer().addEventListener('mouseleave', () => {
      this.#cursor = undefined
    })
    const buttons: Record<string, () => void> = {
      'island-here': () => this.island(),
      'island-inside': () => this.inside(),
      'spiral-here': () => this.spiral(),
      'rays-here': () => this.rays(),
      surprise: () => this.surprise(),
    }
    for (const [id, act] of Object.entries(buttons)) part(root, id).addEventListener('click', act)
    store.watch(['plane'], () => this.#search.abort())
    store.watch(['settled'], () => this.#compare())
  }

  /**
   * Flies to the island under the cursor; from one that fills the view, to a deeper one beside it.
   */
  island(): void {
    void this.#seek(t('No island was found here.'), async (signal) => {
      const near = this.#cursor ? await this.#finder.near(this.#point, signal) : undefined
      const island = near ?? (await this.#finder.dominating(this.#middle, signal))
      if (!island || island.zoom > this.#middle.zoom + FILLS) return island
      return this.#finder.deeper(island, signal)
    })
  }

  /** Flies to the largest island inside the one that the view shows. */
  inside(): void {
    void this.#seek(t('No island was found inside this one.'), async (signal) => {
      const island = await this.#finder.dominating(this.#middle, signal)
      return island && this.#finder.inside(island, signal)
    })
  }

  /** Flies to the Misiurewicz point near the cursor. */
  spiral(): void {
    void this.#begin(async (signal) => {
      const found = await this.#finder.spiral(this.#point, signal)
      if (!found) return notify(t('No Misiurewicz point was found here.'))
      const { preperiod, period } = found
      this.#say(t('Misiurewicz point of preperiod {preperiod} and period {period}.', { preperiod, period }))
      const zoom = Math.min(this.#middle.zoom + SPIRAL_ZOOMS, this.#controller.maxZoom)
      await fly(this.#controller, placeOf(found, zoom), this.#controller.map.rotation)
    })
  }

  /** Shows an overview in the corner, or no longer. */
  toggleOverview(): void {
    const on = part<HTMLInputElement>(this.#root, 'overview-on')
    on.checked = !on.checked
    void this.#showOverview(on.checked)
    notify(
      on.checked ? t('The overview is on. It appears where the whole set is out of sight.') : t('The overview is off.'),
    )
  }

  async #showOverview(on: boolean): Promise<void> {
    const { Overview } = await import('./overview.ts')
    this.#overview ??= new Overview(this.#controller, this.#features)
    this.#overview.toggle(on)
  }

  /** Draws the external rays that land near the cursor, or removes those that are drawn. */
  rays(): void {
    if (this.#rays?.shown) {
      this.#rays.hide()
      this.#showPressed(false)
      this.#say(t('The rays are no longer drawn.'))
      return
    }
    void this.#begin(async (signal) => {
      const landing = await this.#finder.landing(this.#point, signal)
      const { RayOverlay } = await import('../map/rayoverlay.ts')
      signal.throwIfAborted()
      this.#rays ??= new RayOverlay(this.#controller)
      const angles = landing ? await this.#rays.show(landing, signal) : []
      this.#showPressed(angles.length > 0)
      if (!landing || angles.length === 0) return this.#say(t('No external rays were found here.'))
      const values = { ...landing, angles: angles.join(', ') }
      const words =
        'preperiod' in landing
          ? t(
              'External rays of {angles} turns land at the Misiurewicz point of preperiod {preperiod} and period {period}.',
              values,
            )
          : t('External rays of {angles} turns land at the root of the island of period {period}.', values)
      this.#say(words)
    })
  }

  #showPressed(pressed: boolean): void {
    part(this.#root, 'rays-here').ariaPressed = String(pressed)
  }

  /**
   * Goes to a random place: down from island to island, to a view with much detail.
   */
  surprise(seed = crypto.getRandomValues(new Uint32Array(1))[0]!): void {
    const random = seeded(seed)
    void this.#seek(t('No place was found. Try again.'), async (signal) => {
      let best: { island: Island; worth: number } | undefined
      for (let attempt = 0; attempt < SURPRISES; attempt++) {
        const depth = random()
        let island: Island | undefined = { re: '0', im: '0', period: 1, zoom: 0, angle: 0, kind: 'cardioid' }
        for (let walk = 0; island && walk <= 2 * depth; walk++) {
          island = await this.#finder.deeper(island, signal, random)
        }
        const worth = island ? await this.#interest.of(island, signal) : 0
        if (island && worth > (best?.worth ?? 0)) best = { island, worth }
      }
      return best?.island
    })
  }

  toggleLabels(): void {
    this.#switch.checked = !this.#switch.checked
    this.#labels.toggle(this.#switch.checked)
    notify(this.#switch.checked ? t('Islands show their periods.') : t('Labels are off.'))
  }

  // shows how small the view is, while the pane is open
  #compare(): void {
    const { map, store } = this.#controller
    if (!this.pane.open || store.state.plane.julia) return
    this.#comparison.textContent = comparisonOf(map)
  }

  get #middle(): Place {
    return this.#controller.map.place
  }

  get #point(): Place {
    const { map } = this.#controller
    return this.#cursor ? map.placeUnder(this.#cursor) : map.place
  }

  async #seek(none: string, find: (signal: AbortSignal) => Promise<Island | undefined>): Promise<void> {
    await this.#begin(async (signal) => {
      const island = await find(signal)
      if (island) await this.#show(island)
      else this.#say(none)
    })
  }

  // a new search ends the one before it
  async #begin(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#controller.store.state.plane.julia) return notify(t('Only the Mandelbrot set has islands.'))
    this.#search.abort()
    this.#search = new AbortController()
    const { signal } = this.#search
    const map = this.#controller.map.leaflet.getContainer()
    map.dataset.searching = ''
    try {
      await work(signal)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof FetchFailure)) throw error
      this.#say(t('The server gave no answer.'))
    } finally {
      if (!signal.aborted || signal === this.#search.signal) delete map.dataset.searching
    }
  }

  async #show(island: Island): Promise<void> {
    const { map } = this.#controller
    const { place, rotation } = framed(island, map.leaflet.getSize(), this.#controller.maxZoom)
    this.#say(`${nameOf(island)}.`)
    await fly(this.#controller, place, rotation)
  }

  #say(words: string): void {
    this.#found.textContent = words
    notify(words)
  }
}
