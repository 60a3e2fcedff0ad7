import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatGradient, parseGradient } from '../../src/colour/gradient.ts'
import { gradientTable, paletteTable } from '../../src/colour/palette.ts'
import { PALETTE_NAMES, PALETTE_STOPS } from '../../src/colour/palettes.ts'

test('colours without positions are spread evenly from 0, and the set is black', () => {
  expect(parseGradient('FF0000,00ff00,0000ff,ffffff')).toEqual({
    stops: [
      [0, '#ff0000'],
      [0.25, '#00ff00'],
      [0.5, '#0000ff'],
      [0.75, '#ffffff'],
    ],
    set: '#000000',
  })
})

test('every listed palette can be written as a gradient that gives the same table', () => {
  for (const name of PALETTE_NAMES) {
    const { stops, set } = PALETTE_STOPS[name]
    const text = formatGradient({ stops, set })
    expect(parseGradient(text)).toEqual({ stops, set })
    expect(gradientTable(parseGradient(text))).toEqual(paletteTable(name))
  }
})

test('a gradient survives a round trip', () => {
  const colour = fc.integer({ min: 0, max: 0xffffff }).map((v) => `#${v.toString(16).padStart(6, '0')}`)
  const positions = fc.uniqueArray(fc.integer({ min: 0, max: 999_999 }), { minLength: 2, maxLength: 32 })
  const gradient = fc.tuple(positions, fc.array(colour, { minLength: 32, maxLength: 32 }), colour)
  fc.assert(
    fc.property(gradient, ([millionths, colours, set]) => {
      const stops = millionths.sort((a, b) => a - b).map((at, k) => [at / 1e6, colours[k]!] as const)
      expect(parseGradient(formatGradient({ stops, set }))).toEqual({ stops, set })
    }),
    { numRuns: 100 },
  )
})

test('the table passes through every stop, wherever the first one lies', () => {
  const { stops, set } = parseGradient('ff8800@0.2,0044ff@0.4,ffffff@0.8;set=123456')
  const table = gradientTable({ stops, set })
  for (const [position, colour] of stops) {
    const hex = Buffer.from(table.subarray(765 * position, 765 * position + 3)).toString('hex')
    expect(`#${hex}`).toBe(colour)
  }
  expect(Buffer.from(table.subarray(765)).toString('hex')).toBe('123456')
})

test('colours are mixed in linear light if the gradient says so', () => {
  const gradient = parseGradient('ff0000,0000ff;set=123456;mix=light')
  expect(gradient).toMatchObject({ set: '#123456', mix: 'light' })
  expect(parseGradient(formatGradient(gradient))).toEqual(gradient)
  const table = gradientTable(gradient)
  // a quarter of the way round, half the light of each is 188 of 255 in sRGB
  const [red, green, blue] = table.subarray(3 * 64)
  expect(green).toBe(0)
  expect(Math.abs(red! - 188)).toBeLessThan(3)
  expect(Math.abs(blue! - 188)).toBeLessThan(3)
  expect(gradientTable(parseGradient('ff0000,0000ff;set=123456'))).not.toEqual(table)
})

test.each([
  'ff0000,00ff00;mix=dark',
  'ff0000,00ff00;mix=light;set=000000',
  '',
  'ff0000',
  'ff0000,',
  'red,blue',
  '#ff0000,00ff00',
  'ff0000@0,00ff00',
  'ff0000@0.5,00ff00@0.5',
  'ff0000@0.5,00ff00@0.2',
  'ff0000@0,00ff00@1',
  'ff0000@0,00ff00@-0.5',
  'ff0000@0,00ff00@0.1234567',
  'ff0000,00ff00;set=12',
  'ff0000,00ff00;set=123456;set=123456',
  Array(33).fill('ff0000').join(),
  'f'.repeat(100_000),
])('%.40s is refused', (text) => {
  expect(() => parseGradient(text)).toThrow(/^gradient must be 2 to 32 colours rrggbb separated by commas/)
})
