// The value under the cursor, the fate of its orbit, and a small picture of that point's Julia set,
// which the page draws itself. Without a cursor, on a touch screen or by keyboard, the point is the
// middle of the map.
import type * as L from 'leaflet'
import { inPyramid } from '../../plane/tile.ts'
import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { juliaCount } from '../map/escape.ts'
import type { OrbitOverlay } from '../map/orbitoverlay.ts'
import { indexPicture, paintPicture } from '../map/paint.ts'
import { Features } from '../net/features.ts'
import { FetchFailure } from '../net/fetching.ts'
import { TileValues } from '../net/tilevalues.ts'
import { coordinates, type Place, pixelAt, tileAt } from '../state/place.ts'
import type { Coordinates } from '../state/plane.ts'
import { part } from '../ui/dom.ts'
import { oncePerFrame } from '../ui/drawing.ts'
import { notify } from '../ui/notice.ts'
import { elide, signed } from '../ui/numbers.ts'
import { makePane, type Pane } from '../ui/panes.ts'
import { fromTouch } from '../ui/pointer.ts'
import { describeOrbit } from './behaviour.ts'

// iterates that are drawn
const ITERATES = 200

// how long the cursor rests before the values of its tile are fetched, milliseconds
const REST = 160

// The picture shows re and im from -1.7 to 1.7, which holds nearly all of every Julia set.
// A point that does not escape within the limit counts as interior.
const HALF_SPAN = 1.7
const LIMIT = 300

// a Julia set's parameter is a double, so more fractional digits than this are lost
const DOUBLE_DIGITS = 17

export class ProbePanel {
  readonly pane: Pane
  readonly #root: HTMLElement
  readonly #crosshair: HTMLElement
  readonly #controller: MapController
  readonly #values: TileValues
  readonly #features: Features
  readonly #switch: HTMLInputElement
  #overlay: OrbitOverlay | undefined
  #asked = new AbortController()
  /** in pixels of the window; undefined for the middle of the map */
  #cursor: L.Point | undefined
  readonly #schedule = oncePerFrame(() => this.#draw())
  #pinned = false
  #timer: number | undefined

  constructor(root: HTMLElement, crosshair: HTMLElement, controller: MapController) {
    this.#root = root
    this.#crosshair = crosshair
    this.#controller = controller
    this.#values = new TileValues(controller.server.version)
    this.#features = new Features(controller.server.version)
    this.#switch = part<HTMLInputElement>(root, 'draw-orbit')
    this.#switch.addEventListener('change', () => this.#schedule())
    this.pane = makePane(root, () => this.#reset())
    const { map, store } = controller
    map.leaflet.on('mousemove', ({ containerPoint, originalEvent }) => {
      if (this.#pinned || fromTouch(originalEvent)) return
      this.#cursor = containerPoint
      this.#schedule()
    })
    map.leaflet.on('click', ({ containerPoint }) => this.pane.open && this.#togglePin(containerPoint))
    store.watch(['place', 'appearance', 'plane'], () => this.#schedule())
    part(root, 'enter-julia').addEventListener('click', () => this.enterJulia())
  }

  /** Shows the Julia set of the point as a map of its own. */
  enterJulia(): void {
    if (!this.#controller.store.state.plane.julia) this.#controller.enterJulia(this.#point)
  }

  /** Draws the orbit of the point, or removes it. */
  toggleOrbit(): void {
    // the orbit is drawn in the plane of c
    if (this.#controller.store.state.plane.julia) return
    this.#switch.checked = !(this.pane.open && this.#switch.checked)
    if (this.#switch.checked) this.pane.toggle(true)
    notify(this.#switch.checked ? t('The orbit is drawn on the map.') : t('The orbit is no longer drawn.'))
    this.#schedule()
  }

  #reset(): void {
    this.#pinned = false
    this.#cursor = undefined
    this.#schedule()
  }

  // A click holds the point, so that it does not change on the way to the button. Another click
  // releases it.
  #togglePin(at: L.Point): void {
    this.#pinned = !this.#pinned
    this.#cursor = at
    this.#schedule()
  }

  #draw(): void {
    this.#showCrosshair()
    const { plane } = this.#controller.store.state
    const inJulia = plane.julia !== undefined
    if (!this.pane.open || !this.#switch.checked || inJulia) this.#overlay?.show(undefined)
    if (!this.pane.open) return
    part(this.#root, 'behaviour').hidden = inJulia
    part(this.#root, 'orbit-row').hidden = inJulia
    part(this.#root, 'julia').hidden = inJulia
    part(this.#root, 'enter-julia').hidden = inJulia
    part(this.#root, 'probe-hint').textContent = this.#pinned
      ? t('Press the map again to release it.')
      : this.#cursor
        ? t('Press the map to hold this point.')
        : t('The point in the middle.')
    const { re, im } = coordinates(this.#place, plane)
    part(this.#root, 'point').textContent = `${elide(signed(re))} ${elide(signed(im))} i`
    if (!inJulia) this.#drawJulia()
    clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => {
      void this.#showValue()
      if (!inJulia) void this.#showOrbit()
    }, REST)
  }

  async #showOrbit(): Promise<void> {
    this.#asked.abort()
    this.#asked = new AbortController()
    const { signal } = this.#asked
    const words = part(this.#root, 'behaviour')
    words.classList.add('dim')
    try {
      const drawn = this.#switch.checked
      const orbit = await this.#features.orbit(coordinates(this.#place), drawn ? ITERATES : 1, signal)
      if (drawn) {
        const { OrbitOverlay } = await import('../map/orbitoverlay.ts')
        this.#overlay ??= new OrbitOverlay(this.#controller)
      }
      if (signal.aborted || !this.pane.open) return
      this.#overlay?.show(drawn ? orbit : undefined)
      words.textContent = describeOrbit(orbit)
      words.classList.remove('dim')
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof FetchFailure)) throw error
      words.textContent = ''
    }
  }

  #drawJulia(): void {
    const canvas = part<HTMLCanvasElement>(this.#root, 'julia')
    const [cx, cy] = [Number(this.#point.re), Number(this.#point.im)]
    const { width } = canvas
    const at = (k: number) => (2 * HALF_SPAN * (k + 0.5)) / width - HALF_SPAN
    const nu = Float64Array.from({ length: width * width }, (_, k) =>
      juliaCount(at(k % width), -at(Math.floor(k / width)), cx, cy, LIMIT),
    )
    const appearance = { ...this.#controller.store.state.appearance, style: 'smooth' as const }
    paintPicture(canvas, indexPicture(width, 0, appearance, { nu }), appearance)
  }

  async #showValue(): Promise<void> {
    const { plane, appearance } = this.#controller.store.state
    const place = this.#place
    const tile = tileAt(place)
    const value = part(this.#root, 'value')
    if (!inPyramid(tile.x, tile.z) || !inPyramid(tile.y, tile.z)) {
      value.textContent = t('outside the map')
      return
    }
    value.classList.add('dim')
    try {
      const nu = await this.#values.valueAt(plane, tile, pixelAt(place), appearance.limit)
      const now = this.#place
      if (!this.pane.open || now.zoom !== place.zoom || now.x !== place.x || now.y !== place.y) return
      value.textContent = describe(nu)
      value.classList.remove('dim')
    } catch (error) {
      if (!(error instanceof FetchFailure)) throw error
      value.textContent = t('no value arrived')
    }
  }

  /** The exact place under the cursor. */
  get #place(): Place {
    const { map } = this.#controller
    return this.#cursor ? map.placeUnder(this.#cursor) : map.place
  }

  get #point(): Coordinates {
    const { re, im } = coordinates(this.#place)
    return { re: toDouble(re), im: toDouble(im) }
  }

  #showCrosshair(): void {
    this.#crosshair.hidden = !this.pane.open || !(this.#pinned || !this.#cursor)
    const { x, y } = this.#cursor ?? this.#controller.map.leaflet.getSize().divideBy(2)
    this.#crosshair.style.translate = `${x}px ${y}px`
  }
}

function describe(nu: number): string {
  if (nu === -1) return t('in the set, proven')
  if (nu < 0) return t('reached the iteration limit')
  const number = nu.toLocaleString('en', { maximumFractionDigits: 2, minimumFractionDigits: 2 })
  return t('{number} iterations', { number })
}

function toDouble(decimal: string): string {
  return String(Number(decimal).toFixed(DOUBLE_DIGITS)).replace(/\.?0+$/, '')
}
