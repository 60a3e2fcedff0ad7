// The colours of a film against those of its images: films that end at twenty zooms around powers
// of two, where the density of colours changes. Each frame is compared with the image at its zoom.
//   npm run bench -- filmcolours
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { writeFilm } from '../../src/export/filmfile.ts'
import { frameName } from '../../src/export/framename.ts'
import { decoded } from '../../src/formats/sharp.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { type Film, frameRequest } from '../../src/render/film.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { Ticket } from '../../src/scheduler/ticket.ts'
import { psnr } from '../../test/psnr.ts'
import { goal, table } from '../table.ts'

// the tip, a Misiurewicz point: it looks the same at any zoom, and its surroundings are free of
// noise
const PLACE = { re: parseDecimal('-2')!, im: parseDecimal('0')! }
const POWERS = [8, 16, 32, 64, 128]
const BESIDE = [-0.6, -0.3, 0, 0.4] // of each power of two
// many samples, so that pixels are no noise
const LOOK = { width: 96, height: 72, maxIter: 'auto', appearance: { ...DEFAULT_APPEARANCE, aa: 4 } } as const
const [BEFORE, FRAMES] = [1.4, 5] // zooms that a film goes through, and its frames
const LEAST = 35 // decibels: below it the eye sees a difference

const renderer = new Renderer(resolveOptions({ threads: '1' }).options)
const options = { signal: new AbortController().signal, ticket: new Ticket('bulk') }
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-films-'))
const rows: (string | number)[][] = []
const worst: number[] = []
const pixels = async (picture: Uint8Array<ArrayBuffer>) => (await decoded(picture)).rgb
for (const zoom of POWERS.flatMap((power) => BESIDE.map((beside) => power + beside))) {
  const film: Film = { image: { ...PLACE, ...LOOK, zoom }, from: zoom - BEFORE, frames: FRAMES }
  const out = join(folder, `${zoom}`)
  await writeFilm({ images: renderer.strips, frames: renderer.frames }, film, out, options, {})
  const ratios: number[] = []
  for (let k = 0; k < FRAMES; k++) {
    const { bytes } = await renderer.image(frameRequest(film, k), 'png').find()
    ratios.push(psnr(await pixels(readFileSync(join(out, frameName(k)))), await pixels(bytes)))
  }
  worst.push(Math.min(...ratios))
  rows.push([zoom.toFixed(1), ...ratios.map((ratio) => ratio.toFixed(1))])
}
await renderer.close()
rmSync(folder, { recursive: true })
table(['the film ends at', ...Array.from({ length: FRAMES }, (_, k) => `frame ${k}, dB`)], rows)
console.log(`\nthe worst of ${rows.length * FRAMES} frames: ${goal(Math.min(...worst), 1, 'at least', LEAST)} dB`)
