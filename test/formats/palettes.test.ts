// Palette files as other programs write them, against an independent implementation of their rules.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { formatGradient, parseGradient } from '../../src/colour/gradient.ts'
import { gradientTable } from '../../src/colour/palette.ts'
import { ROOT } from '../../src/core/package.ts'
import { formatPaletteFile, parsePaletteFile } from '../../src/formats/palettefile.ts'
import { decodeText } from '../../src/formats/text.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-palettes-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string) => fileURLToPath(new URL(`files/${name}`, import.meta.url))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })

const read = (name: string) => parsePaletteFile(decodeText(readFileSync(file(name))))
const rows = (table: Uint8Array) => Array.from({ length: 255 }, (_, k) => [...table.subarray(3 * k, 3 * k + 3)])

describe('a file', () => {
  test.each([
    ['words-first.map', ['#f62e37', '#ffe639', '#60acff']],
    ['comment-lines.map', ['#f62eff', '#ffe639', '#60ac19']],
    ['dos-end.map', ['#f62eff', '#ffe639', '#60ac19']],
    ['rgba-channels.gpl', ['#000000', '#fe5b59', '#39a547', '#f3ce52']],
    ['bom-tabs-crlf.gpl', ['#fe5b59', '#39a547', '#f3ce52']],
  ])('%s is read', (name, colours) => {
    const { stops, set, bands } = read(name)
    // the first file's first colour has three numbers, and the words before it are not a colour
    const found = stops.map(([, colour]) => colour)
    expect([found.length, found.slice(1), set, bands]).toEqual([colours.length, colours.slice(1), '#000000', undefined])
  })

  test.each(['zebra.map', 'stripe-off-by-one.map'])('%s keeps every stripe', (name) => {
    const lines = readFileSync(file(name), 'utf8').trim().split('\n')
    expect(lines.length).toBe(256)
    const table = rows(gradientTable(read(name)))
    expect(table).toEqual(lines.slice(0, 255).map((line) => line.split(' ').map(Number)))
  })

  test('is drawn in its stripes, with 8 and with 16 bits', async () => {
    const size = ['--zoom', '3', '--re', '-0.7', '--im', '0.3', '--width', '120', '--height', '90']
    const seen = async (...words: string[]) => {
      const out = join(folder, 'a.png')
      expect(run('render', '--out', out, ...size, ...words).stderr).toBe('')
      const rgb = await sharp(out).removeAlpha().toColourspace('srgb').raw().toBuffer()
      const counts = new Map<string, number>()
      for (let at = 0; at < rgb.length; at += 3) {
        const colour = rgb.toString('hex', at, at + 3)
        counts.set(colour, (counts.get(colour) ?? 0) + 1)
      }
      return counts
    }
    for (const bits of ['8', '16']) {
      const counts = await seen('--palette', file('zebra.map'), '--bits', bits)
      for (const colour of ['000000', 'ffffff']) expect(counts.get(colour) ?? 0, `${bits} bits`).toBeGreaterThan(2000)
    }
    expect([...(await seen('--palette', file('zebra.map'))).keys()].sort()).toEqual(['000000', 'ffffff'])
    // the picture's metadata holds its palette, and gives the same picture again
    const again = join(folder, 'b.png')
    run('render', '--out', again, '--like', join(folder, 'a.png'))
    expect(readFileSync(again).equals(readFileSync(join(folder, 'a.png')))).toBe(true)
  })

  test('of XaoS is refused, with the list of formats that work', () => {
    const { status, stderr } = run('render', '--out', join(folder, 'a.png'), '--palette', file('some.xpf'))
    expect(status).toBe(2)
    expect(stderr).toMatch(/^mandeltiles: --palette must be one of tidal, .*, or a \.map of Fractint, a \.gpl or \.ggr/)
    expect(stderr).toContain('a .kfp or .kfr of Kalles Fraktaler, a .ugr of Ultra Fractal or an .ase of Adobe')
    expect(stderr.trim().split('\n').length).toBe(1)
  })
})

const channel = fc.integer({ min: 0, max: 256 })
const colour = fc.tuple(channel, channel, channel)
// a smooth ramp with stripes, as real files have, or anything
const colours = fc.oneof(
  fc.array(colour, { minLength: 33, maxLength: 256 }),
  fc.array(colour, { minLength: 256, maxLength: 256 }),
  fc
    .tuple(colour, fc.integer({ min: 2, max: 9 }))
    .map(([stripe, every]) =>
      Array.from({ length: 256 }, (_, k) =>
        k % every === 0 ? stripe : ([k, 255 - k, (2 * k) % 256] as [number, number, number]),
      ),
    ),
)
const tail = fc.constantFrom('', ' ', '\tname of it', ' ; 12', ' # 7 8 9', '  r')
const between = fc.constantFrom('; a comment', '# 1 2 3', '// 4', 'rgb', '', '   ')

test('long lists of colours are used unchanged, whatever text surrounds them', () => {
  fc.assert(
    fc.property(
      colours,
      fc.array(tail, { minLength: 256, maxLength: 256 }),
      fc.array(fc.tuple(fc.nat(255), between), { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n'),
      fc.constantFrom('', '\x1a', '\x1a\r\n1 2 3 rubbish\r\n'),
      (colours, tails, comments, end, last) => {
        const lines = colours.map(([r, g, b], k) => `${String(r).padStart(k % 5)} ${g}\t${b}${tails[k]}`)
        for (const [at, comment] of comments) lines.splice(Math.min(at, lines.length), 0, comment)
        const gradient = parsePaletteFile(lines.join(end) + end + last)
        const n = colours.length
        // step k of 255 shows the colour that stands at k/255 of the list
        const expected = Array.from({ length: 255 }, (_, k) =>
          colours[Math.floor((k * n) / 255)]!.map((v) => Math.min(v, 255)),
        )
        expect(rows(gradientTable(gradient))).toEqual(expected)
        // the same through a link
        expect(parseGradient(formatGradient(gradient))).toEqual(gradient)
        // and through our own file
        const written = parsePaletteFile(formatPaletteFile(gradient, n % 2 === 0 ? 'map' : 'gpl', 'x'))
        expect(gradientTable(written)).toEqual(gradientTable(gradient))
      },
    ),
    { numRuns: 200 },
  )
})

test('lists of more than 256 colours are subsampled', () => {
  const text = Array.from({ length: 4096 }, (_, k) => `${k >> 4} 0 0`).join('\n')
  const table = rows(gradientTable(parsePaletteFile(text)))
  for (const [k, [r]] of table.entries()) expect(Math.abs(r! - (256 * k) / 255)).toBeLessThanOrEqual(1)
})

test.each([
  'bands:',
  'bands:AAAA',
  'bands:AAAAAAA',
  'bands:AAAA=AAA',
  'bands:AAAAAAAA;set=12',
  `bands:${'AAAA'.repeat(257)}`,
  'Bands:AAAAAAAA',
])('%.40s is not a gradient', (text) => {
  expect(() => parseGradient(text)).toThrow(/^gradient must be 2 to 32 colours/)
})

test.each(['1 2', '1 2 three', '1000 2 3', '257 0 0', '1 2 3.5', '-1 2 3', '0.1 0.2 0.3'])(
  '%j is not a palette',
  (text) => {
    expect(() => parsePaletteFile(text)).toThrow(
      /^a colour of the palette must be a line of red, green and blue from 0 to 255/,
    )
  },
)
