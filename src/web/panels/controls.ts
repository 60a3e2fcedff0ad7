import type { MapController } from '../map/controller.ts'
import { part } from '../ui/dom.ts'

/** The buttons beside the map: zoom in, zoom out, the whole set. */
export function connectControls(root: HTMLElement, controller: MapController): void {
  const { map, camera } = controller
  const [zoomIn, zoomOut] = ['zoom-in', 'zoom-out'].map((id) => part<HTMLButtonElement>(root, id)) as [
    HTMLButtonElement,
    HTMLButtonElement,
  ]
  part(root, 'home').addEventListener('click', () => controller.home())
  zoomIn.addEventListener('click', () => camera.step(1))
  zoomOut.addEventListener('click', () => camera.step(-1))
  map.on('moveend', () => {
    zoomIn.disabled = map.getZoom() >= controller.maxZoom
    zoomOut.disabled = map.getZoom() <= 0
  })
}
