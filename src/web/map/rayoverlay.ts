// External rays over the map: how the plane outside the set is reached from the place where they
// land, each with its angle in turns.
import { type Decimal, parseDecimal } from '../../plane/decimal.ts'
import { SPAN, TILE_SIZE } from '../../plane/tile.ts'
import type { Island, MisiurewiczPoint } from '../net/features.ts'
import { placeAt } from '../state/place.ts'
import { type Point, toScreen } from '../state/rotation.ts'
import { oncePerFrame } from '../ui/drawing.ts'
import type { MapController } from './controller.ts'
import { EXACT } from './externalray.ts'
import { fractionOf, type Ray } from './landing.ts'
import { clip, element, isNear, overlay, pixelsTowards } from './overlay.ts'
import type { RaysWanted } from './raysworker.ts'

// rays are followed this many zooms deeper than the map, so that they stay while it moves on
const AHEAD = 24
// labels stay this far inside the screen, where no panel is, and this far from each other, in CSS
// pixels
const INSIDE = 84
const APART = 40
// of a longer fraction the digits say nothing
const LONGEST = 24
const RADIUS = 5

export class RayOverlay {
  readonly #controller: MapController
  readonly #root: SVGElement
  readonly #schedule = oncePerFrame(() => this.#draw())
  /** where they land, or the nucleus beside it */
  #landing: { re: Decimal; im: Decimal } | undefined
  #rays: Ray[] = []

  constructor(controller: MapController) {
    this.#controller = controller
    this.#root = overlay(controller.map.leaflet.getContainer(), 'rays')
    controller.store.watch(['place', 'rotation', 'plane'], this.#schedule)
    controller.map.leaflet.on('resize', this.#schedule)
  }

  get shown(): boolean {
    return this.#rays.length > 0
  }

  hide(): void {
    this.#rays = []
    this.#schedule()
  }

  /** Draws the rays that land at a place, or at an island's root; returns their angles. */
  async show(landing: Island | MisiurewiczPoint, signal: AbortSignal): Promise<string[]> {
    const nearest = 2 ** -(this.#controller.map.place.zoom + AHEAD)
    const rays = await trace({ landing, nearest }, signal)
    this.#landing = { re: parseDecimal(landing.re)!, im: parseDecimal(landing.im)! }
    this.#rays = rays
    this.#schedule()
    return rays.map(nameOf)
  }

  #draw(): void {
    const { map, store } = this.#controller
    if (!this.#landing || store.state.plane.julia) {
      this.#root.replaceChildren()
      return
    }
    const size = map.leaflet.getSize()
    const { place, rotation } = map
    const base = pixelsTowards(place, placeAt(this.#landing.re, this.#landing.im, place.zoom))
    const scale = (TILE_SIZE / SPAN) * 2 ** place.zoom
    const onScreen = ({ re, im }: { re: number; im: number }): Point => {
      const { x, y } = toScreen({ x: base.x + re * scale, y: base.y - im * scale }, rotation)
      return { x: size.x / 2 + x, y: size.y / 2 + y }
    }
    // where doubles place a point to a pixel
    const drawable = ({ re, im }: { re: number; im: number }) => Math.hypot(re, im) * scale * EXACT < 1
    const lines: SVGElement[] = []
    const labels: { at: Point; text: string }[] = []
    for (const ray of this.#rays) {
      const points = ray.points.filter(drawable).map(onScreen)
      let path = ''
      points.slice(1).forEach((to, n) => {
        const cut = clip(points[n]!, to, size)
        if (cut) path += `M${cut.x1.toFixed(1)} ${cut.y1.toFixed(1)}L${cut.x2.toFixed(1)} ${cut.y2.toFixed(1)}`
      })
      if (path) lines.push(element('path', { d: path }))
      const free = ({ x, y }: Point) => labels.every(({ at }) => Math.hypot(at.x - x, at.y - y) >= APART)
      const at = points.find((point) => isNear(point, size, -INSIDE) && free(point))
      if (at) labels.push({ at, text: nameOf(ray) })
    }
    const end = this.#rays[0]?.points.at(-1)
    const mark = end && onScreen(end)
    if (mark && isNear(mark, size)) lines.push(element('circle', { cx: mark.x, cy: mark.y, r: RADIUS }))
    const texts = labels.map(({ at, text }) => element('text', at as unknown as Record<string, number>, text))
    this.#root.replaceChildren(...lines, ...texts)
  }
}

/** A ray's angle as a fraction, or where that is long as a decimal. */
function nameOf({ angle }: Ray): string {
  const fraction = fractionOf(angle)
  if (fraction.length <= LONGEST) return fraction
  const digits = (angle.numerator * 10n ** 12n) / angle.denominator
  return `0.${digits.toString().padStart(12, '0')}…`
}

/** The rays that a worker follows; an aborted signal ends it. */
function trace(wanted: RaysWanted, signal: AbortSignal): Promise<Ray[]> {
  const worker = new Worker(new URL('./raysworker.ts', import.meta.url), { type: 'module' })
  return new Promise<Ray[]>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    worker.addEventListener('message', ({ data }: MessageEvent<Ray[]>) => resolve(data))
    worker.addEventListener('error', ({ message }) => reject(new Error(message)))
    worker.postMessage(wanted)
  }).finally(() => worker.terminate())
}
