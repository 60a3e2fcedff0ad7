// The orbit of a point over the map: its first iterates joined, coloured by iteration, and the
// cycle that they approach.
//
// Iterates are exact places, as the map's centre is. On a deep map most of them lie 2^100 screens
// away and more. So an iterate is drawn in along its direction to where doubles still place it to a
// part of a pixel, and lines are cut at the screen before the browser gets them.
import { bitLength, magnitude, parseDecimal } from '../../plane/decimal.ts'
import type { PointOrbit } from '../net/features.ts'
import { atZoom, FRACTION, type Place, pixelsBetween, placeAt } from '../state/place.ts'
import { type Point, toScreen } from '../state/rotation.ts'
import { oncePerFrame } from '../ui/drawing.ts'
import type { MapController } from './controller.ts'

// 2^30 pixels of 2^40 units: the farthest that an iterate is drawn
const FARTHEST = FRACTION - 8 + 30
// lines and points are drawn this far beyond the screen, in CSS pixels
const MARGIN = 40
const RADIUS = 3
const CYCLE_RADIUS = 7

const SVG = 'http://www.w3.org/2000/svg'

export class OrbitOverlay {
  readonly #controller: MapController
  readonly #root = document.createElementNS(SVG, 'svg')
  readonly #schedule = oncePerFrame(() => this.#draw())
  #iterates: Place[] = []
  #cycle: Place[] = []

  constructor(controller: MapController) {
    this.#controller = controller
    this.#root.classList.add('orbit')
    this.#root.setAttribute('aria-hidden', 'true')
    controller.map.leaflet.getContainer().append(this.#root)
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
      const { x, y } = toScreen(offset(map.place, place), map.rotation)
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

/** The same as pixelsBetween, but no farther than 2^30. */
function offset(from: Place, to: Place): Point {
  const there = atZoom(to, from.zoom)
  const [x, y] = [there.x - from.x, there.y - from.y]
  const excess = BigInt(Math.max(0, bitLength(magnitude(x)) - FARTHEST, bitLength(magnitude(y)) - FARTHEST))
  return pixelsBetween(from, { zoom: from.zoom, x: from.x + (x >> excess), y: from.y + (y >> excess) })
}

function isNear({ x, y }: Point, size: Point): boolean {
  return x >= -MARGIN && y >= -MARGIN && x <= size.x + MARGIN && y <= size.y + MARGIN
}

/** The part of a line that is near the screen, by the method of Liang and Barsky. */
function clip(from: Point, to: Point, size: Point) {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  let [first, last] = [0, 1]
  for (const [p, q] of [
    [-dx, from.x + MARGIN],
    [dx, size.x + MARGIN - from.x],
    [-dy, from.y + MARGIN],
    [dy, size.y + MARGIN - from.y],
  ] as const) {
    if (p === 0 && q < 0) return undefined
    if (p < 0) first = Math.max(first, q / p)
    if (p > 0) last = Math.min(last, q / p)
  }
  if (first > last) return undefined
  return { x1: from.x + first * dx, y1: from.y + first * dy, x2: from.x + last * dx, y2: from.y + last * dy }
}

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  return made
}
