import type { MapController } from '../map/controller.ts'
import { part } from '../ui/dom.ts'

/** The buttons beside the map: upright again, zoom in, zoom out, the whole set. */
export function connectControls(root: HTMLElement, controller: MapController): void {
  const { map, camera, store } = controller
  const [zoomIn, zoomOut] = ['zoom-in', 'zoom-out'].map((id) => part<HTMLButtonElement>(root, id)) as [
    HTMLButtonElement,
    HTMLButtonElement,
  ]
  part(root, 'home').addEventListener('click', () => controller.home())
  zoomIn.addEventListener('click', () => camera.step(1))
  zoomOut.addEventListener('click', () => camera.step(-1))
  const compass = part(root, 'compass')
  compass.addEventListener('click', () => camera.upright())
  const showCompass = () => {
    const { rotation } = store.state
    // the focus stays near when the button goes
    if (rotation === 0 && compass.matches(':focus')) zoomIn.focus()
    compass.hidden = rotation === 0
    compass.style.setProperty('--rotation', `${-rotation}deg`)
  }
  store.watch(['rotation'], showCompass)
  showCompass()
  map.leaflet.on('moveend', () => {
    zoomIn.disabled = map.leaflet.getZoom() >= controller.maxZoom
    zoomOut.disabled = map.leaflet.getZoom() <= 0
  })
}
