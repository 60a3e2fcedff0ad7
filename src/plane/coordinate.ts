import { Failure, mustBe } from '../core/errors.ts'
import { scanNumber } from '../core/parse.ts'
import { DECIMAL_FORM, type Decimal, parseDecimal } from './decimal.ts'

/**
 * Coordinates end here: the original's single precision holds them, and nothing is to be seen
 * there.
 */
const FARTHEST = 1e30

/** What a coordinate may be, in words. */
export const COORDINATE_FORM = `${DECIMAL_FORM}, at most ${FARTHEST} in size`

/**
 * The coordinate in a text, exactly to `places` digits behind the point.
 * @param maxDigits how many characters it may have, and digits behind the point
 * @throws Failure `invalid` when it is none, `too_expensive` when it is longer, or so small that
 * all of its digits are rounded away
 */
export function readCoordinate(name: string, text: string, maxDigits: number, places: number = maxDigits): Decimal {
  if (text.length > maxDigits)
    throw new Failure('too_expensive', mustBe(name, `at most ${maxDigits} characters long`, text))
  const decimal = parseDecimal(text, Math.min(places, maxDigits))
  // the double is good enough to tell how far out a number is; the number itself is not rounded
  if (!decimal || Math.abs(Number(text)) > FARTHEST) throw new Failure('invalid', mustBe(name, COORDINATE_FORM, text))
  if (decimal.digits === 0n && isBelow(text, maxDigits)) {
    throw new Failure('too_expensive', mustBe(name, `of at most ${maxDigits} digits behind the point`, text))
  }
  return decimal
}

// is it so small, and not 0, that its first digit lies behind so many places?
function isBelow(text: string, places: number): boolean {
  const { digits, exponent } = scanNumber(text)!
  return digits !== '' && digits.length + exponent <= -places
}
