// Location files of other deep zoomers, read and written: Kalles Fraktaler's `.kfr` and Fraktaler-3's `.toml`. Both hold a centre and a
// magnification: a picture that is 4/Zoom tall, however many pixels it has. The map's zoom is a size of pixel, 3/(256 · 2^zoom), so a
// file's zoom depends on how tall its picture is to be here: 4/Zoom = height · 3/(256 · 2^zoom) gives
//
//   zoom = log2(Zoom) + log2(3 · height / 1024)

import { Failure, mustBe } from '../core/errors.ts'
import { log2Number, parseWhole } from '../core/parse.ts'
import { readCoordinate } from '../plane/coordinate.ts'
import { type Decimal, formatDecimal } from '../plane/decimal.ts'

/** A place as a file names it: the centre exactly, the map's zoom (at least 0, maybe a fraction), and the iteration limit where it has one. */
export interface LocationFile {
  re: Decimal
  im: Decimal
  zoom: number
  maxIter?: number
}

export interface LocationFileOptions {
  /** how many pixels tall the file's picture is to be; by default that of /image.png */
  height?: number
  /** most characters of a coordinate */
  maxDigits?: number
}

const HEIGHT = 768
const MAX_DIGITS = 20_000

/**
 * Reads the text of a `.kfr` or of a Fraktaler-3 `.toml`, whichever it is.
 * @throws Failure `invalid` or `too_expensive` when it is neither, is of another formula, or lacks or garbles a value; the sentence names the value
 */
export function parseLocationFile(text: string, options: LocationFileOptions = {}): LocationFile {
  const { height = HEIGHT, maxDigits = MAX_DIGITS } = options
  const values = entries(text)
  const names = values.has('Re') || values.has('Im') ? KFR : TOML
  if (!values.has(names.re) && !values.has(names.im)) {
    const forms = 'the text of a .kfr (Re:, Im:, Zoom:) or of a Fraktaler-3 .toml (location.real, .imag, .zoom)'
    throw new Failure('invalid', mustBe('the location file', forms, text.trim()))
  }
  for (const [name, only] of Object.entries(names.formula)) {
    const was = values.get(name)
    if (was !== undefined && was !== only) {
      throw new Failure('invalid', mustBe(name, `${only}, the Mandelbrot set's own`, was))
    }
  }
  const value = (name: string) => {
    const found = values.get(name)
    if (found !== undefined) return found
    throw new Failure('invalid', `${name} must be given, it was missing`)
  }
  const magnification = log2Magnification(names.zoom, value(names.zoom))
  const limit = values.get(names.maxIter)
  return {
    re: readCoordinate(names.re, value(names.re), maxDigits),
    im: readCoordinate(names.im, value(names.im), maxDigits),
    zoom: Math.max(0, magnification + Math.log2((3 * height) / 1024)),
    ...(limit === undefined ? {} : { maxIter: parseWhole(names.maxIter, limit, 1, Number.POSITIVE_INFINITY) }),
  }
}

/** A place as a `.kfr`, for a picture `height` pixels tall. */
export function formatKfr(place: LocationFile, height: number = HEIGHT): string {
  const { re, im, zoom, maxIter } = place
  const lines = [`Re: ${formatDecimal(re)}`, `Im: ${formatDecimal(im)}`, `Zoom: ${magnification(zoom, height)}`]
  if (maxIter !== undefined) lines.push(`Iterations: ${maxIter}`)
  return lines.map((line) => `${line}\r\n`).join('')
}

/** A place as a Fraktaler-3 `.toml`, for a picture `height` pixels tall. */
export function formatToml(place: LocationFile, height: number = HEIGHT): string {
  const { re, im, zoom, maxIter } = place
  const lines = [
    'program = "fraktaler-3"',
    `location.real = "${formatDecimal(re)}"`,
    `location.imag = "${formatDecimal(im)}"`,
    `location.zoom = "${magnification(zoom, height)}"`,
  ]
  if (maxIter !== undefined) {
    // beside the limit itself that program has three caps, whose defaults cut pictures short at depth
    const caps = ['iterations', 'maximum_reference_iterations', 'maximum_perturb_iterations', 'maximum_bla_steps']
    lines.push(...caps.map((cap) => `bailout.${cap} = ${maxIter}`))
  }
  return lines.map((line) => `${line}\n`).join('')
}

const KFR = {
  re: 'Re',
  im: 'Im',
  zoom: 'Zoom',
  maxIter: 'Iterations',
  formula: { FractalType: '0', Power: '2' },
}
const TOML = {
  re: 'location.real',
  im: 'location.imag',
  zoom: 'location.zoom',
  maxIter: 'bailout.iterations',
  formula: {
    'formula.abs_x': 'false',
    'formula.abs_y': 'false',
    'formula.neg_x': 'false',
    'formula.neg_y': 'false',
    'formula.power': '2',
  },
}

// Lines `Name: value` and `name = value`, a TOML table's name before its keys. Not a TOML library: one makes numbers of what stands without
// quotes, and 1e345 or three hundred digits would be lost.
function entries(text: string): Map<string, string> {
  const values = new Map<string, string>()
  let table = ''
  for (const line of text.split(/\r\n|\r|\n/)) {
    const header = /^\s*\[+\s*([\w.-]+)\s*\]+/.exec(line)
    if (header) table = `${header[1]}.`
    const entry = /^\s*([\w.-]+)\s*(:|=)\s*(?:"([^"]*)"|'([^']*)'|([^#]*))/.exec(line)
    if (!entry) continue
    const [, name, mark, double, single, bare = ''] = entry
    values.set(mark === ':' ? name! : table + name, (double ?? single ?? bare).trim())
  }
  return values
}

function log2Magnification(name: string, text: string): number {
  const power = log2Number(text)
  if (Math.abs(power) <= 2 ** 22) return power
  throw new Failure('invalid', mustBe(name, 'a number above 0 such as 250 or 1.2E345', text))
}

// 2^x as a decimal such as 1.2345678901E345, to about as many digits as a double's x has of it
function magnification(zoom: number, height: number): string {
  const power = (zoom - Math.log2((3 * height) / 1024)) * Math.log10(2)
  const exponent = Math.floor(power)
  return `${Number((10 ** (power - exponent)).toPrecision(12))}E${exponent}`
}
