// A list of locations to seed, read from a file: JSON of { re, im, zoom }, the bookmarks that the
// map saves, a link or `zoom/re/im` on each line, or a location file of another program.

import { APPEARANCE_FORMS } from '../colour/appearance.ts'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { parseLocationFile } from '../formats/locationfile.ts'
import { readCoordinate } from '../plane/coordinate.ts'
import type { Point } from './tileset.ts'

/** A centre, the map's zoom (a whole number), and its parameters for a tile's query. */
export interface Location extends Point {
  zoom: number
  parameters: Record<string, string>
}

type PlaceLimits = Pick<Options, 'max-zoom' | 'max-digits'>

/**
 * The locations in the text of a file called `name`. @throws Failure with the number or line of the
 * location
 */
export function readLocations(name: string, text: string, limits: PlaceLimits): Location[] {
  if (/\.(kfr|toml)$/i.test(name)) {
    const { re, im, zoom, maxIter } = parseLocationFile(text, { maxDigits: limits['max-digits'] })
    return [
      {
        re,
        im,
        zoom: whole(name, zoom, limits),
        parameters: maxIter === undefined ? {} : { max_iter: String(maxIter) },
      },
    ]
  }
  const locations = /^\s*[[{]/.test(text) ? ofJson(name, text, limits) : ofLines(name, text, limits)
  if (locations.length === 0)
    throw new Failure('invalid', mustBe(name, 'a file with at least one location', text.trim()))
  return locations
}

function ofJson(name: string, text: string, limits: PlaceLimits): Location[] {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    throw new Failure('invalid', `${name} begins like JSON, but is invalid: ${(error as Error).message}`)
  }
  const { bookmarks } = file as { bookmarks?: { link?: unknown }[] }
  if (Array.isArray(bookmarks)) {
    return bookmarks.map(({ link }, at) => ofLink(`${name}, bookmark ${at + 1},`, String(link), limits))
  }
  if (!Array.isArray(file)) throw new Failure('invalid', mustBe(name, 'a list of locations, or saved bookmarks', text))
  return file.map((location: unknown, at) => {
    const where = `${name}, location ${at + 1}:`
    const { re, im, zoom, ...rest } = (location ?? {}) as Record<string, unknown>
    return {
      ...centre(where, String(re), String(im), limits),
      zoom: whole(`${where} zoom`, Number(zoom), limits),
      parameters: Object.fromEntries(
        PARAMETERS.flatMap((key) => (rest[key] === undefined ? [] : [[key, String(rest[key])]])),
      ),
    }
  })
}

// the parameters of a location that shape its tiles
const PARAMETERS = ['max_iter', 'gradient', ...Object.keys(APPEARANCE_FORMS)]

function ofLines(name: string, text: string, limits: PlaceLimits): Location[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, at) => {
    const link = line.trim()
    return link === '' ? [] : [ofLink(`${name}, line ${at + 1},`, link, limits)]
  })
}

/** A link of the map, `…#zoom/re/im&palette=…`, or only the part after the #. */
function ofLink(where: string, link: string, limits: PlaceLimits): Location {
  const [position = '', ...rest] = link.slice(link.indexOf('#') + 1).split('&')
  const [zoom = '', re = '', im = '', ...more] = position.split('/')
  if (more.length > 0 || !/^\d{1,6}$/.test(zoom) || im === '') {
    throw new Failure('invalid', mustBe(where, 'a link of the map, or zoom/re/im', link))
  }
  const { iter, julia, ...parameters } = Object.fromEntries(new URLSearchParams(rest.join('&')))
  if (julia !== undefined) throw new Failure('invalid', mustBe(where, 'a location in the Mandelbrot set', link))
  return {
    ...centre(where, re, im, limits),
    zoom: whole(`${where} zoom`, Number(zoom), limits),
    parameters: { ...parameters, ...(iter === undefined ? {} : { max_iter: iter }) },
  }
}

function centre(where: string, re: string, im: string, limits: PlaceLimits): Point {
  return {
    re: readCoordinate(`${where} re`, re, limits['max-digits']),
    im: readCoordinate(`${where} im`, im, limits['max-digits']),
  }
}

// the map rests at integer zooms
function whole(name: string, zoom: number, limits: PlaceLimits): number {
  if (zoom >= 0 && zoom <= limits['max-zoom']) return Math.floor(zoom)
  throw new Failure('invalid', mustBe(name, `a number from 0 to ${limits['max-zoom']}`, zoom))
}
