import { parseDecimal } from '../decimal.ts'
import { coordinates, inside, type Place, placeAt } from './place.ts'

/** All that shapes the picture beside its place. */
export interface Look {
  palette: string
  limit: number | 'auto'
}

/** What a link carries. What it leaves out is undefined. */
export interface Scene {
  place?: Place
  palette?: string
  limit?: number | 'auto'
}

/** A link that cannot be followed, in a sentence for the visitor. */
export class Unreadable extends Error {}

/** What a server can show: links past it are brought back, or refused when that makes no sense. */
export interface Bounds {
  maxZoom: number
  palettes: readonly string[]
  limit: { min: number; max: number }
}

// two coordinates at zoom 10,000 have 3,014 digits each; more than this nobody's link needs, and reading it would take
// time that grows with its square
const LONGEST = 20_000

// plain decimals, with a small exponent at most: an exponent is a way to write a million digits in eight characters
const NUMBER = /^[+-]?(\d{1,3}(\.\d*)?|\.\d+)(e[+-]?\d{1,4})?$/i

/** The address bar's part after the #: `zoom/re/im&palette=…&iter=…`. */
export function formatLink(place: Place, look: Look): string {
  const { re, im } = coordinates(place)
  const limit = look.limit === 'auto' ? '' : `&iter=${look.limit}`
  return `#${place.zoom}/${re}/${im}&palette=${encodeURIComponent(look.palette)}${limit}`
}

/** Reads a link; an empty one is an empty scene. Throws Unreadable, fast, for what is none. */
export function parseLink(hash: string, bounds: Bounds): Scene {
  if (hash.length > LONGEST) throw new Unreadable('This link is longer than any place needs.')
  const [where = '', ...rest] = hash.replace(/^#/, '').split('&')
  const scene: Scene = {}
  if (where !== '') scene.place = readPlace(where, bounds)
  for (const part of rest) {
    const [name, value = ''] = split(part)
    if (name === 'palette') scene.palette = readPalette(value, bounds)
    else if (name === 'iter') scene.limit = readLimit(value, bounds)
  }
  return scene
}

function readPlace(text: string, { maxZoom }: Bounds): Place {
  const [z = '', re = '', im = '', ...more] = text.split('/')
  if (more.length > 0 || !/^\d{1,6}$/.test(z) || !NUMBER.test(re) || !NUMBER.test(im)) {
    throw new Unreadable('This link names no place: it should read zoom/re/im.')
  }
  const zoom = Number(z)
  if (zoom > maxZoom) throw new Unreadable(`This link leads to zoom ${zoom}; this server goes to ${maxZoom}.`)
  return inside(placeAt(parseDecimal(re)!, parseDecimal(im)!, zoom))
}

function readPalette(name: string, { palettes }: Bounds): string {
  if (palettes.includes(name)) return name
  throw new Unreadable(`There is no palette called “${name.slice(0, 40)}” here.`)
}

function readLimit(text: string, { limit }: Bounds): number | 'auto' {
  if (text === 'auto') return text
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= limit.min && value <= limit.max) return value
  throw new Unreadable(`The iteration limit in this link should be a number from ${limit.min} to ${limit.max}.`)
}

function split(part: string): [name: string, value?: string] {
  try {
    const [name = '', value] = part.split('=').map(decodeURIComponent)
    return value === undefined ? [name] : [name, value]
  } catch {
    throw new Unreadable('This link is garbled.')
  }
}
