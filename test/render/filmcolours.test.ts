// A film has the colours of the image at each frame's zoom, also where the density of colours
// doubles.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { frameName } from '../../src/export/framename.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-colours-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })
const pixels = (file: string) => sharp(file).removeAlpha().raw().toBuffer()

/**
 * Peak signal to noise in decibels: 6 where colours have nothing in common, 35 where nobody sees a
 * difference.
 */
function psnr(a: Buffer, b: Buffer): number {
  const squares = a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0)
  return 10 * Math.log10((255 ** 2 * a.length) / squares)
}

// many samples, so that pixels are no noise
const SIZE = ['--width', '96', '--height', '72', '--aa', '4']

test.each([
  // Misiurewicz points, which look the same at any zoom
  [30.6, 32.4, ['--re', '0', '--im', '1']],
  [62.6, 64.4, ['--re', '-2', '--im', '0']],
])('zooms %d to %d: each frame has the colours of its image', { timeout: 180_000 }, async (from, zoom, place) => {
  const out = join(folder, `film-${from}`)
  const frames = 10
  const film = ['zoom', '--out', out, ...place, ...SIZE, '--from', `${from}`, '--zoom', `${zoom}`, '--fps', '5']
  expect(run(...film).stderr).toBe('')
  expect(readdirSync(out).length).toBe(frames + 1)
  for (let k = 0; k < frames; k++) {
    const image = join(folder, 'image.png')
    const frame = join(out, frameName(k))
    expect(run('render', '--out', image, '--like', frame).stderr).toBe('')
    expect(psnr(await pixels(frame), await pixels(image)), `frame ${k}`).toBeGreaterThan(35)
  }
})

test('a film ends below zoom 0 as its image, which shows the whole set in few pixels', {
  timeout: 60_000,
}, async () => {
  const out = join(folder, 'whole')
  const size = ['--width', '64', '--height', '64', '--aa', '4']
  const film = ['--re', '0', '--im', '0', ...size, '--from', '0', '--zoom', '-4', '--fps', '1', '--pace', '2']
  expect(run('zoom', '--out', out, ...film).stderr).toBe('')
  expect(readdirSync(out).length).toBe(3 + 1)
  const image = join(folder, 'whole.png')
  expect(run('render', '--out', image, '--like', join(out, frameName(2))).stderr).toBe('')
  expect(psnr(await pixels(join(out, frameName(2))), await pixels(image))).toBeGreaterThan(35)
  const refused = run('zoom', '--out', join(folder, 'far'), '--zoom', '-8.1')
  expect(refused.stderr).toMatch(
    /--zoom must be a number from 0 to 10000, possibly with a fraction, or below 0 down to -8, it was "-8.1"/,
  )
})
