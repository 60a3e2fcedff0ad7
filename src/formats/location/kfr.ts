// Kalles Fraktaler's .kfr: lines `Name: value`, as its versions from 2.x on write them. The program
// also stores it in the comment of pictures.
//
// The files come from many machines. Line endings differ, values may have a decimal comma, and
// older versions leave out what they do not know. Three rules are easy to miss:
//
// - The imaginary axis points down unless `ImagPointsUp` says otherwise: the program had no other
//   orientation before 2.15.4. Its formula for a pixel (u, v), v counted downwards from the centre,
//   is re + u cos r - v sin r, im ± (u sin r + v cos r), with r the RotateAngle, and minus for
//   ImagPointsUp.
// - `Rotate` and `Ratio`, of older versions, rotate and stretch by other rules. The program itself
//   no longer draws them.
// - `ImagPointsUp` counts only if `RotateAngle` is given.
import { Failure, mustBe } from '../../core/errors.ts'
import { parseNumber, readNumber } from '../../core/parse.ts'
import { readCoordinate } from '../../plane/coordinate.ts'
import { formatDecimal } from '../../plane/decimal.ts'
import {
  DEFAULT_HEIGHT,
  DEFAULT_MAX_DIGITS,
  type LocationFile,
  type LocationFileOptions,
  limitOf,
  magnificationOf,
  orientation,
  zoomOf,
} from './location.ts'

/** Is this the text of a .kfr? */
export function isKfr(text: string): boolean {
  const lines = entries(text)
  return lines.has('Re') || lines.has('Im')
}

// Settings that give another picture than z^2 + c from z = 0: the accepted values, and what any
// other would mean, in words.
const ONLY = {
  FractalType: { values: [0], because: "the Mandelbrot set's own" },
  Power: { values: [2], because: "the Mandelbrot set's own" },
  UseHybridFormula: { values: [0], because: 'since hybrid formulas are not drawn' },
  SeedR: { values: [0], because: "the Mandelbrot set's own" },
  SeedI: { values: [0], because: "the Mandelbrot set's own" },
  StretchAmount: { values: [0], because: 'since stretched pictures are not drawn' },
  ExponentialMap: { values: [0], because: 'since exponential maps are not drawn' },
  Rotate: { values: [0], because: 'since the rotation of old versions is not supported' },
  // newer versions leave it out, or say 0
  Ratio: { values: [360, 0], because: 'since stretched pictures are not drawn' },
}

/**
 * Reads the text of a .kfr.
 * @throws Failure `invalid` or `too_expensive`, which names the value that is wrong, missing, or
 * describes another fractal
 */
export function parseKfr(text: string, options: LocationFileOptions = {}): LocationFile {
  const { height = DEFAULT_HEIGHT, maxDigits = DEFAULT_MAX_DIGITS } = options
  const values = entries(text)
  for (const [name, { values: allowed, because }] of Object.entries(ONLY)) {
    const was = values.get(name)
    if (was === undefined || was === '' || allowed.includes(readNumber(was))) continue
    throw new Failure('invalid', mustBe(name, `${allowed[0]}, ${because}`, was))
  }
  const value = (name: string) => {
    const found = values.get(name)
    if (found !== undefined) return found
    throw new Failure('invalid', `${name} must be given, it was missing`)
  }
  const limit = values.get('Iterations')
  const angle = values.get('RotateAngle') ?? '0'
  return {
    re: readCoordinate('Re', value('Re'), maxDigits),
    im: readCoordinate('Im', value('Im'), maxDigits),
    zoom: zoomOf('Zoom', value('Zoom'), height),
    ...(limit === undefined ? {} : { maxIter: limitOf('Iterations', limit) }),
    ...orientation(parseNumber('RotateAngle', angle, -ANGLE, ANGLE, 'a number of degrees'), pointsDown(values)),
  }
}

// Does the imaginary axis point down? A file with only a place does not come from the program:
// people write those by hand, and older versions of mandeltiles wrote them too, with the axis
// upwards.
function pointsDown(values: Map<string, string>): boolean {
  const up = values.get('ImagPointsUp')
  if (up === undefined) return [...values.keys()].some((name) => !PLACE.includes(name))
  // as the program reads it: only a number other than 0 means yes
  return !readNumber(up)
}

const PLACE = ['Re', 'Im', 'Zoom', 'Iterations']

// an angle with fewer than six digits before the point
const ANGLE = 1e6

/** A location as a .kfr, for a picture `height` pixels tall. */
export function formatKfr(location: LocationFile, height: number = DEFAULT_HEIGHT): string {
  const { re, im, zoom, maxIter, rotation = 0, mirror = false } = location
  const lines = [
    `Re: ${formatDecimal(re)}`,
    `Im: ${formatDecimal(im)}`,
    `Zoom: ${magnificationOf(zoom, height)}`,
    ...(maxIter === undefined ? [] : [`Iterations: ${maxIter}`]),
    `RotateAngle: ${rotation}`,
    'StretchAngle: 0',
    'StretchAmount: 0',
    `ImagPointsUp: ${mirror ? 0 : 1}`,
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}

// a name's last value counts
function entries(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(':')
    // only these values can be long; palettes are not read
    if (colon > 0) values.set(line.slice(0, colon).trim(), withPoint(line.slice(colon + 1).trim()))
  }
  return values
}

// a decimal comma, as the program writes in some countries
function withPoint(value: string): string {
  return /^[-+\d][\deE+-]*,[\deE+-]*$/.test(value) ? value.replace(',', '.') : value
}
