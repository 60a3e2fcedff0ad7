// A film into a place. Key frames are images at whole zooms. Each is rendered once, with twice the
// film's pixels along a side, so every frame up to the next key frame is a part of one made
// smaller, never larger. From one key frame to the next the second fades in over the first, from
// the centre outwards. This is invisible, because both have the same colours.
//
// Where colours change from one whole zoom to the next (colour/phase.ts), no two key frames have
// the colours of the frames between them. So each of these frames has its own key frame: in a film
// to zoom 128, at one zoom a second, 90 besides 129 others. Thus every frame has the colours of the
// image at its zoom.
import { stylePhase } from '../colour/style.ts'
import type { ImageRequest } from '../kernel/request.ts'

/** A film that ends with the view of `image`, whose size its frames have. */
export interface Film {
  image: ImageRequest
  /** the zoom at which it starts */
  from: number
  frames: number
}

/**
 * Where frame k of a film is: its zoom, the key frame that it is made of, and how far it is from
 * there to the next one, from 0 to below 1. A key frame's number is its zoom.
 */
export function frameAt(
  { image: { zoom, appearance }, from, frames }: Film,
  k: number,
): { zoom: number; key: number; part: number } {
  const at = frames === 1 ? zoom : from + ((zoom - from) * k) / (frames - 1)
  const key = Math.floor(at)
  const density = (zoom: number) => stylePhase(appearance, zoom, 1).density
  if (density(at) !== density(key) || density(at) !== density(key + 1)) return { zoom: at, key: at, part: 0 }
  return { zoom: at, key, part: at - key }
}

/** The key frames of a frame. */
export function keysOf({ key, part }: { key: number; part: number }): number[] {
  return part > 0 ? [key, key + 1] : [key]
}

/** Pixels of a key frame along a side of one pixel of a frame at the same zoom. */
const FINER = 2

/** A key frame as an image: the view of a frame at this zoom, in finer pixels. */
export function keyFrameRequest({ image }: Film, key: number): ImageRequest {
  const { width, height } = image
  return {
    ...byZoom(image),
    zoom: key + Math.log2(FINER),
    colourZoom: key,
    width: FINER * width,
    height: FINER * height,
  }
}

/** The image that a frame would be if it were rendered by itself: its metadata says so. */
export function frameRequest(film: Film, k: number): ImageRequest {
  return { ...byZoom(film.image), zoom: frameAt(film, k).zoom }
}

// the contrast of places would differ from one key frame to the next
function byZoom(image: ImageRequest): ImageRequest {
  return { ...image, appearance: { ...image.appearance, contrast: 'zoom' } }
}
