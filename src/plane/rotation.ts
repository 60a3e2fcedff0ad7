// Cosine and sine in whole numbers. Math.cos may differ in its last digit from one JavaScript
// engine to another, and a rotated picture's bytes would differ with it.

/**
 * Fractional bits of `direction`: a picture of 2^20 pixels a side is rotated to 2^-76 of a pixel.
 */
export const DIRECTION_BITS = 96

/**
 * Cosine and sine of an angle in degrees, each in units of 2^-DIRECTION_BITS; exact at multiples of
 * 90.
 */
export function direction(degrees: number): { cos: bigint; sin: bigint } {
  const quarters = Math.round(degrees / 90)
  // between -45 and 45, in units of 2^-ANGLE_BITS degrees; finer bits of a double do not matter
  const rest = BigInt(Math.round((degrees - 90 * quarters) * 2 ** ANGLE_BITS))
  const radians = (rest * PI) / (180n << BigInt(ANGLE_BITS))
  const [cos, sin] = [series(ONE, 0n, radians), series(radians, 1n, radians)].map((part) => part >> BigInt(GUARD)) as [
    bigint,
    bigint,
  ]
  const turns = [
    { cos, sin },
    { cos: -sin, sin: cos },
    { cos: -cos, sin: -sin },
    { cos: sin, sin: -cos },
  ] as const
  return turns[((quarters % 4) + 4) % 4]!
}

// the sum of first - first x^2/(n+1)(n+2) + ..., the series of cosine (n = 0) and sine (n = 1)
function series(first: bigint, n: bigint, x: bigint): bigint {
  const square = (x * x) >> BigInt(BITS)
  let [sum, term] = [0n, first]
  for (let k = n; term !== 0n; k += 2n) {
    sum += term
    term = -((term * square) >> BigInt(BITS)) / ((k + 1n) * (k + 2n))
  }
  return sum
}

const ANGLE_BITS = 44
// beyond DIRECTION_BITS, for about thirty roundings
const GUARD = 32
const BITS = DIRECTION_BITS + GUARD
const ONE = 1n << BigInt(BITS)
// pi with 128 fractional bits
const PI = 0x3243f6a8885a308d313198a2e03707344n
