import { appearanceQuery, type MapAppearance } from './appearance.ts'
import { coordinates, levelOf, type Place } from './place.ts'
import { MANDELBROT } from './plane.ts'

/** A picture of a view, for /image: `zooms` is how much nearer it is than the map. */
export interface ImageView {
  place: Place
  rotation: number
  appearance: MapAppearance
  width: number
  height: number
  zooms: number
  maxZoom: number
  /** samples along one side of a pixel */
  aa: MapAppearance['aa']
}

/** The query of a picture that has the colours of the map. */
export function imageQuery({ place, rotation, appearance, width, height, zooms, maxZoom, aa }: ImageView): string {
  const zoom = Math.min(Math.max(0, place.zoom + zooms), maxZoom)
  // colours depend on the zoom, and the picture should have those of the tiles
  const colourZoom = levelOf(place.zoom)
  return String(
    new URLSearchParams({
      ...coordinates(place, MANDELBROT),
      zoom: String(zoom),
      ...(colourZoom !== zoom && { colour_zoom: String(colourZoom) }),
      width: String(width),
      height: String(height),
      ...(rotation !== 0 && { rotation: String(rotation) }),
      ...appearanceQuery({ ...appearance, aa }),
    }),
  )
}
