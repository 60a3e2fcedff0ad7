import type { MapController } from '../map/controller.ts'
import { part } from '../ui/dom.ts'

/** The buttons beside the map: zoom in, zoom out, the whole set. */
export function connectControls(root: HTMLElement, controller: MapController): void {
  const { map } = controller
  const [zoomIn, zoomOut] = ['zoom-in', 'zoom-out'].map((id) => part<HTMLButtonElement>(root, id)) as [
    HTMLButtonElement,
    HTMLButtonElement,
  ]
  part(root, 'home').addEventListener('click', () => controller.home())
  zoomIn.addEventListener('click', () => map.zoomIn())
  zoomOut.addEventListener('click', () => map.zoomOut())
  map.on('moveend', () => {
    zoomIn.disabled = map.getZoom() >= controller.maxZoom
    zoomOut.disabled = map.getZoom() <= 0
  })
}
