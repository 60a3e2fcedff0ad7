// Numbers in texts. Flags, queries, links, files and the environment are all read here.
//
// A text is taken apart in one pass, before anything is computed from it, so that the time is
// linear in its characters, and a number's size is known before it takes memory: `1e999999999` is
// ten digits of an exponent, not a thousand million zeros. The pattern never tries a character
// twice, because no two of its parts in a row can match the same one.
import { Failure, mustBe } from './errors.ts'

/** A decimal number in its parts: ±digits · 10^exponent. */
export interface ScannedNumber {
  negative: boolean
  /** decimal digits without leading zeros; empty for 0 */
  digits: string
  /** a whole number; infinite where its own digits pass a double */
  exponent: number
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/** Takes a number such as -1.25, .5 or 3e-7 apart; undefined where the text is none. */
export function scanNumber(text: string): ScannedNumber | undefined {
  const match = NUMBER.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = (whole + fraction).replace(/^0+/, '')
  return { negative: sign === '-', digits, exponent: digits === '' ? 0 : Number(exponent) - fraction.length }
}

/** The double nearest to a number in a text; NaN where the text is none. */
export function readNumber(text: string): number {
  // 0 is 0, with or without a sign
  return scanNumber(text) ? Number(text) + 0 : Number.NaN
}

/**
 * log2 of a number above 0 in a text, whatever its size, from its seventeen leading digits; NaN
 * where the text is no such number.
 */
export function log2Number(text: string): number {
  const scanned = scanNumber(text)
  if (!scanned || scanned.negative || scanned.digits === '') return Number.NaN
  const leading = scanned.digits.slice(0, 17)
  const power = scanned.exponent + scanned.digits.length - leading.length
  return Math.log2(Number(leading)) + power * Math.log2(10)
}

/**
 * The whole number that a text of digits alone stands for; NaN where it is none, or beyond 2^53.
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
