import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { gradientTable, paletteTable } from '../../src/colour/palette.ts'
import { PALETTE_NAMES, PALETTE_STOPS } from '../../src/colour/palettes.ts'
import { ROOT } from '../../src/core/package.ts'
import { parseLocationFile } from '../../src/formats/locationfile.ts'
import { formatPaletteFile, PALETTE_FILES, parsePaletteFile } from '../../src/formats/palettefile.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-palette-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })

test('a few colours of a .map or a .gpl become stops, evenly spaced round the cycle', () => {
  const stops = [
    [0, '#0a0b0c'],
    [Number((1 / 3).toFixed(6)), '#ff0000'],
    [Number((2 / 3).toFixed(6)), '#00ff80'],
  ]
  expect(parsePaletteFile('10 11 12\n255 0 0  red\r\n0 255 128')).toEqual({ stops, set: '#000000' })
  const gimp =
    'GIMP Palette\nName: x\nColumns: 3\n#\n 10  11  12\tink\n255   0   0\tred\n  0 255 128\n  1 2 3\tthe set\n'
  expect(parsePaletteFile(gimp)).toEqual({ stops, set: '#010203' })
})

test('every palette survives a round trip through its file: the set exactly, colours to an invisible difference', () => {
  for (const name of PALETTE_NAMES) {
    for (const kind of PALETTE_FILES) {
      const text = formatPaletteFile(PALETTE_STOPS[name], kind, name)
      const lines = text.trim().split('\n')
      expect(lines.length).toBe(256 + (kind === 'gpl' ? 4 : 0))
      // the file holds the palette's own table
      const written = lines.slice(-256).flatMap((line) => line.trim().split(/\s+/).slice(0, 3).map(Number))
      expect(written).toEqual([...paletteTable(name)])
      const again = gradientTable(parsePaletteFile(text))
      const off = Array.from(again, (value, at) => Math.abs(value - written[at]!))
      expect(Math.max(...off), `${name}.${kind}`).toBeLessThanOrEqual(8)
      expect(again.subarray(765)).toEqual(paletteTable(name).subarray(765))
    }
  }
})

test('render reads palette files; palette and place write them', async () => {
  const [map, png, kfr, toml] = ['two.map', 'two.png', 'two.kfr', 'two.toml'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ]
  writeFileSync(map, '255 128 0\n0 64 255\n')
  const size = ['--width', '60', '--height', '40', '--zoom', '3.5', '--max-iter', '900']
  expect(run('render', '--out', png, '--palette', map, ...size).stderr).toBe('')
  const same = join(folder, 'same.png')
  run('render', '--out', same, '--gradient', 'ff8000,0040ff', ...size)
  const raw = (path: string) => sharp(path).removeAlpha().raw().toBuffer()
  expect((await raw(png)).equals(await raw(same))).toBe(true)
  const gpl = run('palette', '--like', png, '--format', 'gpl').stdout
  expect(gpl.split('\n').slice(0, 5)).toEqual([
    'GIMP Palette',
    'Name: mandeltiles own',
    'Columns: 16',
    '#',
    '255 128   0\tstep 0',
  ])
  for (const [format, file] of [
    ['kfr', kfr],
    ['toml', toml],
  ] as const) {
    expect(run('place', '--like', png, '--format', format, '--out', file).stderr).toBe('')
    const { zoom, maxIter } = parseLocationFile(readFileSync(file, 'utf8'), { height: 40 })
    expect([zoom.toFixed(6), maxIter]).toEqual(['3.500000', 900])
  }
})

test.each([
  [
    ['render', '--out', 'a.png', '--palette', join(folder, 'bad.map')],
    'a colour of the palette must be a line of red, green and blue from 0 to 255, it was "300 0 0"',
  ],
  [
    ['palette', '--format', 'map', '--palette', 'no.gpl'],
    '--palette must be a name, or a file that can be read, it was "no.gpl"',
  ],
  [['palette', '--format', 'ase'], '--format must be one of map, gpl, it was "ase"'],
  [['place', '--format', 'par'], '--format must be one of kfr, toml, it was "par"'],
])('%j is refused', (words, message) => {
  writeFileSync(join(folder, 'bad.map'), '1 2 3\n300 0 0\n')
  const { status, stderr } = run(...words)
  expect([status, stderr.trim()]).toEqual([2, `mandeltiles: ${message}`])
})

test('a list of one colour is not a palette', () => {
  expect(() => parsePaletteFile('1 2 3')).toThrow('the palette must be 2 to 4096 colours, it was "1 of them"')
})
