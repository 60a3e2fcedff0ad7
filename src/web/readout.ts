import { find, make } from './dom.ts'
import { copy } from './notice.ts'
import type { OriginMap } from './origin.ts'
import { coordinates, magnification } from './place.ts'

// a coordinate keeps so many characters at its ends; one that has not many more is shown whole
const HEAD = 9
const TAIL = 6

/** Says where the map is: magnification, zoom, and the centre with its digits elided in the middle. */
export function showReadout(map: OriginMap): void {
  const [re, im] = [find('re'), find('im')]
  let asked = false
  const update = () => {
    asked = false
    const { place } = map
    const centre = coordinates(place)
    re.textContent = elide(signed(centre.re))
    im.textContent = `${elide(signed(centre.im))} i`
    find('zoom').textContent = `zoom ${place.zoom}`
    showMagnification(place.zoom)
  }
  map.on('move zoom moveend', () => {
    if (!asked) requestAnimationFrame(update)
    asked = true
  })
  update()

  find('centre').addEventListener('click', () => {
    const { place } = map
    const centre = coordinates(place)
    void copy(`re ${centre.re}\nim ${centre.im}\nzoom ${place.zoom}`, 'Coordinates')
  })
}

function showMagnification(zoom: number): void {
  const { mantissa, exponent } = magnification(zoom)
  const element = find('magnification')
  // up to here a plain number is easier to read than a power
  if (exponent < 4) element.replaceChildren(`×${Math.round(2 ** zoom)}`)
  else element.replaceChildren(`×${mantissa}·10`, make('sup', String(exponent)))
  document.title = zoom === 0 ? 'mandeltiles' : `×${exponent < 4 ? 2 ** zoom : `${mantissa}e${exponent}`} · mandeltiles`
}

/** The digits' two ends; a number of ten thousand digits is recognised by these. */
export function elide(number: string): string {
  if (number.length <= HEAD + TAIL + 4) return number
  return `${number.slice(0, HEAD)}…${number.slice(-TAIL)}`
}

// a true minus is as wide as a plus and a digit, so that nothing jumps when the sign changes
function signed(number: string): string {
  return number.startsWith('-') ? `\u2212${number.slice(1)}` : `+${number}`
}
