// A film has the colours of the image at each frame's zoom, even where the density of colours
// doubles.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { ROOT } from '../../src/core/package.ts'
import { writeFilm } from '../../src/export/filmfile.ts'
import { frameName } from '../../src/export/framename.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { type Film, frameRequest } from '../../src/render/film.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { psnr } from '../psnr.ts'
import { ownTask } from '../task.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-colours-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })
const pixels = (file: string | Uint8Array) => sharp(file).removeAlpha().raw().toBuffer()
const renderer = new Renderer(resolveOptions({ threads: '2' }).options)
afterAll(() => renderer.close())

// many samples per pixel, to avoid noise
const LOOK = { width: 96, height: 72, maxIter: 'auto', appearance: { ...DEFAULT_APPEARANCE, aa: 4 } } as const

test.each([
  // Misiurewicz points, which look the same at any zoom
  [30.6, 32.4, '0', '1'],
  [62.6, 64.4, '-2', '0'],
  [126.6, 128.4, '-2', '0'],
])('from zoom %d to %d each frame has the colours of its image', { timeout: 180_000 }, async (from, zoom, re, im) => {
  const out = join(folder, `film-${from}`)
  const image = { re: parseDecimal(re)!, im: parseDecimal(im)!, ...LOOK, zoom }
  const film: Film = { image, from, frames: 10 }
  await writeFilm({ images: renderer.strips, frames: renderer.frames }, film, out, ownTask())
  expect(readdirSync(out).length).toBe(film.frames + 1)
  for (let k = 0; k < film.frames; k++) {
    const { bytes } = await renderer.image(frameRequest(film, k), 'png').find()
    const [frame, image] = await Promise.all([join(out, frameName(k)), bytes].map(pixels))
    expect(psnr(frame!, image!), `frame ${k}`).toBeGreaterThan(35)
  }
})

test('a film that ends below zoom 0 ends with its image, which shows the whole set in few pixels', {
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
