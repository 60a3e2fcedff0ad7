import type { Atlas } from './atlas.ts'
import { find, make } from './dom.ts'
import { copy } from './notice.ts'
import { coordinates, magnification } from './place.ts'

// a coordinate keeps so many characters at its ends; one that has not many more is shown whole
const HEAD = 9
const TAIL = 6

/** Says where the map is: magnification, zoom, and the centre with its digits elided in the middle. */
export function showReadout(atlas: Atlas): void {
  const [re, im] = [find('re'), find('im')]
  let asked = false
  const update = () => {
    asked = false
    const { place, plane } = atlas
    const centre = coordinates(place, plane)
    re.textContent = elide(signed(centre.re))
    im.textContent = `${elide(signed(centre.im))} i`
    find('zoom').textContent = `zoom ${place.zoom}`
    showMagnification(place.zoom)
    document.title = titleOf(place.zoom, plane.julia !== undefined)
    showPlane(atlas)
  }
  const soon = () => {
    if (!asked) requestAnimationFrame(update)
    asked = true
  }
  atlas.map.on('move zoom moveend', soon)
  atlas.addEventListener('plane', soon)
  update()

  find('centre').addEventListener('click', () => {
    const { place, plane } = atlas
    const centre = coordinates(place, plane)
    void copy(`re ${centre.re}\nim ${centre.im}\nzoom ${place.zoom}`, 'Coordinates')
  })
  find('leave-julia').addEventListener('click', () => atlas.leaveJulia())
}

function showMagnification(zoom: number): void {
  const { mantissa, exponent } = magnification(zoom)
  const element = find('magnification')
  // up to here a plain number is easier to read than a power
  if (exponent < 4) element.replaceChildren(`×${2 ** zoom}`)
  else element.replaceChildren(`×${mantissa}·10`, make('sup', String(exponent)))
}

function showPlane({ plane: { julia } }: Atlas): void {
  const leave = find('leave-julia')
  leave.hidden = julia === undefined
  if (julia) leave.textContent = `← Julia set of ${elide(signed(julia.re))} ${elide(signed(julia.im))} i`
}

function titleOf(zoom: number, julia: boolean): string {
  const { mantissa, exponent } = magnification(zoom)
  const where = zoom === 0 ? [] : [`×${exponent < 4 ? 2 ** zoom : `${mantissa}e${exponent}`}`]
  return [...where, ...(julia ? ['Julia set'] : []), 'mandeltiles'].join(' · ')
}

/** The digits' two ends; a number of ten thousand digits is recognised by these. */
export function elide(number: string): string {
  if (number.length <= HEAD + TAIL + 4) return number
  return `${number.slice(0, HEAD)}…${number.slice(-TAIL)}`
}

/** With its sign. A true minus is as wide as a plus and a digit, so that nothing jumps when it changes. */
export function signed(number: string): string {
  return number.startsWith('-') ? `\u2212${number.slice(1)}` : `+${number}`
}
