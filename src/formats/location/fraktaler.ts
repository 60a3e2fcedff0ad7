// Fraktaler-3's .toml. The program leaves out every value that is its default, and breaks long
// strings across lines.
//
// A formula is a list of lines, each iterated in turn, of signs and a power or of `opcodes`. Only
// z^2 + c is drawn here. `transform.rotate` is our rotation, as the program's own reader of .kfr
// takes it; `transform.reflect` flips the imaginary axis.
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
import { readToml, type TomlTexts } from './toml.ts'

/** Could this be a Fraktaler-3 .toml? */
export function isFraktaler(text: string): boolean {
  return /^[ \t]*(\[[ \t]*location[ \t]*\]|location[ \t]*[.=]|program[ \t]*=[ \t]*["']fraktaler-3["'])/m.test(text)
}

// the program's defaults
const DEFAULTS: Record<string, string> = {
  'location.real': '0',
  'location.imag': '0',
  'location.zoom': '1',
  'bailout.iterations': '1024',
  'transform.rotate': '0',
  'transform.reflect': 'false',
}

/**
 * Reads the text of a Fraktaler-3 .toml.
 * @throws Failure `invalid` or `too_expensive`, which names the value that is wrong or describes
 * another fractal
 */
export function parseFraktaler(text: string, options: LocationFileOptions = {}): LocationFile {
  const { height = DEFAULT_HEIGHT, maxDigits = DEFAULT_MAX_DIGITS } = options
  const texts = readToml(text)
  checkFormula(texts)
  checkTransform(texts)
  const value = (name: string) => texts.get(name) ?? DEFAULTS[name]!
  const rotate = parseNumber('transform.rotate', value('transform.rotate'), -1e6, 1e6, 'a number of degrees')
  return {
    re: readCoordinate('location.real', value('location.real'), maxDigits),
    im: readCoordinate('location.imag', value('location.imag'), maxDigits),
    zoom: zoomOf('location.zoom', value('location.zoom'), height),
    maxIter: limitOf('bailout.iterations', value('bailout.iterations')),
    ...orientation(rotate, value('transform.reflect') === 'true'),
  }
}

const SIGNS = ['abs_x', 'abs_y', 'neg_x', 'neg_y']

// each line of the formula must be z^2 + c: opcodes if there are any, else a power without signs
function checkFormula(texts: TomlTexts): void {
  for (const [path, was] of texts) {
    const [, line, name = ''] = /^formula\.(\d+)\.(.*)$/s.exec(path) ?? []
    if (line === undefined) continue
    const opcodes = texts.get(`formula.${line}.opcodes`)?.trim() ?? ''
    if (name === 'opcodes') {
      if (was.trim() !== '' && was.trim().replace(/\s+/g, ' ') !== 'sqr add') refuse('formula.opcodes', 'sqr add', was)
    } else if (opcodes === '') {
      if (SIGNS.includes(name) && was !== 'false') refuse(`formula.${name}`, 'false', was)
      if (name === 'power' && readNumber(was) !== 2) refuse('formula.power', '2', was)
    }
  }
}

function refuse(name: string, only: string, was: string): never {
  throw new Failure('invalid', mustBe(name, `${only}, the Mandelbrot set's own`, was))
}

function checkTransform(texts: TomlTexts): void {
  const stretch = texts.get('transform.stretch_amount')
  if (stretch !== undefined && readNumber(stretch) !== 0) {
    const expected = '0, since stretched pictures are not drawn'
    throw new Failure('invalid', mustBe('transform.stretch_amount', expected, stretch))
  }
  for (const [name, what] of [
    ['transform.exponential_map', 'exponential maps'],
    ['transform.vertical_flip', 'pictures that are flipped after rotation'],
  ] as const) {
    const was = texts.get(name)
    if (was === 'true') throw new Failure('invalid', mustBe(name, `false, since ${what} are not drawn`, was))
  }
}

/** A location as a Fraktaler-3 .toml, for a picture `height` pixels tall. */
export function formatToml(location: LocationFile, height: number = DEFAULT_HEIGHT): string {
  const { re, im, zoom, maxIter, rotation = 0, mirror = false } = location
  const lines = [
    'program = "fraktaler-3"',
    `location.real = "${formatDecimal(re)}"`,
    `location.imag = "${formatDecimal(im)}"`,
    `location.zoom = "${magnificationOf(zoom, height)}"`,
  ]
  if (maxIter !== undefined) {
    // besides the limit itself the program has three caps, whose defaults are too low for deep
    // pictures
    const caps = ['iterations', 'maximum_reference_iterations', 'maximum_perturb_iterations', 'maximum_bla_steps']
    lines.push(...caps.map((cap) => `bailout.${cap} = ${maxIter}`))
  }
  // the program's reader does not accept an angle without a decimal point
  if (rotation !== 0) lines.push(`transform.rotate = ${Number.isInteger(rotation) ? `${rotation}.0` : rotation}`)
  if (mirror) lines.push('transform.reflect = true')
  return lines.map((line) => `${line}\n`).join('')
}
