import { abs, log2Spacing, type View } from './view.ts'

/** What an iteration by perturbation counts for in a request's cost: it takes as long as 5 to 7 in doubles. */
export const DEEP_WEIGHT = 6

/** The radius past which a sample has escaped: 2^8 keeps the error of smooth counts, about |c|/R^2, below a step of colour. */
export const ESCAPE_RADIUS = 256

/** Does double precision resolve the samples, its orbits' rounding included? See DOUBLE_SPACING. */
export function resolved(view: View): boolean {
  return log2Spacing(view) >= DOUBLE_SPACING || far(view)
}

// where all of a view's samples leave at once, their counts are smooth and doubles do at any spacing
function far({ re, im, bits }: View): boolean {
  const out = 3n << BigInt(bits)
  return abs(re) > out || abs(im) > out
}

// An orbit in doubles is that of a point some 2^-50 away, after thousands of roundings of 2^-53 each. At a spacing of 2^-36 this is a
// ten-thousandth of a pixel; at 2^-46, zoom 38, already a tenth, and one count in three was wrong at a dense place. Perturbation has no
// such error, and takes 5 to 7 times as long there.
export const DOUBLE_SPACING = -36
