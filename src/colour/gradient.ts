// Custom palettes as a text that fits into a link: colours round a cycle, and the colour of the
// set.
//
//   0a1128,6fb7dd,fbf6e6              evenly spaced from 0 on; the first follows the last
//   0a1128@0,6fb7dd@0.32,fbf6e6@0.5   each at its place in the cycle, 0 or more and below 1
//   bands:ChEocLfq+vbm                evenly spaced bands of one colour, three bytes in base64url
//   …;set=04060d                      the colour of the set itself; black when left out
//   …;mix=light                       mixed as light between the stops; as OKLab when left out
import { fromBase64Url, toBase64Url } from '../core/base64url.ts'
import { Failure, mustBe } from '../core/errors.ts'

/**
 * Colours `#rrggbb` by their position in the cycle, ascending from 0 to below 1, and the colour of
 * the set.
 */
export interface Gradient {
  stops: readonly (readonly [position: number, colour: string])[]
  set: string
  /**
   * are the colours bands without interpolation, as in the palette files of old programs?
   */
  bands?: true
  /** are the colours between the stops mixed as linear light, and not in OKLab? */
  mix?: 'light'
}

export const FEWEST_STOPS = 2
export const MOST_STOPS = 32
/** As many as a palette file of Fractint has. */
export const MOST_BANDS = 256

/** The allowed forms of a gradient's text, in words. */
export const GRADIENT_FORM =
  `${FEWEST_STOPS} to ${MOST_STOPS} colours rrggbb separated by commas, all of them or none with an ascending position such as ` +
  '@0.25 from 0 to below 1, and then possibly ;set=rrggbb and ;mix=light; or bands: and ' +
  `${FEWEST_STOPS} to ${MOST_BANDS} colours of three bytes in base64url`

/** Reads a gradient. @throws Failure `invalid` if the text is not a gradient */
export function parseGradient(text: string): Gradient {
  const refuse = () => new Failure('invalid', mustBe('gradient', GRADIENT_FORM, text))
  if (text.length > LONGEST) throw refuse()
  const [list = '', ...more] = text.split(';')
  const mix = more.at(-1) === MIX && more.pop() !== undefined
  const set = more.shift() ?? 'set=000000'
  const setColour = /^set=([\da-f]{6})$/i.exec(set)?.[1]?.toLowerCase()
  if (list.startsWith(BANDS)) {
    const colours = readBands(list.slice(BANDS.length))
    if (!colours || !setColour || mix || more.length > 0) throw refuse()
    return bandsOf(colours, `#${setColour}`)
  }
  const parts = list
    .toLowerCase()
    .split(',')
    .map((part) => /^([\da-f]{6})(?:@(0?\.\d{1,6}|0))?$/.exec(part))
  if (!setColour || more.length > 0 || parts.length < FEWEST_STOPS || parts.length > MOST_STOPS) throw refuse()
  const even = parts.every((part) => part?.[2] === undefined)
  const stops = parts.map((part, k) => {
    if (!part || (part[2] === undefined) !== even) throw refuse()
    return [even ? k / parts.length : Number(part[2]), `#${part[1]}`] as const
  })
  if (stops.some(([position], k) => k > 0 && position <= stops[k - 1]![0])) throw refuse()
  return { stops, set: `#${setColour}`, ...(mix && { mix: 'light' as const }) }
}

/** A gradient's shortest text: the same colours, at positions rounded to six decimals. */
export function formatGradient({ stops, set, bands, mix }: Gradient): string {
  const end = (set === '#000000' ? '' : `;set=${set.slice(1)}`) + (mix ? `;${MIX}` : '')
  if (bands) return BANDS + writeBands(stops.map(([, colour]) => colour)) + end
  const even = stops.every(([position], k) => Math.abs(position - k / stops.length) < 1e-6)
  const list = stops.map(([position, colour]) => colour.slice(1) + (even ? '' : `@${Number(position.toFixed(6))}`))
  return list.join() + end
}

/** Evenly spaced bands of colours `#rrggbb`, 2 to 256 of them. */
export function bandsOf(colours: readonly string[], set: string): Gradient {
  return { stops: colours.map((colour, k) => [k / colours.length, colour] as const), set, bands: true }
}

const BANDS = 'bands:'
const MIX = 'mix=light'

function writeBands(colours: string[]): string {
  const hex = colours.map((colour) => colour.slice(1)).join('')
  return toBase64Url(Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16)))
}

function readBands(text: string): string[] | undefined {
  // three bytes are four characters
  const count = text.length / 4
  if (!Number.isInteger(count) || count < FEWEST_STOPS || count > MOST_BANDS) return undefined
  const bytes = fromBase64Url(text)
  if (!bytes) return undefined
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.match(/.{6}/g)!.map((colour) => `#${colour}`)
}

// MOST_BANDS times four characters, and the set
const LONGEST = 'bands:'.length + MOST_BANDS * 4 + ';set=rrggbb'.length
