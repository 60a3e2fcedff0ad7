// Decimal strings and binary fixed point, both exact. A coordinate arrives as a decimal of any
// length, is carried as a bigint with a stated number of fractional bits, and becomes a double only
// where a kernel computes in doubles.
import { scanNumber } from '../core/parse.ts'

/** digits / 10^scale, exactly. */
export interface Decimal {
  digits: bigint
  scale: number
}

/** What parseDecimal takes, in words. */
export const DECIMAL_FORM = 'a decimal number such as -1.25 or 3e-7'

// Digits in front of the point. No coordinate has half as many, and what has more is refused by its
// exponent alone, before a digit of it is written out.
const LARGEST = 100
// digits behind the point, where the caller allows as many: the most that any server may be told to
const MOST_PLACES = 1_000_000

/**
 * Reads a decimal of any length, with an exponent where it has one; undefined where it is none, or
 * is 10^100 or more. What is below `places` digits behind the point is rounded to nearest.
 */
export function parseDecimal(text: string, places: number = MOST_PLACES): Decimal | undefined {
  const scanned = scanNumber(text)
  if (!scanned) return undefined
  const { negative, digits, exponent } = scanned
  if (digits.length + exponent > LARGEST) return undefined
  const size = exponent > 0 ? BigInt(digits) * 10n ** BigInt(exponent) : rounded(digits, places + exponent)
  return { digits: negative ? -size : size, scale: Math.min(Math.max(-exponent, 0), places) }
}

// the whole number in `digits` without what passes its end by -more digits
function rounded(digits: string, more: number): bigint {
  if (more >= 0) return BigInt(digits)
  const kept = digits.length + more
  if (kept < 0) return 0n
  return BigInt(digits.slice(0, kept)) + (digits[kept]! >= '5' ? 1n : 0n)
}

/** A decimal's text, all its digits, without an exponent. */
export function formatDecimal({ digits, scale }: Decimal): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  const point = text.length - scale
  const sign = digits < 0n ? '-' : ''
  return scale === 0 ? sign + text : `${sign}${text.slice(0, point)}.${text.slice(point)}`
}

/** value · 2^bits, rounded to the nearest whole number (halves upwards). */
export function toFixed(value: Decimal, bits: number): bigint {
  const denominator = 10n ** BigInt(value.scale)
  return floorDivide((value.digits << BigInt(bits + 1)) + denominator, denominator << 1n)
}

/**
 * value / 2^bits as a decimal with `places` digits behind the point, rounded to nearest, without
 * trailing zeros.
 */
export function fromFixed(value: bigint, bits: number, places: number): string {
  const scaled =
    ((((value < 0n ? -value : value) * 10n ** BigInt(places)) << 1n) + (1n << BigInt(bits))) >> BigInt(bits + 1)
  const digits = scaled.toString().padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const fraction = withoutZeros(digits.slice(digits.length - places))
  const text = fraction === '' ? whole : `${whole}.${fraction}`
  return value < 0n && scaled !== 0n ? `-${text}` : text
}

// a pattern such as /0+$/ would try every zero of a long run as its first
function withoutZeros(fraction: string): string {
  let end = fraction.length
  while (end > 0 && fraction[end - 1] === '0') end--
  return fraction.slice(0, end)
}

/**
 * value / 2^bits as the nearest double, for any size of value and any bits. Below 2^-1022 it may be
 * rounded twice.
 */
export function toDouble(value: bigint, bits: number): number {
  if (bits <= SAFE_BITS) return Number(value) * 2 ** -bits
  // value may pass the double's range though the quotient does not: keep 64 leading bits, the last
  // one sticky, so that the one rounding in Number() is still to nearest
  const magnitude = value < 0n ? -value : value
  const drop = bitLength(magnitude) - 64
  if (drop <= 0) return scale2(Number(value), -bits)
  const kept = magnitude >> BigInt(drop)
  const sticky = kept << BigInt(drop) === magnitude ? 0n : 1n
  return scale2(Number(value < 0n ? -(kept | sticky) : kept | sticky), drop - bits)
}

// up to here value · 2^-bits cannot overflow on the way, for values of a coordinate's size (below
// 2^60)
const SAFE_BITS = 960

/** A whole number without its sign. */
export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** Bits in a magnitude: 0 for 0, else floor(log2) + 1. */
export function bitLength(magnitude: bigint): number {
  const hex = magnitude.toString(16)
  return hex === '0' ? 0 : (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0]!, 16)))
}

// x · 2^exponent in two steps, since 2^exponent itself may leave the range where the product does
// not
function scale2(x: number, exponent: number): number {
  const half = Math.trunc(exponent / 2)
  return x * 2 ** half * 2 ** (exponent - half)
}

/** a / b rounded down, for b above 0. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient
}
