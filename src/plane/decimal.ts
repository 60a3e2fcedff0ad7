// Decimal strings and binary fixed point, both exact. A coordinate arrives as a decimal of any
// length, is carried as a bigint with a stated number of fractional bits, and becomes a double only
// where a kernel computes in doubles.
import { scanNumber } from '../core/parse.ts'

/** digits / 10^scale, exactly. */
export interface Decimal {
  digits: bigint
  scale: number
}

/** What parseDecimal accepts, in words. */
export const DECIMAL_FORM = 'a decimal number such as -1.25 or 3e-7'

// Most digits before the point. No coordinate has half as many, and a number with more is refused
// by its exponent alone, before any digit is written out.
const LARGEST = 100
// most digits after the point, if the caller allows as many: the highest setting of any server
const MOST_PLACES = 1_000_000

/**
 * Reads a decimal of any length, with or without an exponent; undefined if it is not one, or is
 * 10^100 or more. Digits beyond `places` after the point are rounded to nearest.
 */
export function parseDecimal(text: string, places: number = MOST_PLACES): Decimal | undefined {
  const scanned = scanNumber(text)
  if (!scanned) return undefined
  const { negative, digits, exponent } = scanned
  if (digits.length + exponent > LARGEST) return undefined
  const size = exponent > 0 ? BigInt(digits) * 10n ** BigInt(exponent) : rounded(digits, places + exponent)
  return { digits: negative ? -size : size, scale: Math.min(Math.max(-exponent, 0), places) }
}

// the whole number in `digits` without its last -more digits
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
  return shortQuotient(value, bits) ?? quotient(value, bits)
}

// 10^scale = 5^scale · 2^scale, and a division by the smaller power takes half the time
function quotient({ digits, scale }: Decimal, bits: number): bigint {
  const power = powerOfFive(scale)
  const twice = shift(digits, bits - scale + 1)
  if (twice !== undefined) return floorDivide(twice + power, power << 1n)
  const more = BigInt(scale - bits)
  return floorDivide(digits + (power << (more - 1n)), power << more)
}

// value · 2^by, where that is a whole number of any value
function shift(value: bigint, by: number): bigint | undefined {
  return by >= 0 ? value << BigInt(by) : undefined
}

// Extra bits of a quotient, and the distance from a half within which its rounding is uncertain.
const EXTRA = 64
const UNSURE = 1n << BigInt(EXTRA - 32)

// The same for a number with far more digits than the result has bits: both parts of the fraction
// are truncated after the significant bits. A division of 20,000 digits by as many takes 3 ms, and
// this hardly any time. Undefined if the numbers are short, or the result lies too close to a half.
function shortQuotient({ digits, scale }: Decimal, bits: number): bigint | undefined {
  if (scale < LONG || scale < bits) return undefined
  const power = powerOfFive(scale)
  const size = magnitude(digits)
  const [above, below] = [bitLength(size), bitLength(power)]
  const wanted = Math.max(above - below - scale + bits, 0) + 2 * EXTRA
  const cut = BigInt(Math.min(above, below) - wanted)
  if (cut <= 0n) return undefined
  // value · 2^(bits + EXTRA), off by 2^-EXTRA of its last bit at most
  const by = bits - scale + EXTRA
  const [over, under] = [size >> cut, power >> cut]
  const fixed = by >= 0 ? (over << BigInt(by)) / under : over / (under << BigInt(-by))
  const half = 1n << BigInt(EXTRA - 1)
  const rest = BigInt.asUintN(EXTRA, fixed) - half
  if (magnitude(rest) < UNSURE) return undefined
  const nearest = (fixed + half) >> BigInt(EXTRA)
  return digits < 0n ? -nearest : nearest
}

// digits after the point from which truncation is worth it
const LONG = 500

// the last powers: a view's coordinates often have the same number of digits
const powersOfFive = new Map<number, bigint>()
const MOST_POWERS = 8

function powerOfFive(exponent: number): bigint {
  let power = powersOfFive.get(exponent)
  if (power === undefined) {
    power = 5n ** BigInt(exponent)
    if (powersOfFive.size >= MOST_POWERS) powersOfFive.clear()
    powersOfFive.set(exponent, power)
  }
  return power
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
  // value may exceed the double's range although the quotient does not: keep 64 leading bits, the
  // last one sticky, so that the one rounding in Number() is still to nearest
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

/** a - b, exactly. */
export function difference(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  const at = (value: Decimal) =>
    value.scale === scale ? value.digits : value.digits * 10n ** BigInt(scale - value.scale)
  return { digits: at(a) - at(b), scale }
}

/** The whole number from which the logarithm of a decimal's size to base 2 is less than 1 away. */
export function log2Floor({ digits, scale }: Decimal): number {
  return bitLength(magnitude(digits)) - 1 - Math.ceil(scale * Math.log2(10))
}

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
