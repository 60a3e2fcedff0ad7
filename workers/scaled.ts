// Complex numbers with a separate exponent, beyond the range of doubles, and their conversion from
// fixed point.
import { bitLength, magnitude } from '../src/plane/decimal.ts'

/** (re + i im) 2^e; the larger part lies between 2^-64 and 2^64. */
export interface Scaled {
  re: number
  im: number
  e: number
}

export const ZERO: Scaled = { re: 0, im: 0, e: 0 }
export const ONE: Scaled = { re: 1, im: 0, e: 0 }

// correct bits of a quotient in doubles
const GAIN = 44

export function normal({ re, im, e }: Scaled): Scaled {
  const size = Math.max(Math.abs(re), Math.abs(im))
  if (size === 0) return ZERO
  const by = Math.floor(Math.log2(size))
  return { re: re * 2 ** -by, im: im * 2 ** -by, e: e + by }
}

// a whole number of this many bits is within the range of doubles
const RANGE = 1000

/** A number of at most 4 in fixed point, with 53 bits of its larger part. */
export function scaled(x: bigint, y: bigint, bits: number): Scaled {
  const excess = Math.max(0, bits - RANGE)
  const over = BigInt(excess)
  const [re, im] = excess === 0 ? [Number(x), Number(y)] : [Number(x >> over), Number(y >> over)]
  if (excess === 0 || Math.max(Math.abs(re), Math.abs(im)) > 2 ** 64) return normal({ re, im, e: excess - bits })
  const length = Math.max(bitLength(magnitude(x)), bitLength(magnitude(y)))
  const drop = BigInt(Math.max(0, length - 60))
  return normal({ re: Number(x >> drop), im: Number(y >> drop), e: Number(drop) - bits })
}

export function product(a: Scaled, b: Scaled): Scaled {
  return normal({ re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re, e: a.e + b.e })
}

export function difference(a: Scaled, b: Scaled): Scaled {
  if (a.re === 0 && a.im === 0) return { re: -b.re, im: -b.im, e: b.e }
  if (b.re === 0 && b.im === 0) return a
  const e = Math.max(a.e, b.e)
  const [u, v] = [2 ** (a.e - e), 2 ** (b.e - e)]
  return normal({ re: a.re * u - b.re * v, im: a.im * u - b.im * v, e })
}

/** a / b; undefined if b is 0. */
export function quotient(a: Scaled, b: Scaled): Scaled | undefined {
  const norm = b.re * b.re + b.im * b.im
  if (norm === 0) return undefined
  return { re: (a.re * b.re + a.im * b.im) / norm, im: (a.im * b.re - a.re * b.im) / norm, e: a.e - b.e }
}

export const log2 = ({ re, im, e }: Scaled) => e + Math.log2(Math.hypot(re, im))

/** x 2^e in fixed point, truncated. */
export function fixed(x: number, e: number, bits: number): bigint {
  const shift = e + bits - GAIN
  const whole = BigInt(Math.round(x * 2 ** GAIN))
  return shift >= 0 ? whole << BigInt(shift) : whole >> BigInt(-shift)
}
