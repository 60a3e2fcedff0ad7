import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitLength, fromFixed, parseDecimal, toDouble, toFixed } from '../../src/plane/decimal.ts'

test('a decimal keeps every digit, its sign and its exponent', () => {
  expect(parseDecimal('-1.7500')).toEqual({ digits: -17500n, scale: 4 })
  expect(parseDecimal('.5')).toEqual({ digits: 5n, scale: 1 })
  expect(parseDecimal('2.')).toEqual({ digits: 2n, scale: 0 })
  expect(parseDecimal('+12e3')).toEqual({ digits: 12000n, scale: 0 })
  expect(parseDecimal('1.25e-3')).toEqual({ digits: 125n, scale: 5 })
})

test('text that is not a decimal is rejected', () => {
  for (const text of ['', '.', '-', 'abc', '1,5', '0x10', '1e', '1e1234567', ' 1', '--1', 'NaN', 'Infinity', '1.2.3'])
    expect(parseDecimal(text), text).toBeUndefined()
})

test('fixed point rounds to nearest, and converts back to the decimal', () => {
  expect(toFixed(parseDecimal('0.5')!, 1)).toBe(1n)
  expect(toFixed(parseDecimal('-0.75')!, 1)).toBe(-1n) // halves upwards
  expect(toFixed(parseDecimal('0.1')!, 10)).toBe(102n)
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.nat(60), (digits, scale) => {
      const text = fromFixed(toFixed({ digits, scale }, 260), 260, scale)
      const back = parseDecimal(text)!
      return back.digits * 10n ** BigInt(scale - back.scale) === digits
    }),
  )
})

test('a double comes back from fixed point unchanged', () => {
  fc.assert(
    fc.property(fc.double({ min: -4, max: 4, noNaN: true }), fc.integer({ min: 1100, max: 3000 }), (x, bits) => {
      const exact = BigInt(Math.trunc(x * 2 ** 52)) // a multiple of 2^-52
      const value = Number(exact) / 2 ** 52
      return toDouble(exact << BigInt(bits - 52), bits) === value
    }),
  )
})

test('toDouble rounds to nearest where a bigint holds more than 53 bits, however many fractional bits', () => {
  // 1 + 2^-53 + 2^-2000 lies just above the middle between 1 and 1 + 2^-52
  const above = (1n << 2000n) + (1n << 1947n) + 1n
  expect(toDouble(above, 2000)).toBe(1 + 2 ** -52)
  expect(toDouble(-above, 2000)).toBe(-1 - 2 ** -52)
  // exactly the middle goes to even
  expect(toDouble(above - 1n, 2000)).toBe(1)
  // agrees with the short way where both can go
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }), (value) => {
      return toDouble(value << 800n, 990) === toDouble(value, 190)
    }),
  )
})

test('tiny values reach subnormal doubles and zero', () => {
  expect(toDouble(1n, 1074)).toBe(Number.MIN_VALUE)
  expect(toDouble(1n, 1100)).toBe(0)
  expect(toDouble(3n, 1000)).toBe(3 * 2 ** -1000)
})

test('bitLength counts bits', () => {
  expect([0n, 1n, 2n, 255n, 256n, (1n << 1000n) - 1n].map(bitLength)).toEqual([0, 1, 2, 8, 9, 1000])
})

test('zero is zero with any exponent, and a number that is too large is refused by its exponent', () => {
  for (const text of ['0e999999999', '-0.00e-999999999', `0e${'9'.repeat(500)}`])
    expect(parseDecimal(text), text).toEqual({ digits: 0n, scale: 0 })
  for (const text of ['9e999999999', '1e100', `1e${'9'.repeat(500)}`, `${'1'.repeat(101)}`])
    expect(parseDecimal(text), text).toBeUndefined()
})

test('digits below the last significant one are rounded to nearest', () => {
  expect(parseDecimal('1.2345', 2)).toEqual({ digits: 123n, scale: 2 })
  expect(parseDecimal('-1.235', 2)).toEqual({ digits: -124n, scale: 2 })
  expect(parseDecimal('0.005', 2)).toEqual({ digits: 1n, scale: 2 })
  expect(parseDecimal('0.0049', 2)).toEqual({ digits: 0n, scale: 2 })
  expect(parseDecimal('9e-999999999', 2)).toEqual({ digits: 0n, scale: 2 })
  expect(parseDecimal(`1e-${'9'.repeat(500)}`, 2)).toEqual({ digits: 0n, scale: 2 })
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.nat(40), fc.nat(40), (digits, scale, places) => {
      const { digits: kept, scale: now } = parseDecimal(`${digits}e-${scale}`, places)!
      expect(now).toBe(Math.min(digits === 0n ? 0 : scale, places))
      // off by half a unit of the last place at most
      const off = kept * 10n ** BigInt(scale - Math.min(now, scale)) - digits
      expect(2n * (off < 0n ? -off : off) <= 10n ** BigInt(scale - Math.min(now, scale))).toBe(true)
    }),
  )
})

test('a long number is rounded like a short one: to nearest, halves upwards', () => {
  const exact = ({ digits, scale }: { digits: bigint; scale: number }, bits: number) => {
    // floor of value · 2^bits + 1/2
    const [over, under] = [(digits << BigInt(bits + 1)) + 10n ** BigInt(scale), 2n * 10n ** BigInt(scale)]
    const quotient = over / under
    return over < 0n && quotient * under !== over ? quotient - 1n : quotient
  }
  const scale = fc.integer({ min: 0, max: 2500 })
  const digits = fc.oneof(
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    fc.bigInt({ min: -(10n ** 2500n), max: 10n ** 2500n }),
  )
  fc.assert(
    fc.property(digits, scale, fc.integer({ min: 0, max: 9000 }), (digits, scale, bits) => {
      expect(toFixed({ digits, scale }, bits)).toBe(exact({ digits, scale }, bits))
    }),
    { numRuns: 300 },
  )
  // halves, and what lies just beside them
  fc.assert(
    fc.property(
      fc.integer({ min: 600, max: 2000 }),
      fc.bigInt(-999n, 999n),
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: -1, max: 1 }),
      (scale, half, bits, beside) => {
        const digits = ((2n * half + 1n) * 10n ** BigInt(scale)) / (1n << BigInt(bits + 1)) + BigInt(beside)
        expect(toFixed({ digits, scale }, bits)).toBe(exact({ digits, scale }, bits))
      },
    ),
    { numRuns: 300 },
  )
})
