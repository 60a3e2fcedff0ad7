// Numbers in texts. Flags, queries, links, files and the environment are all read here.
//
// A text is split in one pass, before anything is computed from it. So the time is linear in its
// length, and a number's size is known before it takes memory: `1e999999999` is a nine-digit
// exponent, not a billion zeros. The pattern never tries a character twice, because no two of its
// parts in a row can match the same one.
import { Failure, mustBe } from './errors.ts'

/** The parts of a decimal number: ±digits · 10^exponent. */
export interface ScannedNumber {
  negative: boolean
  /** decimal digits without leading zeros; empty for 0 */
  digits: string
  /** a whole number; infinite if it exceeds the range of a double */
  exponent: number
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/**
 * Splits a number such as -1.25, .5 or 3e-7 into its parts; undefined if the text is not a number.
 */
export function scanNumber(text: string): ScannedNumber | undefined {
  const match = NUMBER.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = (whole + fraction).replace(/^0+/, '')
  return { negative: sign === '-', digits, exponent: digits === '' ? 0 : Number(exponent) - fraction.length }
}

/** The double nearest to the number in a text; NaN if the text is not a number. */
export function readNumber(text: string): number {
  // 0 is 0, with or without a sign
  return scanNumber(text) ? Number(text) + 0 : Number.NaN
}

/**
 * log2 of a number above 0 in a text, whatever its size, from its seventeen leading digits; NaN for
 * any other text.
 */
export function log2Number(text: string): number {
  const scanned = scanNumber(text)
  if (!scanned || scanned.negative || scanned.digits === '') return Number.NaN
  const leading = scanned.digits.slice(0, 17)
  const power = scanned.exponent + scanned.digits.length - leading.length
  return Math.log2(Number(leading)) + power * Math.log2(10)
}

/**
 * The whole number in a text of only digits; NaN for any other text, or beyond 2^53.
 */
export function readWhole(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : Number.NaN
}

/**
 * The number in a text, from `min` to `max`.
 * @param expected what it may be, in words
 * @throws Failure `invalid`
 */
export function parseNumber(
  name: string,
  text: string,
  min: number,
  max: number,
  expected: string = `a number from ${min} to ${max}`,
): number {
  const value = readNumber(text)
  if (value >= min && value <= max) return value
  throw new Failure('invalid', mustBe(name, expected, text))
}

/**
 * The whole number in a text, from `min` to `max`.
 * @param expected what it may be, in words
 * @throws Failure `invalid`
 */
export function parseWhole(
  name: string,
  text: string,
  min: number,
  max: number,
  expected: string = `a whole number from ${min} ${max === Number.POSITIVE_INFINITY ? 'on' : `to ${max}`}`,
): number {
  const value = readWhole(text)
  if (value >= min && value <= max) return value
  throw new Failure('invalid', mustBe(name, expected, text))
}
