import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCoordinate, parsePlaceText, parseZoomText } from '../../../src/web/state/placetext.ts'

describe('a place in a text', () => {
  test.each([
    // a + bi in its forms, with a true minus and spaces of any kind
    ['-0.75 + 0.1i', '-0.75', '0.1', undefined],
    ['−0.75 − 0.1 i', '-0.75', '-0.1', undefined],
    ['(-0.75-0.1i)', '-0.75', '-0.1', undefined],
    ['0.25 + i*0.5', '0.25', '0.5', undefined],
    ['-1.25+0.02j 30', '-1.25', '0.02', '30'],
    ['-0.1 + i', '-0.1', '1', undefined],
    ['1e-3 - 2.5e-2i, x512', '1e-3', '-2.5e-2', 'x512'],
    // pairs and triples
    ['-0.75, 0.1', '-0.75', '0.1', undefined],
    ['(-0.75, 0.1)', '-0.75', '0.1', undefined],
    ['(-0.75, 0.1), ×512', '-0.75', '0.1', '×512'],
    ['-0.75 0.1 14', '-0.75', '0.1', '14'],
    ['-0.75;0.1;1e50', '-0.75', '0.1', '1e50'],
    ['−0.743643 0.131825 10^6', '-0.743643', '0.131825', '10^6'],
    ['-0.75\t0.1', '-0.75', '0.1', undefined],
    // decimal commas, if they are unambiguous
    ['−0,743643 0,131825', '-0.743643', '0.131825', undefined],
    ['-0,75; 0,1; 14', '-0.75', '0.1', '14'],
    ['-0,75 0 12', '-0.75', '0', '12'],
    // with labels, as this page and others write them
    ['re -0.75\nim 0.1\nzoom 14', '-0.75', '0.1', '14'],
    ['Re = −0.75, Im = 0.1', '-0.75', '0.1', undefined],
    ['x: -0.75 y: 0.1 mag: 1e6', '-0.75', '0.1', '1e6'],
    ['re -0.5 im 0.25 zoom 3', '-0.5', '0.25', '3'],
    ['x=-0.5, y=+0.25 zoom ×1e5', '-0.5', '+0.25', '×1e5'],
    ['cx = -0.5 cy = 0.25', '-0.5', '0.25', undefined],
    ['-0.743643887037151 + 0.131825904205330i', '-0.743643887037151', '0.131825904205330', undefined],
    ['(-0.7436 − .1318 i), 1e50', '-0.7436', '-.1318', '1e50'],
    ['[-1.25, 0.02]', '-1.25', '0.02', undefined],
    ['-1.25;\t0.02;\t40', '-1.25', '0.02', '40'],
    ['-0.75, 0.1 @ 14', '-0.75', '0.1', '14'],
    ['-5e-1 + 2.5E-1*j', '-5e-1', '2.5E-1', undefined],
  ])('%s', (text, re, im, zoom) => {
    expect(parsePlaceText(text)).toEqual({ re, im, ...(zoom !== undefined && { zoom }) })
  })

  test.each([
    '',
    '-0.75',
    'here and there',
    '0,5,0,3',
    '1,2,3,4',
    'a, b',
    '1..2, 3',
    '-0.75 + 0.1',
    '1 2 3 4',
    '1..2 3',
    '0.5 + 0.5',
    '--1 2',
  ])('is not in %j', (text) => {
    expect(parsePlaceText(text)).toBeUndefined()
  })

  test('is found for any two numbers, whatever the signs and spaces between them', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)
    const space = fc.constantFrom(' ', '  ', '\u00a0', '\t')
    fc.assert(
      fc.property(number, number, space, fc.boolean(), (re, im, space, minus) => {
        const dash = (text: string) => (minus ? text.replace('-', '\u2212') : text)
        expect(parsePlaceText(`${dash(re)},${space}${dash(im)}`)).toEqual({ re, im })
        const [sign, size] = im.startsWith('-') ? ['-', im.slice(1)] : ['+', im]
        const signed = sign === '-' ? im : size
        expect(parsePlaceText(`${dash(re)}${space}${dash(sign!)}${space}${size}i`)).toEqual({ re, im: signed })
      }),
    )
  })

  test('is found in a long text in reasonable time', () => {
    const digits = '7'.repeat(100_000)
    expect(parsePlaceText(`-0.${digits} + 0.${digits}i`)?.im).toBe(`0.${digits}`)
    expect(parsePlaceText(`-0.${digits} + 0.${digits}`)).toBeUndefined()
    expect(parsePlaceText(`${'1'.repeat(100_000)}x`)).toBeUndefined()
    expect(parsePlaceText(`1${' '.repeat(100_000)}x`)).toBeUndefined()
  })
})

test.each([
  ['−0.75', '-0.75'],
  ['-0,75', '-0.75'],
  ['1 234.5', '1234.5'],
  ['0.1_000', '0.1000'],
  // a comma between thousands is left alone, and refused as a number
  ['1,234.5', '1,234.5'],
  ['1,2,3', '1,2,3'],
])('the coordinate %s is %s', (text, expected) => {
  expect(parseCoordinate(text)).toBe(expected)
})

test.each([
  ['14', 14],
  ['14.5', 14.5],
  ['14,5', 14.5],
  ['1e50', 166],
  ['1E+50', 166],
  ['10^50', 166],
  ['1.5·10^4', 14],
  ['5*10^6', 22],
  ['5x10^6', 22],
  ['2^30', 30],
  ['x512', 9],
  ['×512', 9],
  ['512x', 9],
  ['1e-3', 0],
])('the zoom %s is %s', (text, expected) => {
  expect(parseZoomText(text)).toBe(expected)
})

test.each(['deep', '', '-3', '1e', '10^', 'xx'])('%j is not a zoom', (text) => {
  expect(parseZoomText(text)).toBeUndefined()
})
