import { writeAppearance } from '../colour/appearance.ts'
import { Failure } from '../core/errors.ts'
import { readNumber, readWhole } from '../core/parse.ts'
import { parseDecimal } from '../plane/decimal.ts'
import { type Appearance, namedLook } from './look.ts'
import { coordinates, inside, type Place, placeAt } from './place.ts'
import { juliaPlane, MANDELBROT, type Point } from './plane.ts'

/** What a link carries. What it leaves out is undefined. */
export interface Scene {
  place?: Place
  /** the point whose Julia set is shown */
  julia?: Point
  appearance: Partial<Appearance>
}

/** A link that cannot be followed, in a sentence for the visitor. */
export class Unreadable extends Error {}

/** What a server can show: links past it are brought back, or refused when that makes no sense. */
export interface Bounds {
  maxZoom: number
  juliaMaxZoom: number
  limit: { min: number; max: number }
}

// two coordinates at zoom 10,000 have 3,014 digits each; more than this nobody's link needs, and reading it would take
// time that grows with its square
const LONGEST = 20_000

// a Julia set's point is a double; twice its digits are plenty
const LONGEST_POINT = 40

/** The address bar's part after the #: `zoom/re/im&palette=…`, and what else shapes the picture. */
export function formatLink(place: Place, appearance: Appearance, julia?: Point): string {
  const { re, im } = coordinates(place, julia ? juliaPlane(julia) : MANDELBROT)
  const { limit, ...colours } = appearance
  const parts = {
    ...(julia && { julia: `${julia.re},${julia.im}` }),
    ...writeAppearance(colours),
    ...(limit !== 'auto' && { iter: String(limit) }),
  }
  return [`#${place.zoom}/${re}/${im}`, ...Object.entries(parts).map((part) => part.join('='))].join('&')
}

/** Reads a link; an empty one is an empty scene. Throws Unreadable, fast, for what is none. */
export function parseLink(hash: string, bounds: Bounds): Scene {
  if (hash.length > LONGEST) throw new Unreadable('This link is longer than any place needs.')
  const [where = '', ...rest] = hash.replace(/^#/, '').split('&')
  const named = new Map(rest.map(split))
  const scene: Scene = { appearance: readAppearance(named, bounds) }
  const point = named.get('julia')
  if (point !== undefined) scene.julia = readPoint(point)
  if (where !== '') scene.place = readPlace(where, bounds, scene.julia)
  return scene
}

/** The place that `zoom/re/im` names. Throws Unreadable. */
export function readPlace(text: string, { maxZoom, juliaMaxZoom }: Bounds, julia?: Point): Place {
  const [z = '', re = '', im = '', ...more] = text.split('/')
  const centre = text.length > LONGEST ? [] : [parseDecimal(re, LONGEST), parseDecimal(im, LONGEST)]
  if (more.length > 0 || !/^\d{1,6}$/.test(z) || !centre[0] || !centre[1]) {
    throw new Unreadable(`${excerpt(text)} names no place: it should read zoom/re/im, in plain decimal numbers.`)
  }
  const zoom = Number(z)
  const deepest = julia ? juliaMaxZoom : maxZoom
  if (zoom > deepest) throw new Unreadable(`Zoom ${zoom} is deeper than this server goes: ${deepest}.`)
  return inside(placeAt(centre[0], centre[1], zoom, julia ? juliaPlane(julia) : MANDELBROT))
}

function excerpt(text: string): string {
  return `“${text.length > 40 ? `${text.slice(0, 38)}…` : text}”`
}

function readPoint(text: string): Point {
  const [re = '', im = '', ...more] = text.split(',')
  if (more.length > 0 || [re, im].some((part) => part.length > LONGEST_POINT || !Number.isFinite(readNumber(part)))) {
    throw new Unreadable('This link should name the point of its Julia set as re,im.')
  }
  return { re, im }
}

function readAppearance(named: Map<string, string>, { limit }: Bounds): Partial<Appearance> {
  const iter = named.get('iter')
  try {
    return { ...namedLook(Object.fromEntries(named)), ...(iter !== undefined && { limit: readLimit(iter, limit) }) }
  } catch (error) {
    if (error instanceof Failure) throw new Unreadable(`In this link ${error.message}.`)
    throw error
  }
}

function readLimit(text: string, { min, max }: Bounds['limit']): number | 'auto' {
  if (text === 'auto') return text
  const value = readWhole(text)
  if (value >= min && value <= max) return value
  throw new Unreadable(`The iteration limit in this link should be a number from ${min} to ${max}.`)
}

function split(part: string): [name: string, value: string] {
  try {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part)!
    return [decodeURIComponent(name), decodeURIComponent(value)]
  } catch {
    throw new Unreadable('This link is garbled.')
  }
}
