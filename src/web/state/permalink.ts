import { writeAppearance } from '../../colour/appearance.ts'
import { Failure } from '../../core/errors.ts'
import { readNumber, readWhole } from '../../core/parse.ts'
import { parseDecimal } from '../../plane/decimal.ts'
import { type MapAppearance, parseAppearance } from './appearance.ts'
import { clampToPyramid, coordinates, formatZoom, type Place, placeAt } from './place.ts'
import { type Coordinates, juliaPlane, MANDELBROT } from './plane.ts'

/** What a link names. Parts that it leaves out are undefined. */
export interface LinkTarget {
  place?: Place
  /** the parameter c, when the link leads to a Julia set */
  julia?: Coordinates
  appearance: Partial<MapAppearance>
}

/** A link that cannot be followed. The message is a sentence for the visitor. */
export class LinkError extends Error {}

/** What a server can show. */
export interface ServerBounds {
  maxZoom: number
  juliaMaxZoom: number
  limit: { min: number; max: number }
}

// Two coordinates at zoom 10,000 have 3,014 digits each. Longer links are refused before they are
// read, because the time to read a number grows with the square of its digits.
const MAX_LENGTH = 20_000

// a Julia set's parameter is a double; twice its digits are plenty
const MAX_PARAMETER_LENGTH = 40

/** The fragment of the address: `#zoom/re/im&palette=…`, and whatever else shapes the picture. */
export function formatLink(place: Place, appearance: MapAppearance, julia?: Coordinates): string {
  const { re, im } = coordinates(place, julia ? juliaPlane(julia) : MANDELBROT)
  const { limit, ...colours } = appearance
  const parts = {
    ...(julia && { julia: `${julia.re},${julia.im}` }),
    ...writeAppearance(colours),
    ...(limit !== 'auto' && { iter: String(limit) }),
  }
  return [`#${formatZoom(place.zoom)}/${re}/${im}`, ...Object.entries(parts).map((part) => part.join('='))].join('&')
}

/** Reads a link. An empty link names nothing. @throws LinkError, without long computation */
export function parseLink(hash: string, bounds: ServerBounds): LinkTarget {
  if (hash.length > MAX_LENGTH) throw new LinkError('This link is longer than any place needs.')
  const [where = '', ...rest] = hash.replace(/^#/, '').split('&')
  const named = new Map(rest.map(splitPair))
  const target: LinkTarget = { appearance: parseColours(named, bounds) }
  const parameter = named.get('julia')
  if (parameter !== undefined) target.julia = parseParameter(parameter)
  if (where !== '') target.place = parsePlace(where, bounds, target.julia)
  return target
}

/** Reads a place `zoom/re/im`. @throws LinkError */
export function parsePlace(text: string, { maxZoom, juliaMaxZoom }: ServerBounds, julia?: Coordinates): Place {
  const [z = '', re = '', im = '', ...more] = text.split('/')
  const centre = text.length > MAX_LENGTH ? [] : [parseDecimal(re, MAX_LENGTH), parseDecimal(im, MAX_LENGTH)]
  if (more.length > 0 || !/^\d{1,6}(\.\d{1,2})?$/.test(z) || !centre[0] || !centre[1]) {
    throw new LinkError(`${excerpt(text)} names no place: it should read zoom/re/im, in plain decimal numbers.`)
  }
  const zoom = Number(z)
  const deepest = julia ? juliaMaxZoom : maxZoom
  if (zoom > deepest) throw new LinkError(`Zoom ${zoom} is deeper than this server goes: ${deepest}.`)
  return clampToPyramid(placeAt(centre[0], centre[1], zoom, julia ? juliaPlane(julia) : MANDELBROT))
}

function excerpt(text: string): string {
  return `“${text.length > 40 ? `${text.slice(0, 38)}…` : text}”`
}

function parseParameter(text: string): Coordinates {
  const [re = '', im = '', ...more] = text.split(',')
  if (
    more.length > 0 ||
    [re, im].some((part) => part.length > MAX_PARAMETER_LENGTH || !Number.isFinite(readNumber(part)))
  ) {
    throw new LinkError('This link should name the point of its Julia set as re,im.')
  }
  return { re, im }
}

function parseColours(named: Map<string, string>, { limit }: ServerBounds): Partial<MapAppearance> {
  const iter = named.get('iter')
  try {
    return {
      ...parseAppearance(Object.fromEntries(named)),
      ...(iter !== undefined && { limit: parseLimit(iter, limit) }),
    }
  } catch (error) {
    if (error instanceof Failure) throw new LinkError(`In this link ${error.message}.`)
    throw error
  }
}

function parseLimit(text: string, { min, max }: ServerBounds['limit']): number | 'auto' {
  if (text === 'auto') return text
  const value = readWhole(text)
  if (value >= min && value <= max) return value
  throw new LinkError(`The iteration limit in this link should be a number from ${min} to ${max}.`)
}

function splitPair(part: string): [name: string, value: string] {
  try {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part)!
    return [decodeURIComponent(name), decodeURIComponent(value)]
  } catch {
    throw new LinkError('This link is garbled.')
  }
}
