// Reads places as people write them: with a true minus, as a + bi, with labels, with a decimal
// comma, a magnification in several notations. Only the notation is read here; the caller decides
// whether such a place exists.
import { log2Number, readNumber } from '../../core/parse.ts'
import { formatZoom } from './place.ts'

/** The parts of a place that a text names, as plain decimal texts. */
export interface PlaceText {
  re: string
  im: string
  zoom?: string
}

// These patterns take linear time: no two parts in a row can match the same character. They are for
// texts in which every run of spaces is one (see `normalise`).
const UNSIGNED = String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,6})?`
const NUMBER = `[-+]?${UNSIGNED}`
const SEPARATOR = '(?: ?[,;@] ?| )'
const ZOOM = String.raw`(?:${SEPARATOR}(?:zoom ?[:=]? ?)?([^ ,;()[\]]+))?`

// a + bi, a - i b, with or without parentheses; j as engineers write it
const COMPLEX = new RegExp(
  String.raw`^[([]? ?(${NUMBER}) ?([-+]) ?(?:[ij] ?\*? ?(${UNSIGNED})|(${UNSIGNED})? ?\*? ?[ij]) ?[)\]]?${ZOOM}$`,
  'i',
)
// two or three values, or a pair in parentheses and a zoom
const LIST = new RegExp(String.raw`^[([]? ?(${NUMBER})${SEPARATOR}(${NUMBER})(?: ?[)\]])?${ZOOM}(?: ?[)\]])?$`, 'i')
const LABELS = {
  re: /(?:^|[ ,;])(?:re|real|x|cx) ?[:=]? ?([-+]?[\d.]\S*)/i,
  im: /(?:^|[ ,;])(?:im|imag|imaginary|y|cy) ?[:=]? ?([-+]?[\d.]\S*)/i,
  zoom: /(?:^|[ ,;])(?:zoom|z|mag|magnification) ?[:=]? ?(\S+)/i,
}

/** Reads a text that names a point, and maybe a zoom; undefined when it names none. */
export function parsePlaceText(text: string): PlaceText | undefined {
  const plain = normalise(text)
  const complex = COMPLEX.exec(plain)
  if (complex) {
    const [, re, sign, after, before, zoom] = complex
    const size = after ?? before ?? '1'
    return made(re!, sign === '-' ? `-${size}` : size, zoom)
  }
  const list = LIST.exec(withDecimalPoints(plain) ?? plain)
  if (list) return made(list[1]!, list[2]!, list[3])
  const [re, im, zoom] = [LABELS.re, LABELS.im, LABELS.zoom].map((label) => label.exec(plain)?.[1])
  const ends = (value: string | undefined) => value?.replace(/[,;]+$/, '')
  if (re && im) return made(parseCoordinate(ends(re)!), parseCoordinate(ends(im)!), ends(zoom))
  return undefined
}

/** A coordinate as it is typed, in the notation of decimals: `−0,75` is `-0.75`. */
export function parseCoordinate(text: string): string {
  const plain = normalise(text).replace(/[\s_]/g, '')
  // one comma between digits, and no point: it can only be a decimal comma
  return /^[-+]?\d*,\d+$/.test(plain) ? plain.replace(',', '.') : plain
}

/**
 * A zoom as it is typed: the map's own, such as 14 or 14.5, or a magnification, such as 1e50,
 * 10^50, 5·10^6 or x512, whose logarithm it is. Undefined when it is neither.
 */
export function parseZoomText(text: string): number | undefined {
  const plain = parseCoordinate(text)
  const size = plain.replace(/^[x×]|[x×]$/gi, '')
  const power = /^(?:([\d.]+)[x×*·])?(\d{1,6})\^\+?(\d{1,7})$/i.exec(size)
  const log2 = power
    ? Number(power[3]) * Math.log2(Number(power[2])) + (power[1] === undefined ? 0 : log2Number(power[1]))
    : log2Number(size)
  if (power || size !== plain || /e/i.test(plain)) {
    return Number.isFinite(log2) ? Math.max(0, Math.round(log2)) : undefined
  }
  const zoom = readNumber(plain)
  return zoom >= 0 && zoom < 1e6 ? Number(formatZoom(zoom)) : undefined
}

function made(re: string, im: string, zoom: string | undefined): PlaceText {
  return { re, im, ...(zoom !== undefined && { zoom }) }
}

// the minus sign, dashes and spaces that text processors put in place of the plain ones, and runs
// of them
function normalise(text: string): string {
  return text
    .trim()
    .replace(/[\u2212\u2010-\u2014\uFE63\uFF0D]/g, '-')
    .replace(/[\s\u200B]+/g, ' ')
}

// Values with decimal commas, where these cannot be separators: between values there are spaces or
// semicolons, and no value has a point.
function withDecimalPoints(text: string): string | undefined {
  if (text.includes('.')) return undefined
  const values = text.split(/ ?; ?| /)
  const decimal = /^[-+]?\d*,\d+(?:e[-+]?\d+)?$/i
  if (values.length < 2 || values.length > 3 || !values.slice(0, 2).some((value) => decimal.test(value)))
    return undefined
  return values.map((value) => (decimal.test(value) ? value.replace(',', '.') : value)).join(' ')
}
