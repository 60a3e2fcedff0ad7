import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { smallPicture } from '../map/snapshot.ts'
import { atZoom, type Place } from '../state/place.ts'
import type { Plane } from '../state/plane.ts'
import { notify } from '../ui/notice.ts'

// a screen whose channels all stay within this many levels counts as one colour
const ONE_COLOUR = 3

// down to this zoom the set itself is visible
const SHALLOW = 3

// how far out the way back leads if no better place is known, in zooms
const ZOOMS_OUT = 4

/** Offers a way back to the edge of the set when the screen shows one colour only. */
export function offerWayBack(controller: MapController): void {
  const { map, store } = controller
  let detailed: { place: Place; plane: Plane; rotation: number } | undefined
  let offered = false
  store.watch(['settled'], () => {
    const { settled, place, plane, rotation } = store.state
    if (!settled) return
    const picture = smallPicture(map)
    if (!picture) return
    if (!isOneColour(picture)) {
      detailed = { place, plane, rotation }
      offered = false
    } else if (place.zoom > SHALLOW && !offered) {
      offered = true
      const known = detailed?.plane === plane ? detailed : undefined
      const to = known?.place ?? atZoom(place, place.zoom - ZOOMS_OUT)
      notify(t('Only one colour here.'), {
        label: t('Back to the edge'),
        act: () => controller.jump(to, plane.julia, known?.rotation ?? rotation),
        brief: true,
      })
    }
  })
}

function isOneColour({ data }: ImageData): boolean {
  for (let channel = 0; channel < 3; channel++) {
    let [least, most] = [255, 0]
    for (let at = channel; at < data.length; at += 4) {
      least = Math.min(least, data[at]!)
      most = Math.max(most, data[at]!)
    }
    if (most - least > ONE_COLOUR) return false
  }
  return true
}
