import { Failure, mustBe } from '../core/errors.ts'
import { DECIMAL_FORM, type Decimal, parseDecimal } from './decimal.ts'

/**
 * Coordinates end here: the original's single precision holds them, and nothing is to be seen
 * there.
 */
const FARTHEST = 1e30

/** What a coordinate may be, in words. */
export const COORDINATE_FORM = `${DECIMAL_FORM}, at most ${FARTHEST} in size`

/**
 * The coordinate in a text, exactly to `places` digits behind the point. What is below is rounded.
 * @param maxDigits how many characters it may have, and digits behind the point
 * @throws Failure `invalid` when it is none, `too_expensive` when it is longer
 */
export function readCoordinate(name: string, text: string, maxDigits: number, places: number = maxDigits): Decimal {
  if (text.length > maxDigits)
    throw new Failure('too_expensive', mustBe(name, `at most ${maxDigits} characters long`, text))
  const decimal = parseDecimal(text, Math.min(places, maxDigits))
  // the double is good enough to tell how far out a number is; the number itself is not rounded
  if (!decimal || Math.abs(Number(text)) > FARTHEST) throw new Failure('invalid', mustBe(name, COORDINATE_FORM, text))
  return decimal
}
