// The orbit of a point over the map: its first iterates joined, coloured by iteration, and the
// cycle that they approach.
//
// Iterates are exact places, as the map's centre is. On a deep map most of them lie 2^100 screens
// away and more.
import { parseDecimal } from '../../plane/decimal.ts'
import type { PointOrbit } from '../net/features.ts'
import { type Place, placeAt } from '../state/place.ts'
import { type Point, toScreen } from '../state/rotation.ts'
import { oncePerFrame } from '../ui/drawing.ts'
import type { MapController } from './controller.ts'
import { clip, element, isNear, overlay, pixelsTowards } from './overlay.ts'

const RADIUS = 3
const CYCLE_RADIUS = 7

export class OrbitOverlay {
  readonly #controller: MapController
  readonly #root: SVGElement
  readonly #schedule = oncePerFrame(() => this.#draw())
  #iterates: Place[] = []
  #cycle: Place[] = []

  constructor(controller: MapController) {
    this.#controller = controller
    this.#root = overlay(controller.map.leaflet.getContainer(), 'orbit')
    controller.store.watch(['place', 'rotation', 'plane'], this.#schedule)
    controller.map.leaflet.on('resize', this.#schedule)
  }

  /** Shows an orbit, or none. */
  show(orbit: PointOrbit | undefined): void {
    const { zoom } = this.#controller.map.place
    const place = ([re, im]: [string, string]) => placeAt(parseDecimal(re)!, parseDecimal(im)!, zoom)
    // from 0 on, whose orbit it is
    this.#iterates = orbit ? [['0', '0'] as [string, string], ...orbit.points].map(place) : []
    this.#cycle = orbit?.cycle?.map(place) ?? []
    this.#schedule()
  }

  #draw(): void {
    const { map, store } = this.#controller
    const size = map.leaflet.getSize()
    const onScreen = (place: Place): Point => {
      const { x, y } = toScreen(pixelsTowards(map.place, place), map.rotation)
      return { x: size.x / 2 + x, y: size.y / 2 + y }
    }
    const shown = !store.state.plane.julia
    const points = shown ? this.#iterates.map(onScreen) : []
    const colour = (n: number) => `hsl(${50 + (250 * n) / points.length} 95% ${70 - (15 * n) / points.length}%)`
    const elements: SVGElement[] = []
    points.slice(1).forEach((to, n) => {
      const cut = clip(points[n]!, to, size)
      if (cut) elements.push(element('line', { ...cut, stroke: colour(n + 1) }))
    })
    points.forEach(({ x, y }, n) => {
      if (isNear({ x, y }, size))
        elements.push(element('circle', { cx: x, cy: y, r: RADIUS, fill: colour(n), 'data-n': n }))
    })
    for (const { x, y } of shown ? this.#cycle.map(onScreen) : [])
      if (isNear({ x, y }, size)) elements.push(element('circle', { cx: x, cy: y, r: CYCLE_RADIUS, class: 'cycle' }))
    this.#root.replaceChildren(...elements)
  }
}
