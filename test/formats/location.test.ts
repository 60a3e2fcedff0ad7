// Files of Kalles Fraktaler and Fraktaler-3 as those programs write them, against an independent
// implementation of their rules.
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { orientation } from '../../src/formats/location/location.ts'
import { formatKfr, formatToml, type LocationFile, parseLocationFile } from '../../src/formats/locationfile.ts'
import { decodeText } from '../../src/formats/text.ts'
import { formatDecimal, parseDecimal, toDouble } from '../../src/plane/decimal.ts'
import { imageView } from '../../src/plane/view.ts'

const FILES = new URL('./files/', import.meta.url)
const read = (name: string, height = 1024) =>
  parseLocationFile(decodeText(readFileSync(new URL(name, FILES))), { height })

describe('a file', () => {
  test.each([
    [
      'f3-deep.f3.toml',
      {
        re: '-0.04947002906309375169226722673653630118745711824882487931810494023264219477268690342799154997475945941900',
        im: '-0.6747875758446753640113920531305976563347707068224034806979997947909941983454845111514208499540310299999',
        zoom: 1e50,
        maxIter: 263010,
      },
    ],
    ['f3-real-axis.f3.toml', { re: '-1.75', im: '0', zoom: 100, maxIter: 2000 }],
    ['f3-reflect.f3.toml', { re: '-0.75', im: '0.1', zoom: 500, maxIter: 1024, mirror: true }],
    ['f3-rotate.f3.toml', { re: '-0.75', im: '0.1', zoom: 500, maxIter: 1024, rotation: 30 }],
    ['kf-axis-down.kfr', { re: '-1.2566', im: '0.3824', zoom: 500, maxIter: 2000, mirror: true }],
    ['kf-rotated.kfr', { re: '-1.2566', im: '0.3824', zoom: 500, maxIter: 2000, rotation: 30 }],
    ['kf-home.kfr', { re: '0', im: '0', zoom: 1, maxIter: 200, mirror: true }],
    ['bom-plus.kfr', { re: '-1.25660', im: '0.3824', zoom: 1.37e12, maxIter: 2000 }],
    ['iterations-huge.kfr', { re: '-1.2566', im: '0.3824', zoom: 500, maxIter: 2147483646 }],
  ])('%s is read', (name, { re, im, zoom, ...rest }) => {
    const { re: x, im: y, zoom: z, ...others } = read(name)
    expect([formatDecimal(x), formatDecimal(y), others]).toEqual([re, im, rest])
    // a picture 1024 pixels tall shows 4/Zoom: 3 · 4 / 2^z = 4 / Zoom
    expect(z).toBeCloseTo(Math.log2(3 * zoom), 9)
  })

  test.each([
    ['f3-opcodes.f3.toml', /^formula\.opcodes must be sqr add, .* it was "absx absy sqr add"$/],
    ['f3-hybrid.f3.toml', /^formula\.abs_y must be false/],
    ['f3-ship.f3.toml', /^formula\.abs_y must be false/],
    ['f3-expmap.f3.toml', /^transform\.exponential_map must be false, since exponential maps are not drawn/],
    ['kf-hybrid.kfr', /^UseHybridFormula must be 0/],
    ['kf-seed.kfr', /^SeedR must be 0/],
  ])('%s is refused by name', (name, message) => {
    expect(() => read(name)).toThrow(message)
  })

  test('of every kind listed here is read, or refused by name', () => {
    for (const name of readdirSync(FILES).filter((name) => /\.(kfr|toml)$/.test(name))) {
      try {
        expect(read(name).zoom).toBeGreaterThan(0)
      } catch (error) {
        expect((error as Error).message, name).toMatch(/ must be /)
      }
    }
  })
})

const digits = (places: number) =>
  fc
    .tuple(fc.constantFrom('', '-'), fc.integer({ min: 0, max: 1 }), fc.stringMatching(/^[0-9]{1,300}$/))
    .map(([sign, whole, fraction]) => `${sign}${whole}.${fraction.slice(0, places)}`)
const magnification = fc
  .tuple(fc.integer({ min: 1000, max: 9999 }), fc.integer({ min: 0, max: 600 }))
  .map(([mantissa, exponent]) => `${mantissa / 1000}E${exponent}`)
const view = fc.record({
  re: digits(300),
  im: digits(300),
  zoom: magnification,
  limit: fc.integer({ min: 1, max: 2 ** 40 }),
  angle: fc.integer({ min: -720_000, max: 720_000 }).map((thousandths) => thousandths / 1000),
  up: fc.boolean(),
})

// log2 of the magnification, from the mantissa and exponent that it was made of
const log2 = (zoom: string) => {
  const [mantissa, exponent] = zoom.split('E')
  return Math.log2(Number(mantissa)) + Number(exponent) * Math.log2(10)
}

function expectRead(
  location: LocationFile,
  { re, im, zoom, limit, angle }: typeof view extends fc.Arbitrary<infer V> ? V : never,
  mirror: boolean,
) {
  expect([location.re, location.im, location.maxIter]).toEqual([parseDecimal(re), parseDecimal(im), limit])
  expect(location.zoom).toBeCloseTo(log2(zoom) + Math.log2(3), 7)
  const turns = (location.rotation ?? 0) - angle
  expect(Math.abs(turns / 360 - Math.round(turns / 360))).toBeLessThan(1e-9)
  expect(location.mirror ?? false).toBe(mirror)
}

describe("files as Kalles Fraktaler's versions write them", () => {
  const noise = fc.subarray([
    'IterDiv: 0.010000',
    'SmoothMethod: 0',
    'ColorMethod: 7',
    'Colors: 255,255,255,128,0,64,160,0,0,',
    'Rotate: 0.000000',
    'Ratio: 360.000000',
    'Power: 2',
    'FractalType: 0',
    'real: 1',
    'SeedR: 0',
    'SeedI: 0,000000',
    'UseHybridFormula: 0',
    'HybridFormula: ',
    'StretchAngle: 12',
    'StretchAmount: 0',
    'GLSL: "vec3 colour() { return KF_Colour(); }"',
    'Version: 2150500',
  ])
  const encodings = fc.constantFrom(
    (text: string) => Buffer.from(text),
    (text: string) => Buffer.from(`\ufeff${text}`),
    (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
    (text: string) => Buffer.from(text, 'utf16le'),
    (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
    (text: string) => Buffer.from(`${text}Author: Andr\xe9\r\n`, 'latin1'),
  )

  test('are read in any order, with any line endings, encoding and decimal sign', () => {
    fc.assert(
      fc.property(
        view,
        noise,
        fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
        fc.constantFrom('\r\n', '\n'),
        encodings,
        fc.boolean(),
        (view, noise, order, end, encode, comma) => {
          const own = (text: string) => (comma ? text.replace('.', ',') : text)
          const lines = [
            `Re: ${own(view.re)}`,
            `Im: ${own(view.im)}`,
            `Zoom: ${own(view.zoom)}`,
            `Iterations: ${view.limit}`,
            `RotateAngle: ${own(String(view.angle))}`,
            ...(view.up ? ['ImagPointsUp: 1'] : view.limit % 2 === 0 ? ['ImagPointsUp: 0'] : []),
            ...noise,
          ]
          lines.sort((a, b) => order[lines.indexOf(a)]! - order[lines.indexOf(b)]! || a.localeCompare(b))
          const file = encode(lines.map((line) => line + end).join(''))
          expectRead(parseLocationFile(decodeText(file), { height: 1024 }), view, !view.up)
        },
      ),
      { numRuns: 200 },
    )
  })

  test.each([
    'Power: 3',
    'FractalType: 4',
    'StretchAmount: 0.5',
    'SeedI: 1e-3',
    'Rotate: 12',
    'Ratio: 300',
    'ExponentialMap: 1',
  ])('of something else are refused by name: %s', (line) => {
    const name = line.slice(0, line.indexOf(':'))
    expect(() => parseLocationFile(`Re: 0\r\nIm: 0\r\nZoom: 1\r\n${line}\r\n`)).toThrow(`${name} must be`)
  })
})

describe('files as Fraktaler-3 writes them', () => {
  // its writer breaks strings of more than 68 characters, each line ending in a backslash
  const quote = (text: string) =>
    text.length < 68
      ? `"${text}"`
      : `"""\n${text
          .match(/.{1,69}/g)!
          .map((line) => `${line}\\\n`)
          .join('')}"""`
  const noise = fc.subarray([
    'reference.period = 1234',
    'bailout.escape_radius = 1.0e2',
    'image.width = 1920',
    'colour.shader = """\nvoid main() { /* # = [ */ }\n"""',
    "render.filename = 'C:\\new\\film'",
    'palette.colours = [ 0x00ff00, 1_000, [ 1.5, inf ] ]',
    'saved = 2023-07-14T09:45:47Z',
    'transform.stretch_angle = 3.0',
    'transform.stretch_amount = 0.0',
  ])
  const formula = fc.constantFrom(
    '',
    '\n[[formula]]\n\n',
    '\n[[formula]]\npower = 2\n[[formula]]\nopcodes = "sqr  add"\n',
  )

  test('are read in any order, with multi-line strings, tables or dotted keys, and comments', () => {
    fc.assert(
      fc.property(view, noise, formula, fc.boolean(), fc.boolean(), (view, noise, formula, tables, backwards) => {
        const groups: Record<string, string[]> = {
          location: [`real = ${quote(view.re)}`, `imag = ${quote(view.im)} # of the centre`, `zoom = "${view.zoom}"`],
          bailout: [`iterations = ${view.limit}`],
          transform: [`rotate = ${view.angle.toFixed(3)}`, ...(view.up ? [] : ['reflect = true'])],
        }
        const names = Object.keys(groups)
        if (backwards) names.reverse()
        const text = tables
          ? names.map((name) => `[${name}] # all of it\n  ${groups[name]!.join('\n  ')}`)
          : names.flatMap((name) => groups[name]!.map((line) => `${name}.${line}`))
        // dotted names come before the first table
        const own = noise.filter((line) => !tables || (!line.startsWith('transform') && !line.startsWith('bailout')))
        const file = [`program = "fraktaler-3"`, ...own, ...text].join('\n') + formula
        expectRead(parseLocationFile(file, { height: 1024 }), view, !view.up)
      }),
      { numRuns: 200 },
    )
  })

  test('have defaults for missing keys', () => {
    const { zoom, ...rest } = parseLocationFile('program = "fraktaler-3"\n', { height: 1024 })
    expect(rest).toEqual({ re: { digits: 0n, scale: 0 }, im: { digits: 0n, scale: 0 }, maxIter: 1024 })
    expect(zoom).toBeCloseTo(Math.log2(3), 12)
  })

  test('may write a limit in any TOML notation', () => {
    for (const [text, limit] of [
      ['1_000', 1000],
      ['0x4_00', 1024],
      ['"2048"', 2048],
      ['0b1000', 8],
      ['0o17', 15],
    ]) {
      expect(parseLocationFile(`location.zoom = 1\nbailout.iterations = ${text}`).maxIter).toBe(limit)
    }
  })

  test.each([
    ['location.real = "1', /^the file must be TOML, line \d+ is not: /],
    ['location.real = "x"', /^location\.real must be a decimal number/],
    ['location.zoom = "0"', /^location\.zoom must be a number above 0/],
    ['location.zoom = "1"\ntransform.stretch_amount = 30.0', /^transform\.stretch_amount must be 0/],
    ['location.zoom = "1"\n[[formula]]\n[[formula]]\npower = 3', /^formula\.power must be 2/],
    ['location.zoom = "1"\n[[formula]]\nneg_y = true', /^formula\.neg_y must be false/],
  ])('that cannot be drawn are refused by name: %j', (text, message) => {
    expect(() => parseLocationFile(text)).toThrow(message)
  })
})

test('a TOML with a value of a million characters, or as many brackets, is refused with a clear message', () => {
  for (const value of [`"${'1'.repeat(1e6)}"`, `0x${'f'.repeat(2e5)}`, '['.repeat(2e4) + ']'.repeat(2e4)]) {
    const refused = /^the file must not have a value of 100,000 characters/
    expect(() => parseLocationFile(`location.real = ${value}`)).toThrow(refused)
  }
})

describe('a file written for another program shows the same view there', () => {
  const [WIDTH, HEIGHT] = [64, 48]
  // where the program has its pixel (u, v) from the centre, v counted downwards, in pixels right
  // and up
  const kalles = (text: string, u: number, v: number) => {
    const value = (name: string) => Number(new RegExp(`^${name}: (.*)\r$`, 'm').exec(text)![1])
    const [cos, sin] = [Math.cos, Math.sin].map((f) => f((value('RotateAngle') * Math.PI) / 180)) as [number, number]
    expect([value('StretchAmount'), value('StretchAngle')]).toEqual([0, 0])
    return [u * cos - v * sin, (value('ImagPointsUp') === 1 ? -1 : 1) * (u * sin + v * cos)]
  }
  const fraktaler = (text: string, u: number, v: number) => {
    const value = (name: string) => new RegExp(`^transform\\.${name} = (.*)$`, 'm').exec(text)?.[1]
    const angle = value('rotate') ?? '0.0'
    // a number without a point is not accepted as an angle
    expect(angle).toMatch(/\./)
    const [cos, sin] = [Math.cos, Math.sin].map((f) => f((Number(angle) * Math.PI) / 180)) as [number, number]
    return [u * cos - v * sin, (value('reflect') === 'true' ? 1 : -1) * (u * sin + v * cos)]
  }

  test.each([
    ['kfr', formatKfr, kalles, /^Zoom: (.*)\r$/m],
    ['toml', formatToml, fraktaler, /^location\.zoom = "(.*)"$/m],
  ] as const)('%s: 200 random views, pixel by pixel', (_, format, pixelOf, zoomOf) => {
    fc.assert(
      fc.property(
        digits(60),
        digits(60),
        fc.double({ min: -8, max: 60, noNaN: true }),
        fc.integer({ min: 0, max: 359_999_999 }),
        fc.boolean(),
        fc.nat(WIDTH - 1),
        fc.nat(HEIGHT - 1),
        (re, im, zoom, millionths, mirror, i, j) => {
          const [x, y] = [parseDecimal(re)!, parseDecimal(im)!]
          const rotation = millionths / 1e6
          const view = imageView(x, y, zoom, WIDTH, HEIGHT, rotation, mirror)
          const text = format({ re: x, im: y, zoom, ...orientation(rotation, mirror) }, HEIGHT)
          // ours, from the centre, in pixels
          const own = view.re + BigInt(i) * view.columnStep.re + BigInt(j) * view.rowStep.re
          const ownIm = view.im + BigInt(i) * view.columnStep.im + BigInt(j) * view.rowStep.im
          const pixel = 3 / 256 / 2 ** zoom
          const centre = (value: typeof x) => (value.digits << BigInt(view.bits)) / 10n ** BigInt(value.scale)
          const right = toDouble(own - centre(x), view.bits) / pixel
          const up = toDouble(ownIm - centre(y), view.bits) / pixel
          // theirs: a pixel is 4 / Zoom / height
          const [mantissa, exponent] = zoomOf.exec(text)![1]!.split('E') as [string, string]
          const theirs = 4 / (Number(mantissa) * 10 ** Number(exponent)) / HEIGHT / pixel
          const [dx, dy] = pixelOf(text, i - (WIDTH - 1) / 2, j - (HEIGHT - 1) / 2) as [number, number]
          expect(dx * theirs).toBeCloseTo(right, 5)
          expect(dy * theirs).toBeCloseTo(up, 5)
          expect(text).toContain(formatDecimal(x))
          expect(parseLocationFile(text, { height: HEIGHT })).toMatchObject({
            re: x,
            im: y,
            ...orientation(rotation, mirror),
          })
        },
      ),
      { numRuns: 200 },
    )
  })
})
