import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { coordinates, formatZoom, magnification, plainMagnification } from '../state/place.ts'
import type { Plane } from '../state/plane.ts'
import { comparisonOf } from '../state/scale.ts'
import { copy } from '../ui/clipboard.ts'
import { make, part } from '../ui/dom.ts'
import { oncePerFrame } from '../ui/drawing.ts'
import { elide, signed } from '../ui/numbers.ts'

/** Shows where the map is: magnification, zoom, and the centre with its middle digits left out. */
export function showReadout(root: HTMLElement, controller: MapController): void {
  const { store } = controller
  const [re, im] = [part(root, 're'), part(root, 'im')]
  const leave = part(root, 'leave-julia')
  const scale = part(root, 'magnification')
  const smallness = part(root, 'smallness')
  const compare = () => {
    smallness.hidden = scale.ariaExpanded !== 'true' || store.state.plane.julia !== undefined
    if (!smallness.hidden) smallness.textContent = comparisonOf(controller.map)
  }
  const update = () => {
    const { place, plane } = store.state
    const centre = coordinates(place, plane)
    re.textContent = elide(signed(centre.re))
    im.textContent = `${elide(signed(centre.im))} i`
    part(root, 'zoom').textContent = t('zoom {zoom}', { zoom: formatZoom(place.zoom) })
    showMagnification(scale, place.zoom)
    compare()
    document.title = titleOf(place.zoom, plane)
    leave.hidden = plane.julia === undefined
    if (plane.julia)
      leave.textContent = t('← Julia set of {point}', {
        point: `${elide(signed(plane.julia.re))} ${elide(signed(plane.julia.im))} i`,
      })
  }
  store.watch(['place', 'plane'], oncePerFrame(update))
  update()

  scale.addEventListener('click', () => {
    scale.ariaExpanded = String(scale.ariaExpanded !== 'true')
    compare()
  })
  part(root, 'centre').addEventListener('click', () => {
    const { place, plane } = store.state
    const centre = coordinates(place, plane)
    void copy(`re ${centre.re}\nim ${centre.im}\nzoom ${formatZoom(place.zoom)}`, t('Coordinates copied.'))
  })
  leave.addEventListener('click', () => controller.leaveJulia())
}

function showMagnification(element: HTMLElement, zoom: number): void {
  const { mantissa, exponent } = magnification(zoom)
  const plain = plainMagnification(zoom)
  if (plain) element.replaceChildren(`×${plain}`)
  else element.replaceChildren(`×${mantissa}·10`, make('sup', String(exponent)))
}

function titleOf(zoom: number, { julia }: Plane): string {
  const { mantissa, exponent } = magnification(zoom)
  const where = zoom === 0 ? [] : [`×${plainMagnification(zoom) ?? `${mantissa}e${exponent}`}`]
  return [...where, ...(julia ? [t('Julia set')] : []), 'mandeltiles'].join(' · ')
}
