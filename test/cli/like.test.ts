// `--like`: what is read from other programs' files, and which notices appear.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { parseLocationFile } from '../../src/formats/locationfile.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-like-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string) => fileURLToPath(new URL(`../formats/files/${name}`, import.meta.url))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })

/** Rows of smooth counts, below 0 inside the set. */
function counts(width: number, height: number, ...words: string[]): number[][] {
  const out = join(folder, 'counts.npy')
  const { status, stderr } = run('render', '--out', out, '--width', String(width), '--height', String(height), ...words)
  expect([status, stderr]).toEqual([0, ''])
  const bytes = readFileSync(out)
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset + bytes.length - 8 * width * height))
  return Array.from({ length: height }, (_, j) => [...values.subarray(j * width, (j + 1) * width)])
}

test("Kalles Fraktaler's start shows the whole plane, however small the picture", () => {
  const rows = counts(64, 64, '--like', file('kf-home.kfr'))
  const inside = rows.flat().filter((count) => count < 0).length / 64 ** 2
  // the area of the set is 1.5066 of 4 · 4
  expect(inside).toBeGreaterThan(0.085)
  expect(inside).toBeLessThan(0.103)
})

test('a picture whose imaginary axis points down is the mirror image', () => {
  const place = ['--re', '-1.2566', '--im', '0.3824', '--max-iter', '2000']
  // 4/500 tall: 24 pixels of 3/256/2^zoom
  const zoom = ['--zoom', String(Math.log2((500 * 3 * 24) / 1024))]
  const upright = counts(32, 24, ...place, ...zoom)
  for (const name of ['kf-axis-down.kfr', 'f3-reflect.f3.toml']) {
    const [re, im] = name.startsWith('kf') ? ['-1.2566', '0.3824'] : ['-0.75', '0.1']
    const own = name.startsWith('kf') ? upright : counts(32, 24, '--re', re, '--im', im, '--max-iter', '1024', ...zoom)
    expect(counts(32, 24, '--like', file(name)), name).toEqual([...own].reverse())
    expect(own).not.toEqual([...own].reverse())
  }
  expect(counts(32, 24, '--like', file('kf-axis-down.kfr'), '--mirror', 'false')).toEqual(upright)
})

test('rotation and orientation survive in pictures and files', () => {
  const png = join(folder, 'r.png')
  const size = ['--width', '40', '--height', '30']
  expect(run('render', '--out', png, '--rotation', '33.5', '--mirror', 'true', ...size).stderr).toBe('')
  for (const format of ['kfr', 'toml']) {
    const { stdout } = run('place', '--format', format, '--like', png)
    expect(parseLocationFile(stdout)).toMatchObject({ rotation: 33.5, mirror: true })
    const path = join(folder, `r.${format}`)
    writeFileSync(path, stdout)
    const again = counts(40, 30, '--like', path, '--max-iter', '500')
    expect(again).toEqual(counts(40, 30, '--like', png, '--max-iter', '500'))
  }
  const rotated = counts(24, 24, '--like', file('kf-rotated.kfr'))
  expect(rotated).toEqual(counts(24, 24, '--like', file('kf-rotated.kfr'), '--rotation', '30'))
  expect(rotated).not.toEqual(counts(24, 24, '--like', file('kf-rotated.kfr'), '--rotation', '0'))
})

test('the place is read from a picture that Kalles Fraktaler saved', () => {
  const { stdout } = run('place', '--format', 'toml', '--like', file('png-with-kfr-comment.png'))
  expect(stdout).toContain('location.real = "-0.75"\nlocation.imag = "0.1"\nlocation.zoom = "1E5"\n')
})

test('an excessive limit is reduced to the maximum, with a notice', () => {
  const { status, stderr, stdout } = run('place', '--format', 'kfr', '--like', file('iterations-huge.kfr'))
  expect(status).toBe(0)
  expect(stdout).toContain('Iterations: 100000000\r\n')
  expect(stderr).toMatch(/^mandeltiles: .*iterations-huge\.kfr requests 2147483646 iterations; the limit is 100000000/)
})

test('a limit with more digits than any counter has is reduced too', () => {
  const many = join(folder, 'many.kfr')
  writeFileSync(many, `Re: 1\nIm: 0\nZoom: 2\nIterations: ${'9'.repeat(30)}\n`)
  const { status, stderr, stdout } = run('place', '--format', 'kfr', '--like', many)
  expect([status, stdout.includes('Iterations: 100000000\r\n')]).toEqual([0, true])
  expect(stderr).toMatch(/the limit is 100000000 \(--max-iterations\)/)
})

test.each([
  ['f3-opcodes.f3.toml', 'formula.opcodes must be sqr add'],
  ['f3-ship.f3.toml', 'formula.abs_y must be false'],
  ['f3-expmap.f3.toml', 'transform.exponential_map must be false'],
  ['kf-hybrid.kfr', 'UseHybridFormula must be 0'],
  ['kf-seed.kfr', 'SeedR must be 0'],
  ['nosuch.kfr', 'there is no such file'],
  ['nosuch.png', 'there is no such file'],
  ['zebra.map', 'a picture that mandeltiles rendered, a .kfr or a .toml'],
])('%s is refused in one sentence', (name, message) => {
  const { status, stderr } = run('render', '--out', join(folder, 'a.png'), '--like', file(name))
  expect(status).toBe(2)
  expect(stderr).toContain(message)
  expect(stderr).toContain('--like')
  expect(stderr.trim().split('\n').length).toBe(1)
})

test('a magnification that is too deep to draw is reported as such', () => {
  const path = join(folder, 'deep.kfr')
  writeFileSync(path, 'Re: 0\r\nIm: 0\r\nZoom: 1E5000\r\n')
  const { stderr } = run('place', '--format', 'kfr', '--like', path)
  expect(stderr).toContain('the zoom must be from -8 to 10000, its magnification leads to 16610.81')
})

/** The bytes of an image without its metadata. */
function image(...words: string[]): Buffer {
  const out = join(folder, 'image.png')
  const { status, stderr } = run('render', '--out', out, ...words)
  expect([status, stderr]).toEqual([0, ''])
  return readFileSync(out)
}

test('another size shows the same part of the plane; with --same-scale it shows more or less of it', () => {
  const place = ['--re', '-0.7436', '--im', '0.1318', '--max-iter', '800']
  const own = join(folder, 'own.png')
  writeFileSync(own, image(...place, '--zoom', '7.5', '--width', '96', '--height', '64'))
  for (const [words, zoom, width, height] of [
    [['--width', '192'], 8.5, 192, 128],
    [['--height', '32'], 6.5, 48, 32],
    [['--width', '96', '--height', '64'], 7.5, 96, 64],
    // another shape: everything remains visible
    [['--width', '384', '--height', '128'], 8.5, 384, 128],
    [['--width', '192', '--height', '400'], 8.5, 192, 400],
    [['--width', '192', '--zoom', '7'], 7, 192, 64],
    [['--width', '192', '--same-scale'], 7.5, 192, 64],
  ] as const) {
    const expected = image(...place, '--zoom', `${zoom}`, '--width', `${width}`, '--height', `${height}`)
    expect(image('--like', own, ...words).equals(expected), words.join(' ')).toBe(true)
  }
  const kfr = join(folder, 'scale.kfr')
  writeFileSync(kfr, 'Re: -0.7436\nIm: 0.1318\nZoom: 100\nIterations: 800\n')
  const small = ['--like', kfr, '--width', '64', '--height', '48']
  const zoom = (height: number) => String(Math.log2(100) + Math.log2((3 * height) / 1024))
  const at = (height: number) => image(...place, '--zoom', zoom(height), '--width', '64', '--height', '48')
  expect(image(...small, '--mirror', 'false').equals(at(48))).toBe(true)
  expect(image(...small, '--mirror', 'false', '--same-scale').equals(at(768))).toBe(true)
})

test('a missing file or folder is reported in one line', () => {
  for (const [words, message] of [
    [
      ['--out', 'a.png', '--like', 'nosuch.kfr'],
      '--like must be a picture that mandeltiles rendered, a .kfr or a .toml',
    ],
    [['--out', 'a.png', '--like', 'nosuch.png'], 'it was "nosuch.png": there is no such file or folder'],
    [['--out', 'a.png', '--like', folder], 'it is a folder, not a file'],
    [['--out', 'a.png', '--palette', 'nosuch.map'], '--palette must be a name, or a file that can be read'],
    [['--out', join(folder, 'none', 'a.png')], '--out must be in an existing, writable folder, it was '],
    [['--out', `${file('kf-home.kfr')}/a.png`], 'a part of the path is a file, not a folder'],
  ] as const) {
    const { status, stderr } = run('render', ...words, '--width', '16', '--height', '16')
    expect([status, stderr.trim().split('\n').length], words.join(' ')).toEqual([2, 1])
    expect(stderr).toContain(message)
  }
})

test('--out - writes the image to standard output, in any format', () => {
  const words = ['render', '--re', '-0.7436', '--im', '0.1318', '--zoom', '6', '--width', '90', '--height', '60']
  for (const format of ['png', 'webp', 'tiff', 'npy']) {
    const out = join(folder, `piped.${format}`)
    expect(run(...words, '--out', out).stderr).toBe('')
    const piped = spawnSync(process.execPath, [cli, ...words, '-o', '-', '--format', format])
    expect([piped.status, String(piped.stderr)]).toEqual([0, ''])
    expect(piped.stdout.equals(readFileSync(out)), format).toBe(true)
  }
  const refused = run(...words, '-o', '-', '--resume')
  expect([refused.status, refused.stderr]).toEqual([
    2,
    'mandeltiles: --resume continues a file, but --out is standard output\n',
  ])
})

test("the README's picture says how it was made", () => {
  const picture = fileURLToPath(new URL('docs/valley.webp', ROOT))
  // from the README's commands
  const place = ['--re', '-0.743643887037', '--im', '0.131825904205', '--zoom', String(13.2 - Math.log2(1200 / 24))]
  expect(counts(24, 12, '--like', picture)).toEqual(counts(24, 12, ...place))
})
