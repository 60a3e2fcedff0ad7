// What is drawn over the map as SVG: points of the plane on the screen, however far away they are,
// and lines cut at the screen before the browser gets them.
import { bitLength, magnitude } from '../../plane/decimal.ts'
import { atZoom, FRACTION, type Place, pixelsBetween } from '../state/place.ts'
import type { Point } from '../state/rotation.ts'

// 2^30 pixels of 2^40 units: the farthest that doubles place a point to a part of a pixel
const FARTHEST = FRACTION - 8 + 30
// lines and points are drawn this far beyond the screen, in CSS pixels
const MARGIN = 40

const SVG = 'http://www.w3.org/2000/svg'

/** A layer over a map, of a class, that is hidden from screen readers: words say what it shows. */
export function overlay(container: HTMLElement, name: string): SVGSVGElement {
  const root = document.createElementNS(SVG, 'svg')
  root.classList.add('overlay', name)
  root.setAttribute('aria-hidden', 'true')
  container.append(root)
  return root
}

/**
 * The same as pixelsBetween, but limited to 2^30: points beyond are moved nearer in their
 * direction.
 */
export function pixelsTowards(from: Place, to: Place): Point {
  const there = atZoom(to, from.zoom)
  const [x, y] = [there.x - from.x, there.y - from.y]
  const excess = BigInt(Math.max(0, bitLength(magnitude(x)) - FARTHEST, bitLength(magnitude(y)) - FARTHEST))
  return pixelsBetween(from, { zoom: from.zoom, x: from.x + (x >> excess), y: from.y + (y >> excess) })
}

export function isNear({ x, y }: Point, size: Point, margin = MARGIN): boolean {
  return x >= -margin && y >= -margin && x <= size.x + margin && y <= size.y + margin
}

/** The part of a line that is near the screen, by the method of Liang and Barsky. */
export function clip(from: Point, to: Point, size: Point) {
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

export function element(name: string, attributes: Record<string, string | number>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  made.textContent = text
  return made
}
