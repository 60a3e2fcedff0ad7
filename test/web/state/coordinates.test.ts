import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCoordinates } from '../../../src/web/state/coordinates.ts'

test.each([
  ['-0.743643887037151 + 0.131825904205330i', { re: '-0.743643887037151', im: '0.131825904205330' }],
  ['\u22120.7436 0.1318 12', { re: '-0.7436', im: '0.1318', zoom: '12' }],
  ['-0.7436-0.1318i', { re: '-0.7436', im: '-0.1318' }],
  ['(-0.7436 \u2212 .1318 i), 1e50', { re: '-0.7436', im: '-.1318', zoom: '1e50' }],
  ['[-1.25, 0.02]', { re: '-1.25', im: '0.02' }],
  ['-1.25;\t0.02;\t40', { re: '-1.25', im: '0.02', zoom: '40' }],
  ['re -0.5 im 0.25 zoom 3', { re: '-0.5', im: '0.25', zoom: '3' }],
  ['Re: -0.5\nIm: 0.25\nZoom: 3', undefined],
  ['x=-0.5, y=+0.25 zoom \u00d71e5', { re: '-0.5', im: '+0.25', zoom: '\u00d71e5' }],
  ['-5e-1 2.5E-1*j', undefined],
  ['-5e-1 + 2.5E-1*j', { re: '-5e-1', im: '2.5E-1' }],
])('%j is read', (text, expected) => {
  expect(readCoordinates(text)).toEqual(expected)
})

test.each([
  '',
  'here and there',
  '1',
  '1 2 3 4',
  '1..2 3',
  'Re: 1\nIm: 2\nZoom: 3\nIterations: 4',
  '0.5 + 0.5',
  '--1 2',
  '1 2 zoom',
])('%j is none', (text) => {
  expect(readCoordinates(text)).toBeUndefined()
})

test('any two numbers are, with any signs and blanks between them, and long ones at once', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)
  const blank = fc.constantFrom(' ', '  ', '\u00a0', '\t')
  fc.assert(
    fc.property(number, number, blank, fc.boolean(), (re, im, blank, minus) => {
      const dash = (text: string) => (minus ? text.replace('-', '\u2212') : text)
      expect(readCoordinates(`${dash(re)},${blank}${dash(im)}`)).toEqual({ re, im })
      const [sign, size] = im.startsWith('-') ? ['-', im.slice(1)] : ['+', im]
      expect(readCoordinates(`${dash(re)}${blank}${dash(sign)}${blank}${size}i`)).toEqual({ re, im })
    }),
  )
  const long = `-0.${'7'.repeat(100_000)}`
  expect(readCoordinates(`${long} + 0.${'1'.repeat(100_000)}i`)?.re).toBe(long)
  expect(readCoordinates(`${'1'.repeat(200_000)}x`)).toBeUndefined()
  expect(readCoordinates(`1${' '.repeat(200_000)}x`)).toBeUndefined()
})
