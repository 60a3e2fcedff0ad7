// The arithmetic of the floating origin. Leaflet counts pixels in doubles, so it gets small
// numbers: pixels from the corner of one tile, the frame, whose own address is exact. The frame
// stays some zooms above the view. Its corner is a corner of tiles at every deeper zoom too, so
// Leaflet's rule for parent and child tiles stays valid.
import { TILE_SIZE, type TileAddress } from '../../plane/tile.ts'
import { FRACTION, levelOf, type Place } from '../state/place.ts'

/**
 * The tile whose top left corner is Leaflet's origin. Outside the pyramid its x and y may be
 * negative.
 */
export type Frame = TileAddress

// A new frame lies TRAIL zooms above the view: 2^16 tiles of 256 pixels are 2^24 pixels, which
// doubles and the browser's layout hold exactly. It is kept until the view is nearer than NEAR
// (parents of the tiles on the screen must lie below it), further than FAR, or was dragged past
// REACH pixels.
const TRAIL = 16
const NEAR = 8
const FAR = 24
const REACH = 2 ** 30

// down to this zoom the whole pyramid is within reach, and the frame is the pyramid
const WHOLE = 20

/** The frame for a view of this place. */
export function frameFor(place: Place): Frame {
  const level = levelOf(place.zoom)
  if (level <= WHOLE) return { z: 0, x: 0n, y: 0n }
  const levels = BigInt(TRAIL + FRACTION)
  return { z: level - TRAIL, x: place.x >> levels, y: place.y >> levels }
}

/** May the view stay in this frame? x and y are its centre in local pixels. */
export function fits(frame: Frame, zoom: number, { x, y }: { x: number; y: number }): boolean {
  const distance = levelOf(zoom) - frame.z
  return distance <= FAR && (distance >= NEAR || frame.z === 0) && Math.max(Math.abs(x), Math.abs(y)) < REACH
}

/**
 * The place at a point in local pixels of a zoom. Exact at whole zooms, because such a point has
 * fewer than 40 fractional bits.
 */
export function placeOf(frame: Frame, zoom: number, { x, y }: { x: number; y: number }): Place {
  const level = levelOf(zoom)
  const down = BigInt(level - frame.z + FRACTION)
  const unit = (2 ** FRACTION / TILE_SIZE) * 2 ** (level - zoom)
  const fixed = (pixels: number) => BigInt(Math.round(pixels * unit))
  return { zoom, x: (frame.x << down) + fixed(x), y: (frame.y << down) + fixed(y) }
}

/** A place in local pixels at its own zoom. The frame must not be deeper than its level. */
export function pixelsOf(frame: Frame, place: Place): { x: number; y: number } {
  const level = levelOf(place.zoom)
  if (level < frame.z) return { x: Number.POSITIVE_INFINITY, y: Number.POSITIVE_INFINITY }
  const down = BigInt(level - frame.z + FRACTION)
  const scale = TILE_SIZE * 2 ** (place.zoom - level)
  const pixels = (fixed: bigint) => (Number(fixed) / 2 ** FRACTION) * scale
  return { x: pixels(place.x - (frame.x << down)), y: pixels(place.y - (frame.y << down)) }
}
