// Flights to places more than a few zooms away show the way: every four zooms they stop until the
// screen is drawn. Any key or click ends a flight where it is.
import { atZoom, type Place } from '../state/place.ts'
import type { MapController } from './controller.ts'

// zooms between two stops, and of the longest flight: to farther places the map jumps
const STEP = 4
const LONGEST = 24

let under = 0

addEventListener('pointerdown', () => under++, { capture: true })
addEventListener('keydown', () => under++, { capture: true })
addEventListener('wheel', () => under++, { capture: true })

/**
 * Flies to a place, or jumps if it is far away or the system asks for less motion. Back returns.
 */
export async function fly(controller: MapController, place: Place, rotation: number): Promise<void> {
  const { camera, map } = controller
  const here = map.place
  const zooms = place.zoom - here.zoom
  const first = atZoom(place, here.zoom + Math.min(zooms, STEP))
  if (zooms <= STEP || zooms > LONGEST || !camera.isNear(first)) return controller.jump(place, undefined, rotation)
  const mine = ++under
  controller.jump(first, undefined, map.rotation)
  for (let zoom = first.zoom + STEP; ; zoom += STEP) {
    await rest(controller)
    if (mine !== under) return
    if (zoom >= place.zoom) break
    camera.go(atZoom(place, zoom))
  }
  camera.go(place)
  await rest(controller)
  if (mine === under && rotation !== map.rotation) camera.turnBy(rotation - map.rotation)
}

/** Resolves when the map rests with all its tiles. */
function rest({ store, map }: MapController): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (!map.moving && store.state.settled ? resolve() : requestAnimationFrame(look))
    requestAnimationFrame(look)
  })
}
