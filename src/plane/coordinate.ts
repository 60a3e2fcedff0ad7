import { Failure, mustBe } from '../core/errors.ts'
import { DECIMAL_FORM, type Decimal, parseDecimal } from './decimal.ts'

/** Coordinates go no further out: the article's single precision holds them, and nothing is there. */
const FARTHEST = 1e30

/** What a coordinate may be, in words. */
export const COORDINATE_FORM = `${DECIMAL_FORM}, at most ${FARTHEST} in size`

/**
 * A coordinate in a text, exactly.
 * @param maxDigits most characters, and most digits behind the point, that it may have
 * @throws Failure `invalid` when it is none, `too_expensive` when it is longer
 */
export function readCoordinate(name: string, text: string, maxDigits: number): Decimal {
  if (text.length > maxDigits)
    throw new Failure('too_expensive', mustBe(name, `at most ${maxDigits} characters long`, text))
  const decimal = parseDecimal(text)
  // a number this far out is told by its double; a smaller one is not rounded
  if (!decimal || Math.abs(Number(text)) > FARTHEST) throw new Failure('invalid', mustBe(name, COORDINATE_FORM, text))
  if (decimal.scale > maxDigits) {
    throw new Failure('too_expensive', mustBe(name, `of at most ${maxDigits} digits behind the point`, text))
  }
  return decimal
}
