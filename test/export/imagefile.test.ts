// Images written to files by the command line: formats, counts, large images in bounded memory, and
// resuming after a kill.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { ResumableFile } from '../../src/export/resumable.ts'
import { pathOf } from '../programs.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-still-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string) => join(folder, name)
const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })
const render = (name: string, ...words: string[]) => {
  const { stderr } = run('render', '--out', file(name), ...words)
  expect(stderr, words.join(' ')).toBe('')
  return file(name)
}
const PLACE = ['--re', '-0.743643887037', '--im', '0.131825904205', '--zoom', '9.25', '--max-iter', '1500']

test('a picture of any format can be rendered again from its metadata, rotation and bits included', async () => {
  const words = [...PLACE, '--width', '90', '--height', '70', '--rotation', '-30.25', '--bits', '16', '--aa', '2']
  const png = render('turned.png', ...words)
  expect(await sharp(png).metadata()).toMatchObject({ width: 90, height: 70, depth: 'ushort', channels: 3 })
  expect(readFileSync(render('again.png', '--like', png)).equals(readFileSync(png))).toBe(true)
  const tiff = render('turned.tif', ...words)
  expect(readFileSync(render('again.tiff', '--like', tiff)).equals(readFileSync(tiff))).toBe(true)
  // lossless formats give the same picture
  const raw = (path: string) => sharp(path).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer()
  expect((await raw(tiff)).equals(await raw(png))).toBe(true)
  const upright = render('upright.png', '--like', png, '--rotation', '0', '--bits', '8')
  expect((await sharp(upright).metadata()).depth).toBe('uchar')
  for (const format of ['webp', 'avif', 'jpg']) {
    const lossy = render(`lossy.${format}`, '--like', upright)
    const [a, b] = await Promise.all([lossy, upright].map((path) => sharp(path).removeAlpha().raw().toBuffer()))
    const mean = a!.reduce((sum, value, at) => sum + Math.abs(value - b![at]!), 0) / a!.length
    expect(mean, format).toBeLessThan(8)
  }
})

test.each([
  ['a.jpg', '65501', '1', 'width must be at most 65500 in a jpg, it was 65501'],
  ['a.webp', '8192', '8193', 'width · height must be at most 67108864 in a webp, it was 67117056'],
])('%s of %s by %s is refused before anything is rendered', (name, width, height, message) => {
  const { status, stderr } = run('render', '--out', file(name), '--width', width, '--height', height)
  expect([status, stderr]).toEqual([2, `mandeltiles: ${message}\n`])
  expect(existsSync(file(`${name}.part`))).toBe(false)
})

test('NumPy reads the counts, in double and in single precision', () => {
  const words = [...PLACE, '--width', '300', '--height', '500']
  const [double, single] = [render('counts.npy', ...words), render('singles.npy', ...words, '--precision', 'float32')]
  const script = `
import numpy, sys
a, b = (numpy.load(name) for name in sys.argv[1:])
print(a.dtype, b.dtype, a.shape, b.shape, (a.astype('float32') == b).all(), a[a > 0].min() > 9, numpy.isin(a[a < 0], [-1, -2]).all())`
  const said = execFileSync(pathOf('python'), ['-c', script, double, single], { encoding: 'utf8' })
  expect(said.trim()).toBe('float64 float32 (500, 300) (500, 300) True True True')
})

test('a part file knows how much of it is complete, wherever it was cut off', async () => {
  const path = file('pieces')
  const part = await ResumableFile.open<{ k: number }>(path, 'one thing', { resume: false })
  for (const k of [1, 2, 3]) await part.append(Buffer.alloc(10, k), { k })
  await part.close()
  // the fourth piece was cut off, or its line was
  appendFileSync(`${path}.part`, 'torn')
  appendFileSync(`${path}.part.log`, '{"k":4,"byt')
  const again = await ResumableFile.open<{ k: number }>(path, 'one thing', { resume: true })
  expect(again.notes).toEqual([{ k: 1 }, { k: 2 }, { k: 3 }])
  await again.append(Buffer.alloc(10, 4), { k: 4 })
  await again.finish(path)
  expect(readFileSync(path)).toEqual(Buffer.concat([1, 2, 3, 4].map((k) => Buffer.alloc(10, k))))
  expect([`${path}.part`, `${path}.part.log`].some(existsSync)).toBe(false)
})

test('a killed render resumes to the same bytes, and only for the same picture', async () => {
  const words = [...PLACE, '--width', '1400', '--height', '1400', '--aa', '2']
  for (const [format, name] of [
    ['png', 'killed.png'],
    ['npy', 'killed.npy'],
  ] as const) {
    const own = format === 'npy' ? words.slice(0, -2) : words
    const whole = readFileSync(render(`whole.${format}`, ...own))
    const out = file(name)
    const child = spawn(process.execPath, [cli, 'render', '--out', out, ...own])
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const lines = () => (existsSync(`${out}.part.log`) ? readFileSync(`${out}.part.log`, 'utf8').split('\n').length : 0)
    while (lines() < 8) await new Promise((resolve) => setTimeout(resolve, 5))
    child.kill('SIGKILL')
    await ended
    expect(existsSync(out)).toBe(false)
    const reached = readFileSync(`${out}.part`)
    expect(reached.length).toBeLessThan(whole.length)
    const { status, stderr } = run('render', '--out', out, ...own, '--resume', '--offset', '0.5')
    expect([status, stderr.trim().split('\n').length]).toEqual([2, 1])
    expect(stderr).toContain(`${out}.part belongs to another image, or another version: it says re=`)
    render(name, ...own, '--resume')
    expect(readFileSync(out).equals(whole), format).toBe(true)
    // existing pieces were not written anew: all of them are older than the end
    expect(existsSync(`${out}.part`)).toBe(false)
  }
})

test('the memory for writing a file does not depend on its size', { timeout: 120_000 }, async () => {
  // the whole picture would take 205 MB as colours, and 550 MB as counts
  let out = file('large.png')
  const words = [
    '--re',
    '0.5',
    '--im',
    '0.6',
    '--zoom',
    '6',
    '--width',
    '8192',
    '--height',
    '8400',
    '--max-iter',
    '300',
  ]
  const peak = (...more: string[]) => {
    const script = `
process.argv.splice(1, 1, ${JSON.stringify(cli)})
await import(${JSON.stringify(cli)})
process.once('exit', () => console.log(process.resourceUsage().maxRSS))`
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script, 'cli', 'render', '--out', out, '--threads', '2', ...more],
      { encoding: 'utf8' },
    )
    expect(stderr).toBe('')
    return Number(stdout) / 1024
  }
  const small = peak(...words, '--width', '512', '--height', '512')
  const large = peak(...words)
  expect(await sharp(out, { limitInputPixels: false }).metadata()).toMatchObject({ width: 8192, height: 8400 })
  expect(statSync(out).size).toBeGreaterThan(1e6)
  expect(large - small).toBeLessThan(120)
  // an encoder that held the whole picture would take some 400 MB
  out = file('large.avif')
  const tiled = peak(...words, '--width', '4096', '--height', '4096')
  expect(await sharp(out).metadata()).toMatchObject({ width: 4096, height: 4096, format: 'heif' })
  expect(tiled - small).toBeLessThan(220)
  expect(existsSync(`${out}.new.tiles`)).toBe(false)
})
