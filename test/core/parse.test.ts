import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from '../../src/core/errors.ts'
import { log2Number, parseNumber, parseWhole, readNumber, readWhole, scanNumber } from '../../src/core/parse.ts'

test('a number is split into sign, digits and exponent', () => {
  expect(scanNumber('-1.250')).toEqual({ negative: true, digits: '1250', exponent: -3 })
  expect(scanNumber('.5e3')).toEqual({ negative: false, digits: '5', exponent: 2 })
  expect(scanNumber('007.')).toEqual({ negative: false, digits: '7', exponent: 0 })
  expect(scanNumber('0e999999999')).toEqual({ negative: false, digits: '', exponent: 0 })
})

test('a number parses to the same double as in JavaScript, and nothing else is a number', () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => readNumber(String(x)) === x + 0))
  for (const text of ['', '.', '+', 'e5', '1e', '0x10', 'Infinity', 'NaN', ' 1', '1 ', '1,5', '1_000', '--1', '１'])
    expect(readNumber(text), text).toBeNaN()
})

test('an integer is digits only, up to the largest safe integer', () => {
  expect(['0', '42', '007', '9007199254740991'].map(readWhole)).toEqual([0, 42, 7, 9007199254740991])
  for (const text of ['', '-1', '+1', '1.0', '1e3', '9007199254740993', '9'.repeat(500)])
    expect(readWhole(text), text).toBeNaN()
})

test('log2Number takes numbers of any size', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      return Math.abs(log2Number(String(x)) - Math.log2(x)) < 1e-11
    }),
  )
  expect(log2Number(`1${'0'.repeat(3000)}`)).toBeCloseTo(3000 * Math.log2(10), 9)
  expect(log2Number('1e-5000')).toBeCloseTo(-5000 * Math.log2(10), 9)
  for (const text of ['0', '-1', 'x', '0e5']) expect(log2Number(text), text).toBeNaN()
})

test('the error for a value out of range gives the name, the range and the value', () => {
  expect(parseNumber('light', '90.5', 0, 360)).toBe(90.5)
  expect(() => parseNumber('light', '400', 0, 360)).toThrow('light must be a number from 0 to 360, it was "400"')
  expect(() => parseNumber('light', 'up', 0, 360, 'degrees')).toThrow('light must be degrees, it was "up"')
  expect(parseWhole('grid', '50', 1, 100)).toBe(50)
  expect(() => parseWhole('grid', '0', 1, 100)).toThrow('grid must be a whole number from 1 to 100, it was "0"')
  expect(() => parseWhole('n', 'x', 1, Number.POSITIVE_INFINITY)).toThrow('n must be a whole number from 1 on')
  expect(() => parseWhole('n', '1.5', 1, 2)).toThrow(Failure)
})
