import { stylePhase } from '../../colour/style.ts'
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
  // the density depends on the zoom, and the picture shall have the colours of the tiles
  const zoomDensity = (at: number) => stylePhase(appearance, at, 1).density
  const density = (appearance.density * zoomDensity(levelOf(place.zoom))) / zoomDensity(zoom)
  return String(
    new URLSearchParams({
      ...coordinates(place, MANDELBROT),
      zoom: String(zoom),
      width: String(width),
      height: String(height),
      ...(rotation !== 0 && { rotation: String(rotation) }),
      ...appearanceQuery({ ...appearance, density: clampDensity(density), aa }),
    }),
  )
}

// the range that the server accepts
function clampDensity(density: number): number {
  return Math.min(Math.max(density, 1 / 16), 16)
}
