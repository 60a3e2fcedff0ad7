// A film into a place. Key frames are stills at whole zooms, rendered once each, of twice the film's pixels along a side: so every frame up to the next key
// is a part of one made smaller, never larger. From one key to the next the second fades in over the first, from its middle outwards; where
// colours change between two zooms (colour.ts) that is a slow change, and elsewhere it is not seen.
import type { ImageRequest } from './request.ts'
import { type Region, type Rgb, resample } from './resample.ts'
import { nearestValue } from './srgb.ts'

/** A film that ends as the still it names, which is one of its frames' size. */
export interface Film {
  still: ImageRequest
  /** the zoom that it begins with */
  from: number
  frames: number
}

/** Where frame k of a film is: its zoom, the key frame that it is made of, and how far it is from there to the next, from 0 to below 1. */
export function frameAt(
  { still: { zoom }, from, frames }: Film,
  k: number,
): { zoom: number; key: number; part: number } {
  const at = frames === 1 ? zoom : from + ((zoom - from) * k) / (frames - 1)
  return { zoom: at, key: Math.floor(at), part: at - Math.floor(at) }
}

/** The key frames that such a frame is made of. */
export function keysOf({ key, part }: { key: number; part: number }): number[] {
  return part > 0 ? [key, key + 1] : [key]
}

/** How many key frame's pixels there are along a side of one of a frame at its own zoom. */
const FINER = 2

/** The still that is a key frame: what a frame at this zoom shows, in finer pixels. */
export function keyStill({ still }: Film, key: number): ImageRequest {
  const { width, height } = still
  return { ...still, zoom: key + Math.log2(FINER), width: FINER * width, height: FINER * height }
}

/** The still that a frame would be, were it rendered by itself: what it says of itself. */
export function frameStill(film: Film, k: number): ImageRequest {
  return { ...film.still, zoom: frameAt(film, k).zoom }
}

/**
 * A frame's pixels, of RGB, rows from the top: `part` of the way from its key frame to the next one, which is not looked at where part is 0.
 */
export function compose(key: Rgb, next: Rgb | undefined, part: number): Uint8Array<ArrayBuffer> {
  const [width, height] = [key.width / FINER, key.height / FINER]
  const whole = { x0: 0, y0: 0, x1: width, y1: height }
  const light = resample(key, width, height, FINER * 2 ** -part, whole)
  if (next && part > 0) fade(light, next, width, height, part)
  const rgb = new Uint8Array(light.length)
  // Uint8Array.from would call for each value: two thirds of a frame's time
  for (let at = 0; at < rgb.length; at++) rgb[at] = nearestValue(Math.min(Math.max(light[at]!, 0), 1))
  return rgb
}

// the part of the shorter side over which the inner key frame's border fades, at first
const BORDER = 1 / 6

function fade(light: Float32Array, next: Rgb, width: number, height: number, part: number): void {
  const inner = 2 ** (part - 1)
  const [left, top] = [Math.ceil((width * (1 - inner)) / 2), Math.ceil((height * (1 - inner)) / 2)]
  const region: Region = { x0: left, y0: top, x1: width - left, y1: height - top }
  const over = resample(next, width, height, FINER * 2 ** (1 - part), region)
  const strength = part * part * (3 - 2 * part)
  const border = BORDER * Math.min(width, height) * (1 - part) + 1
  const columns = region.x1 - region.x0
  for (let y = region.y0; y < region.y1; y++) {
    for (let x = region.x0; x < region.x1; x++) {
      const inside = Math.min(x - left, region.x1 - 1 - x, y - top, region.y1 - 1 - y) + 0.5
      const share = strength * Math.min(1, inside / border)
      const [from, to] = [3 * ((y - top) * columns + x - left), 3 * (y * width + x)]
      for (let channel = 0; channel < 3; channel++) {
        light[to + channel]! += share * (over[from + channel]! - light[to + channel]!)
      }
    }
  }
}
