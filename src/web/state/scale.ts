// How small a view is, as a sentence: two things of the world whose sizes have the same ratio as
// the whole set and the view.

import { t } from '../language/t.ts'
import type { Text } from '../language/texts.ts'

// diameters in metres, as powers of ten, the largest first
const THINGS: [name: Text, log10: number][] = [
  ['the observable universe', 26.94],
  ['the Milky Way', 20.95],
  ['the orbit of Neptune', 12.95],
  ['the sun', 9.14],
  ['the Earth', 7.11],
  ['a country', 6],
  ['a city', 4.3],
  ['a football field', 2],
  ['a person', 0.23],
  ['a hand', -1],
  ['a grain of rice', -2.2],
  ['a hair’s width', -4.1],
  ['a red blood cell', -5.1],
  ['a virus', -7],
  ['an atom', -10],
  ['a proton', -14.8],
]

// the whole set, from the tip of its antenna to its cusp's far side, in units of the plane
const SET = 2.47

/** Compares the set with what a map shows. */
export function comparisonOf({
  leaflet,
  place,
}: {
  leaflet: { getSize(): { x: number } }
  place: { zoom: number }
}): string {
  // a pixel of zoom 0 is 3/256 wide
  return comparison(Math.log2((leaflet.getSize().x * 3) / 256) - place.zoom)
}

/** Compares the set with a view 2^log2 units of the plane wide. */
export function comparison(log2: number): string {
  const ratio = Math.log10(SET) - log2 * Math.log10(2)
  const [universe, smallest] = [THINGS[0]!, THINGS.at(-1)!]
  const beyond = ratio - (universe[1] - smallest[1])
  if (beyond > 1) {
    const times = `10^${Math.round(beyond).toLocaleString('en')}`
    return t('If the set were as large as {large}, this view would be {times} times smaller than {small}.', {
      large: t(universe[0]),
      times,
      small: t(smallest[0]),
    })
  }
  let best = { large: universe, small: universe, miss: Number.POSITIVE_INFINITY }
  for (const large of THINGS) {
    for (const small of THINGS) {
      const miss = Math.abs(large[1] - small[1] - ratio)
      if (miss < best.miss) best = { large, small, miss }
    }
  }
  if (best.large === best.small) return t('This view shows about the whole set.')
  return t('If the set were as large as {large}, this view would be as large as {small}.', {
    large: t(best.large[0]),
    small: t(best.small[0]),
  })
}
