import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatKfr, formatToml, type LocationFile, parseLocationFile } from '../../src/formats/locationfile.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'

const RE = `-1.7499${'4521'.repeat(100)}`
const IM = `0.0000${'1379'.repeat(90)}`

test('a .kfr gives its exact centre, and the zoom at which its height fills the picture', () => {
  const text = `Re: ${RE}\r\nIm: ${IM}\r\nZoom: 1.2E345\r\nIterations: 120000\r\nIterDiv: 0.01\r\nColors: 1,2,3,\r\n`
  const place = parseLocationFile(text, { height: 1024 })
  expect(place.re).toEqual(parseDecimal(RE))
  expect(place.im).toEqual(parseDecimal(IM))
  expect(place.maxIter).toBe(120_000)
  // 2^zoom = 1.2e345 · 3 where the picture is 1024 tall: 36 10^344 = 2^n, by whole numbers
  const bits = (36n * 10n ** 344n).toString(2)
  const exact = bits.length - 1 + Math.log2(Number.parseInt(bits.slice(0, 52), 2) / 2 ** 51)
  expect(place.zoom).toBeCloseTo(exact, 9)
})

test('a coordinate below the smallest digit is 0', () => {
  expect(parseLocationFile('Re: 1\nIm: 2e-999999\nZoom: 3').im.digits).toBe(0n)
})

test('the height of the picture is 4/Zoom, as in the file', () => {
  for (const height of [256, 768, 2160]) {
    const { zoom } = parseLocationFile('Re: -0.75\nIm: 0.1\nZoom: 1e6', { height })
    expect((height * 3) / 256 / 2 ** zoom).toBeCloseTo(4e-6, 15)
  }
})

test('a Fraktaler-3 .toml is read in both forms, quoted or bare, with comments', () => {
  const expected = { re: parseDecimal(RE), im: parseDecimal(IM), maxIter: 5000 }
  const dotted = `program = "fraktaler-3"\nlocation.real = "${RE}"\nlocation.imag = '${IM}'\nlocation.zoom = "1E50"\nbailout.iterations = 5000\n`
  const tables = `# a place\n[location]\nreal = ${RE} # the real part\nimag = ${IM}\nzoom = 1e50\n[bailout]\niterations = 5000\nescape_radius = 625.0\n[[formula]]\nabs_x = false\npower = 2\n`
  for (const text of [dotted, tables]) expect(parseLocationFile(text)).toMatchObject(expected)
  expect(parseLocationFile(dotted)).toEqual(parseLocationFile(tables))
})

test('a location survives a round trip at any depth', () => {
  const digits = fc.bigInt({ min: -(10n ** 400n), max: 10n ** 400n })
  const place = fc.record({
    re: fc.record({ digits, scale: fc.integer({ min: 400, max: 900 }) }),
    im: fc.record({ digits, scale: fc.integer({ min: 400, max: 900 }) }),
    zoom: fc.double({ min: 0, max: 10_000, noNaN: true }),
    maxIter: fc.integer({ min: 1, max: 2 ** 31 }),
  })
  fc.assert(
    fc.property(place, fc.constantFrom(formatKfr, formatToml), (place: LocationFile, format) => {
      const { zoom, ...rest } = parseLocationFile(format(place))
      expect(rest).toEqual({ re: place.re, im: place.im, maxIter: place.maxIter })
      expect(zoom).toBeCloseTo(place.zoom, 8)
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['', /^the location file must be the text of a \.kfr .* or of a Fraktaler-3 \.toml .*, it was ""$/],
  ['hello', /^the location file must be/],
  ['Re: 1\nZoom: 2', /^Im must be given, it was missing$/],
  ['Re: 1\nIm: 2', /^Zoom must be given/],
  ['Re: one\nIm: 2\nZoom: 3', /^Re must be a decimal number .*, it was "one"$/],
  ['Re: 1\nIm: 2\nZoom: 0', /^Zoom must be a number above 0 such as 250 or 1\.2E345, it was "0"$/],
  ['Re: 1\nIm: 2\nZoom: -4', /^Zoom must be/],
  ['Re: 1\nIm: 2\nZoom: 1e9999999', /^Zoom must be/],
  ['Re: 1\nIm: 2\nZoom: 3\nIterations: many', /^Iterations must be a whole number from 1 on, it was "many"$/],
  ['Re: 1\nIm: 2\nZoom: 3\nFractalType: 1', /^FractalType must be 0, the Mandelbrot set's own, it was "1"$/],
  ['[location]\nreal=1\nimag=2\nzoom=3\n[[formula]]\nabs_x = true', /^formula\.abs_x must be false/],
])('%j is refused with a clear message', (text, message) => {
  expect(() => parseLocationFile(text)).toThrow(message)
})
