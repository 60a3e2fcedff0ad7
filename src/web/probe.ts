// Under the cursor: the value there, and a small picture of that point's Julia set, which the page draws itself at once. Where there is
// no cursor, on a touch screen or by keyboard, it is the middle of the map.
import type * as L from 'leaflet'
import { inPyramid, TILE_SIZE } from '../plane/tile.ts'
import type { Atlas } from './atlas.ts'
import { Counts } from './counts.ts'
import { find } from './dom.ts'
import { juliaCount } from './escape.ts'
import { FetchFailure } from './fetching.ts'
import { placeOf } from './frame.ts'
import { paint } from './paint.ts'
import { type Pane, pane } from './panes.ts'
import { coordinates, FRACTION, type Place } from './place.ts'
import type { Point } from './plane.ts'
import { elide, signed } from './readout.ts'

// how long the cursor rests before its tile's counts are fetched, milliseconds
const REST = 160

// the inset shows [-1.7, 1.7], which holds nearly all that there is to see; past its limit a point counts as inside
const HALF = 1.7
const LIMIT = 300

// a Julia set's point is a double: digits behind the point
const DOUBLE = 17

export class Probe {
  readonly #atlas: Atlas
  readonly #pane: Pane
  readonly #counts: Counts
  /** where the cursor is, in pixels of the window; undefined for the middle */
  #cursor: L.Point | undefined
  #pinned = false
  #asked = false
  #rest: number | undefined

  constructor(atlas: Atlas) {
    this.#atlas = atlas
    this.#counts = new Counts(atlas.server.version)
    this.#pane = pane('probe', () => this.#turned())
    const { map } = atlas
    map.on('mousemove', ({ containerPoint, originalEvent }) => {
      if (
        this.#pinned ||
        (originalEvent as MouseEvent & { sourceCapabilities?: { firesTouchEvents: boolean } }).sourceCapabilities
          ?.firesTouchEvents
      )
        return
      this.#cursor = containerPoint
      this.#ask()
    })
    map.on('click', ({ containerPoint }) => this.#pane.open && this.#pin(containerPoint))
    map.on('move zoomend moveend', () => this.#ask())
    for (const event of ['look', 'plane']) atlas.addEventListener(event, () => this.#ask())
    find('enter-julia').addEventListener('click', () => this.enter())
  }

  /** Opens or closes it. */
  toggle(): void {
    this.#pane.show(!this.#pane.open)
  }

  /** Shows the Julia set of the point as a map of its own. */
  enter(): void {
    if (this.#atlas.plane.julia) return
    this.#atlas.enterJulia(this.#point)
  }

  #turned(): void {
    this.#pinned = false
    this.#cursor = undefined
    this.#ask()
  }

  // a press holds the point, so that the way to the button does not change it; another lets it go
  #pin(at: L.Point): void {
    this.#pinned = !this.#pinned
    this.#cursor = at
    this.#ask()
  }

  #ask(): void {
    if (!this.#asked) requestAnimationFrame(() => this.#draw())
    this.#asked = true
  }

  #draw(): void {
    this.#asked = false
    this.#showCrosshair()
    if (!this.#pane.open) return
    const inJulia = this.#atlas.plane.julia !== undefined
    find('julia').hidden = inJulia
    find('enter-julia').hidden = inJulia
    find('probe-hint').textContent = this.#pinned
      ? 'Press the map again to let go.'
      : this.#cursor
        ? 'Press the map to hold this point.'
        : 'The point in the middle.'
    const { re, im } = coordinates(this.#place, this.#atlas.plane)
    find('point').textContent = `${elide(signed(re))} ${elide(signed(im))} i`
    if (!inJulia) this.#paint()
    clearTimeout(this.#rest)
    this.#rest = window.setTimeout(() => void this.#value(), REST)
  }

  #paint(): void {
    const canvas = find<HTMLCanvasElement>('julia')
    const [cx, cy] = [Number(this.#point.re), Number(this.#point.im)]
    const { width } = canvas
    const at = (k: number) => (2 * HALF * (k + 0.5)) / width - HALF
    const nu = Float64Array.from({ length: width * canvas.height }, (_, k) =>
      juliaCount(at(k % width), -at(Math.floor(k / width)), cx, cy, LIMIT),
    )
    paint(canvas, 0, { ...this.#atlas.appearance, style: 'smooth' }, { nu })
  }

  async #value(): Promise<void> {
    const { plane, appearance } = this.#atlas
    const place = this.#place
    const tile = { z: place.zoom, x: place.x >> BigInt(FRACTION), y: place.y >> BigInt(FRACTION) }
    const pixel = (fixed: bigint) => Number(BigInt.asUintN(FRACTION, fixed) >> BigInt(FRACTION - Math.log2(TILE_SIZE)))
    const words = find('value')
    if (!inPyramid(tile.x, tile.z) || !inPyramid(tile.y, tile.z)) {
      words.textContent = 'outside the map'
      return
    }
    words.classList.add('dim')
    try {
      const nu = await this.#counts.at(plane, tile, pixel(place.x), pixel(place.y), appearance.limit)
      const now = this.#place
      if (!this.#pane.open || now.zoom !== place.zoom || now.x !== place.x || now.y !== place.y) return
      words.textContent = describe(nu)
      words.classList.remove('dim')
    } catch (error) {
      if (!(error instanceof FetchFailure)) throw error
      words.textContent = 'no value arrived'
    }
  }

  /** The point under the cursor, exactly. */
  get #place(): Place {
    const { map } = this.#atlas
    if (!this.#cursor) return map.place
    const zoom = Math.round(map.getZoom())
    const local = map
      .getPixelBounds()
      .min!.add(this.#cursor)
      .multiplyBy(2 ** (zoom - map.getZoom()))
    return placeOf(map.frame, zoom, local)
  }

  get #point(): Point {
    const { re, im } = coordinates(this.#place)
    return { re: shortened(re), im: shortened(im) }
  }

  #showCrosshair(): void {
    const crosshair = find('crosshair')
    crosshair.hidden = !this.#pane.open || !(this.#pinned || !this.#cursor)
    const { x, y } = this.#cursor ?? this.#atlas.map.getSize().divideBy(2)
    crosshair.style.translate = `${x}px ${y}px`
  }
}

function describe(nu: number): string {
  if (nu === -1) return 'in the set, proven'
  if (nu < 0) return 'met the iteration limit'
  return `${nu.toLocaleString('en', { maximumFractionDigits: 2, minimumFractionDigits: 2 })} iterations`
}

function shortened(decimal: string): string {
  return String(Number(decimal).toFixed(DOUBLE)).replace(/\.?0+$/, '')
}
