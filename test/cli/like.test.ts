// `--like`: what is taken from other programs' files, and what is said of it.
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

test('rotation and orientation go through pictures and files', () => {
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

test('a picture that Kalles Fraktaler saved says its place', () => {
  const { stdout } = run('place', '--format', 'toml', '--like', file('png-with-kfr-comment.png'))
  expect(stdout).toContain('location.real = "-0.75"\nlocation.imag = "0.1"\nlocation.zoom = "1E5"\n')
})

test('a limit beyond all is taken as far as it goes, which is said', () => {
  const { status, stderr, stdout } = run('place', '--format', 'kfr', '--like', file('iterations-huge.kfr'))
  expect(status).toBe(0)
  expect(stdout).toContain('Iterations: 100000000\r\n')
  expect(stderr).toMatch(/^mandeltiles: .*iterations-huge\.kfr asks for 2147483646 iterations; the limit is 100000000/)
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

test('a magnification beyond what is drawn is said to be that', () => {
  const path = join(folder, 'deep.kfr')
  writeFileSync(path, 'Re: 0\r\nIm: 0\r\nZoom: 1E5000\r\n')
  const { stderr } = run('place', '--format', 'kfr', '--like', path)
  expect(stderr).toContain('the zoom must be from -8 to 10000, its magnification leads to 16610.81')
})
