// A film into a place. Key frames are stills at whole zooms, rendered once each, of twice the film's pixels along a side: so every frame up to the next key
// is a part of one made smaller, never larger. From one key to the next the second fades in over the first, from its middle outwards; where
// colours change between two zooms (colour.ts) that is a slow change, and elsewhere it is not seen.
import type { ImageRequest } from '../kernel/request.ts'

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
export function keyFrameRequest({ still }: Film, key: number): ImageRequest {
  const { width, height } = still
  return { ...still, zoom: key + Math.log2(FINER), width: FINER * width, height: FINER * height }
}

/** The still that a frame would be, were it rendered by itself: what it says of itself. */
export function frameRequest(film: Film, k: number): ImageRequest {
  return { ...film.still, zoom: frameAt(film, k).zoom }
}
