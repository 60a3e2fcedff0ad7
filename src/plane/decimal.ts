// Decimal strings and binary fixed point, both exact. A coordinate arrives as a decimal of any length, is carried as a
// bigint with a stated number of fractional bits, and becomes a double only where a kernel wants one.

/** digits / 10^scale, exactly. */
export interface Decimal {
  digits: bigint
  scale: number
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/

/** The pattern of what parseDecimal takes, as a sentence for messages. */
export const DECIMAL_FORM = 'a decimal number such as -1.25 or 3e-7'

/** Reads a decimal of any length, with an optional exponent of up to six digits; undefined when it is not one. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt(whole + fraction)
  const scale = fraction.length - Number(exponent)
  // a scale below zero is digits to the left of the point: multiply them out, so that scale is never negative
  const value = scale < 0 ? digits * 10n ** BigInt(-scale) : digits
  return { digits: sign === '-' ? -value : value, scale: Math.max(scale, 0) }
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

/** value / 2^bits as a decimal with `places` digits behind the point, rounded to nearest, without trailing zeros. */
export function fromFixed(value: bigint, bits: number, places: number): string {
  const scaled =
    ((((value < 0n ? -value : value) * 10n ** BigInt(places)) << 1n) + (1n << BigInt(bits))) >> BigInt(bits + 1)
  const digits = scaled.toString().padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '')
  const text = fraction === '' ? whole : `${whole}.${fraction}`
  return value < 0n && scaled !== 0n ? `-${text}` : text
}

/** value / 2^bits as the nearest double, for any size of value and any bits; below 2^-1022 it may round twice. */
export function toDouble(value: bigint, bits: number): number {
  if (bits <= SAFE_BITS) return Number(value) * 2 ** -bits
  // value may pass the double's range though the quotient does not: keep 64 leading bits, the last one sticky, so that
  // the one rounding in Number() is still to nearest
  const magnitude = value < 0n ? -value : value
  const drop = bitLength(magnitude) - 64
  if (drop <= 0) return scale2(Number(value), -bits)
  const kept = magnitude >> BigInt(drop)
  const sticky = kept << BigInt(drop) === magnitude ? 0n : 1n
  return scale2(Number(value < 0n ? -(kept | sticky) : kept | sticky), drop - bits)
}

// up to here value · 2^-bits cannot overflow on the way for values of a coordinate's size (below 2^60)
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

// x · 2^exponent in two steps, since 2^exponent itself may leave the range where the product does not
function scale2(x: number, exponent: number): number {
  const half = Math.trunc(exponent / 2)
  return x * 2 ** half * 2 ** (exponent - half)
}

/** a / b rounded down, for b above 0. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient
}
