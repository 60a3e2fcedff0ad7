// A list of places to seed, read from a file: JSON of places with `re`, `im` and `zoom`, the bookmarks that the map saves, links or `zoom/re/im`
// a line, or a location file of another program.

import { APPEARANCE_FORMS } from '../colour/appearance.ts'
import { Failure, mustBe } from '../core/errors.ts'
import type { Options } from '../core/options.ts'
import { parseLocationFile } from '../formats/locationfile.ts'
import { readCoordinate } from '../plane/coordinate.ts'
import type { Point } from './tileset.ts'

/** A place: its centre, the map's zoom (a whole number), and what it says of limit and colours, by the names of a tile's query. */
export interface Place extends Point {
  zoom: number
  text: Record<string, string>
}

type Limits = Pick<Options, 'max-zoom' | 'max-digits'>

/** The places in a file's text; `name` is the file's. @throws Failure that names the place, by its number or its line */
export function readPlaces(name: string, text: string, limits: Limits): Place[] {
  if (/\.(kfr|toml)$/i.test(name)) {
    const { re, im, zoom, maxIter } = parseLocationFile(text, { maxDigits: limits['max-digits'] })
    return [
      { re, im, zoom: whole(name, zoom, limits), text: maxIter === undefined ? {} : { max_iter: String(maxIter) } },
    ]
  }
  const places = /^\s*[[{]/.test(text) ? ofJson(name, text, limits) : ofLines(name, text, limits)
  if (places.length === 0) throw new Failure('invalid', mustBe(name, 'a file with a place at least', text.trim()))
  return places
}

function ofJson(name: string, text: string, limits: Limits): Place[] {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    throw new Failure('invalid', `${name} must be JSON, as its first character says: ${(error as Error).message}`)
  }
  const { bookmarks } = file as { bookmarks?: { link?: unknown }[] }
  if (Array.isArray(bookmarks)) {
    return bookmarks.map(({ link }, at) => ofLink(`${name}, bookmark ${at + 1},`, String(link), limits))
  }
  if (!Array.isArray(file)) throw new Failure('invalid', mustBe(name, 'a list of places, or saved bookmarks', text))
  return file.map((place: unknown, at) => {
    const where = `${name}, place ${at + 1}:`
    const { re, im, zoom, ...rest } = (place ?? {}) as Record<string, unknown>
    return {
      ...centre(where, String(re), String(im), limits),
      zoom: whole(`${where} zoom`, Number(zoom), limits),
      text: Object.fromEntries(SAID.flatMap((key) => (rest[key] === undefined ? [] : [[key, String(rest[key])]]))),
    }
  })
}

// what of a place shapes the tiles that its map asks for
const SAID = ['max_iter', 'gradient', ...Object.keys(APPEARANCE_FORMS)]

function ofLines(name: string, text: string, limits: Limits): Place[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, at) => {
    const link = line.trim()
    return link === '' ? [] : [ofLink(`${name}, line ${at + 1},`, link, limits)]
  })
}

/** A link of the map, `…#zoom/re/im&palette=…`, or that part of it alone. */
function ofLink(where: string, link: string, limits: Limits): Place {
  const [place = '', ...rest] = link.slice(link.indexOf('#') + 1).split('&')
  const [zoom = '', re = '', im = '', ...more] = place.split('/')
  if (more.length > 0 || !/^\d{1,6}$/.test(zoom) || im === '') {
    throw new Failure('invalid', mustBe(where, 'a link of the map, or zoom/re/im', link))
  }
  const { iter, julia, ...text } = Object.fromEntries(new URLSearchParams(rest.join('&')))
  if (julia !== undefined) throw new Failure('invalid', mustBe(where, 'a place of the Mandelbrot set', link))
  return {
    ...centre(where, re, im, limits),
    zoom: whole(`${where} zoom`, Number(zoom), limits),
    text: { ...text, ...(iter === undefined ? {} : { max_iter: iter }) },
  }
}

function centre(where: string, re: string, im: string, limits: Limits): Point {
  return {
    re: readCoordinate(`${where} re`, re, limits['max-digits']),
    im: readCoordinate(`${where} im`, im, limits['max-digits']),
  }
}

// the map rests on whole zooms
function whole(name: string, zoom: number, limits: Limits): number {
  if (zoom >= 0 && zoom <= limits['max-zoom']) return Math.floor(zoom)
  throw new Failure('invalid', mustBe(name, `a number from 0 to ${limits['max-zoom']}`, zoom))
}
