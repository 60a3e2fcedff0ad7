// The arithmetic of the floating origin. Leaflet counts pixels in doubles, so it gets small
// numbers: pixels from the corner of one tile, the frame, whose own address is exact. The frame
// stays some zooms above the view. Its corner is a corner of tiles at every deeper zoom too, so
// Leaflet's rule for parent and child tiles stays valid.
import { TILE_SIZE, type TileAddress } from '../../plane/tile.ts'
import { FRACTION, type Place } from '../state/place.ts'

/**
 * The tile whose top left corner is Leaflet's origin. Outside the pyramid its x and y may be
 * negative.
 */
export type Frame = TileAddress

/** Leaflet's coords: a tile counted from the frame's corner, in tiles of zoom z. */
export interface LocalTile {
  x: number
  y: number
  z: number
}

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
  if (place.zoom <= WHOLE) return { z: 0, x: 0n, y: 0n }
  const levels = BigInt(TRAIL + FRACTION)
  return { z: place.zoom - TRAIL, x: place.x >> levels, y: place.y >> levels }
}

/** May the view stay in this frame? x and y are its centre in local pixels. */
export function fits(frame: Frame, zoom: number, { x, y }: { x: number; y: number }): boolean {
  const distance = zoom - frame.z
  return distance <= FAR && (distance >= NEAR || frame.z === 0) && Math.max(Math.abs(x), Math.abs(y)) < REACH
}

/**
 * The distance between the corners of two frames in tiles of a zoom, which is at least that of
 * both.
 */
export function tilesBetween(from: Frame, to: Frame, zoom: number): { x: number; y: number } {
  const at = ({ z, x, y }: Frame) => ({ x: x << BigInt(zoom - z), y: y << BigInt(zoom - z) })
  const [a, b] = [at(from), at(to)]
  return { x: Number(b.x - a.x), y: Number(b.y - a.y) }
}

/** The true address of a tile that is counted from the frame. */
export function addressOf(frame: Frame, { x, y, z }: LocalTile): TileAddress {
  const down = BigInt(z - frame.z)
  return { z, x: (frame.x << down) + BigInt(x), y: (frame.y << down) + BigInt(y) }
}

/**
 * The place at a point in local pixels. Exact, because such a point has fewer than 40 fractional
 * bits.
 */
export function placeOf(frame: Frame, zoom: number, { x, y }: { x: number; y: number }): Place {
  const down = BigInt(zoom - frame.z + FRACTION)
  const fixed = (pixels: number) => BigInt(Math.round((pixels / TILE_SIZE) * 2 ** FRACTION))
  return { zoom, x: (frame.x << down) + fixed(x), y: (frame.y << down) + fixed(y) }
}

/** A place in local pixels at its own zoom. */
export function pixelsOf(frame: Frame, place: Place): { x: number; y: number } {
  const down = BigInt(place.zoom - frame.z + FRACTION)
  const pixels = (fixed: bigint) => (Number(fixed) / 2 ** FRACTION) * TILE_SIZE
  return { x: pixels(place.x - (frame.x << down)), y: pixels(place.y - (frame.y << down)) }
}
