import { writeAppearance } from '../../colour/appearance.ts'
import { STYLES, type Style } from '../../colour/style.ts'
import { Failure } from '../../core/errors.ts'
import { parseNumber, parseWhole, readNumber } from '../../core/parse.ts'
import { parseDecimal } from '../../plane/decimal.ts'
import { t } from '../language/t.ts'
import { type MapAppearance, parseAppearance } from './appearance.ts'
import { clampToPyramid, coordinates, formatZoom, type Place, placeAt } from './place.ts'
import { type Coordinates, juliaPlane, MANDELBROT } from './plane.ts'
import { restingRotation } from './rotation.ts'

/** What a link names. Parts that it leaves out are undefined. */
export interface LinkTarget {
  place?: Place
  /** the parameter c, when the link leads to a Julia set */
  julia?: Coordinates
  /** degrees counter-clockwise */
  rotation?: number
  appearance: Partial<MapAppearance>
  /** messages about the settings that could not be read and are left out */
  problems: string[]
}

/** A link that cannot be followed. The message is a sentence for the visitor. */
export class LinkError extends Error {}

/** The limits of what a server can show. */
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

/**
 * The fragment of the address: `#zoom/re/im&palette=…`, and the other parameters of the picture.
 */
export function formatLink(place: Place, appearance: MapAppearance, julia?: Coordinates, rotation = 0): string {
  const { re, im } = coordinates(place, julia ? juliaPlane(julia) : MANDELBROT)
  const { limit, ...colours } = appearance
  const parts = {
    ...(julia && { julia: `${julia.re},${julia.im}` }),
    ...writeAppearance(colours),
    ...(limit !== 'auto' && { iter: String(limit) }),
    ...(rotation !== 0 && { rotation: String(rotation) }),
  }
  return [`#${formatZoom(place.zoom)}/${re}/${im}`, ...Object.entries(parts).map((part) => part.join('='))].join('&')
}

/**
 * Reads a link. An empty link names nothing. Colours that cannot be read are left out and named in
 * `problems`. @throws LinkError, without long computation, if the link has no readable place
 */
export function parseLink(hash: string, bounds: ServerBounds): LinkTarget {
  if (hash.length > MAX_LENGTH) throw new LinkError(t('This link is longer than any place needs.'))
  const [where = '', ...rest] = hash.replace(/^#/, '').split('&')
  const target: LinkTarget = { appearance: {}, problems: [] }
  const named = rest.map(splitPair)
  // whether a light or levels count depends on the style
  const style = named.find(([name, value]) => name === 'style' && STYLES.includes(value as Style))?.[1]
  for (const [name, value] of named) {
    try {
      if (name === 'julia') target.julia = parseParameter(value)
      else if (name === 'rotation') target.rotation = parseRotation(value)
      else if (name === 'iter') target.appearance.limit = parseLimit(value, bounds.limit)
      else Object.assign(target.appearance, parseAppearance({ ...(style && { style }), [name]: value }))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      target.problems.push(error.message)
    }
  }
  if (where !== '') target.place = parsePlace(where, bounds, target.julia)
  return target
}

/** Reads a place `zoom/re/im`. @throws LinkError */
export function parsePlace(text: string, { maxZoom, juliaMaxZoom }: ServerBounds, julia?: Coordinates): Place {
  const [z = '', re = '', im = '', ...more] = text.split('/')
  const centre = text.length > MAX_LENGTH ? [] : [parseDecimal(re, MAX_LENGTH), parseDecimal(im, MAX_LENGTH)]
  if (more.length > 0 || !/^\d{1,6}(\.\d{1,2})?$/.test(z) || !centre[0] || !centre[1]) {
    throw new LinkError(
      t('{text} names no place: it should read zoom/re/im, in plain decimal numbers.', { text: excerpt(text) }),
    )
  }
  const zoom = Number(z)
  const deepest = julia ? juliaMaxZoom : maxZoom
  if (zoom > deepest)
    throw new LinkError(t('Zoom {zoom} is deeper than this server goes: {deepest}.', { zoom, deepest }))
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
    throw new LinkError(t('This link should name the point of its Julia set as re,im.'))
  }
  return { re, im }
}

function parseLimit(text: string, { min, max }: ServerBounds['limit']): number | 'auto' {
  return text === 'auto' ? text : parseWhole('iter', text, min, max)
}

function parseRotation(text: string): number {
  return restingRotation(parseNumber('rotation', text, -360, 360, 'a number of degrees from -360 to 360'))
}

function splitPair(part: string): [name: string, value: string] {
  const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part)!
  return [decode(name), decode(value)]
}

// a wrongly encoded text is passed on unchanged, and its reader refuses it
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
