import { Failure, mustBe } from '../core/errors.ts'
import { DECIMAL_FORM, type Decimal, parseDecimal } from './decimal.ts'

/**
 * The largest coordinates: the original's single precision holds them, and there is nothing to see
 * there.
 */
const FARTHEST = 1e30

/** The allowed coordinates, in words. */
export const COORDINATE_FORM = `${DECIMAL_FORM}, at most ${FARTHEST} in size`

/**
 * The coordinate in a text, exact to `places` digits after the point. Further digits are rounded.
 * @param maxDigits the most characters, and the most digits after the point
 * @throws Failure `invalid` if it is not a coordinate, `too_expensive` if it is longer
 */
export function readCoordinate(name: string, text: string, maxDigits: number, places: number = maxDigits): Decimal {
  if (text.length > maxDigits)
    throw new Failure('too_expensive', mustBe(name, `at most ${maxDigits} characters long`, text))
  const decimal = parseDecimal(text, Math.min(places, maxDigits))
  // the double is good enough to tell how far out a number is; the number itself is not rounded
  if (!decimal || Math.abs(Number(text)) > FARTHEST) throw new Failure('invalid', mustBe(name, COORDINATE_FORM, text))
  return decimal
}
