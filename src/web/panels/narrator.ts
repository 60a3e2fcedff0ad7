import { t } from '../language/t.ts'
import type { MapController } from '../map/controller.ts'
import { coordinates, formatZoom, type Place, pixelsBetween } from '../state/place.ts'
import { announce } from '../ui/notice.ts'
import { elide, signed } from '../ui/numbers.ts'

// how long the map must rest before its movement is announced, milliseconds
const REST = 500

// a smaller movement is not announced, in CSS pixels
const LEAST = 20

/** Announces the end of zooms and moves to screen readers. */
export function narrateMoves(controller: MapController): void {
  const { map, store } = controller
  let last = { place: map.place, plane: store.state.plane }
  let timer: number | undefined
  map.leaflet.on('moveend', () => {
    clearTimeout(timer)
    timer = window.setTimeout(() => {
      const now = { place: map.place, plane: store.state.plane }
      const words =
        now.plane === last.plane ? movement(last.place, now.place, map.leaflet.getSize()) : position(now.place)
      if (words === '') return
      announce(words)
      last = now
    }, REST)
  })

  function position(place: Place): string {
    const { re, im } = coordinates(place, store.state.plane)
    return t('Zoom {zoom}, at {re} {im} i.', {
      zoom: formatZoom(place.zoom),
      re: elide(signed(re)),
      im: elide(signed(im)),
    })
  }

  function movement(from: Place, to: Place, size: { x: number; y: number }): string {
    const { x, y } = pixelsBetween(from, to)
    if (!(Math.abs(x) < 2 * size.x && Math.abs(y) < 2 * size.y)) return position(to)
    const ways = [
      ...(Math.abs(y) >= LEAST ? [y < 0 ? t('up') : t('down')] : []),
      ...(Math.abs(x) >= LEAST ? [x < 0 ? t('left') : t('right')] : []),
    ]
    if (to.zoom !== from.zoom) return t('Zoom {zoom}.', { zoom: formatZoom(to.zoom) })
    return ways.length === 0 ? '' : t('Moved {ways}.', { ways: listed(ways) })
  }
}

// 'up and left', in the page's language
function listed(words: string[]): string {
  return new Intl.ListFormat(document.documentElement.lang).format(words)
}
