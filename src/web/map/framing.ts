import type { Island } from '../net/features.ts'
import { onAxis } from '../net/islandfinder.ts'
import type { Place } from '../state/place.ts'
import { restingRotation } from '../state/rotation.ts'

// The width of a copy of the set with some room around it, and its middle, in units of its size. A
// disc is as wide as its size, with its own discs around it.
const FRAMES = {
  cardioid: { wide: 2.8, high: 2.5, middle: -0.76 },
  disc: { wide: 2, high: 2, middle: 0 },
}

/** The view that shows an island upright, as large as a screen holds it, from a zoom on. */
export function framed(
  island: Island,
  { x, y }: { x: number; y: number },
  maxZoom: number,
  leastZoom = 0,
): { place: Place; rotation: number } {
  const { zoom, angle, kind } = island
  const { wide, high, middle } = FRAMES[kind]
  // at an island's own zoom its size is 256/3 pixels
  const fitting = zoom + Math.log2((Math.min(x / wide, y / high) * 3) / 256)
  const shown = Math.floor(100 * Math.min(Math.max(leastZoom, fitting), maxZoom)) / 100
  return { place: onAxis(island, middle, shown), rotation: restingRotation(-angle) + 0 }
}
