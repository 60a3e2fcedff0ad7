// A frame of a film at 720p, with its share of the key frames: a dive to zoom 40 in 1,200 frames.
// All key frames at whole zooms are rendered, and every twentieth frame is made; CPU of the whole
// process.
//   npm run bench -- film [key frames to render]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localRenderer } from '../../src/cli/renderer.ts'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { writeImageFile } from '../../src/export/imagefile.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { type Film, frameAt, keyFrameRequest } from '../../src/render/film.ts'
import { Ticket } from '../../src/scheduler/ticket.ts'
import { cpuSeconds } from '../cputime.ts'
import { goal, table } from '../table.ts'

const [FRAMES, EVERY, DEEPEST, GOAL] = [1200, 20, 40, 0.08]
const PLACE = { re: '-0.743643887037158704752191506114774', im: '0.131825904205311970493132056385139' }
const film: Film = {
  image: {
    re: parseDecimal(PLACE.re)!,
    im: parseDecimal(PLACE.im)!,
    zoom: DEEPEST,
    width: 1280,
    height: 720,
    maxIter: 'auto',
    appearance: DEFAULT_APPEARANCE,
  },
  from: 0,
  frames: FRAMES,
}

// the one of `zoom`: nothing is too expensive
const renderer = localRenderer(resolveOptions({ threads: '1' }).options)
const options = { signal: new AbortController().signal, ticket: new Ticket('bulk') }
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-film-'))
const file = (key: number) => join(folder, `${key}.png`)
const render = (key: number) =>
  cpuSeconds(() => writeImageFile(renderer.strips, keyFrameRequest(film, key), file(key), 'png', options))

const deepest = Number(process.argv[2] ?? DEEPEST)
let whole = 0
for (let key = 0; key <= deepest; key++) whole += await render(key)

// frames between two colour densities have their own key frame
const [shared, own] = [[] as number[], [] as number[]]
let ownKeys = 0
// a film decodes a key frame once for its thirty frames, and each measured frame meets new ones
let [decoded, decoding] = [0, 0]
for (let k = EVERY / 2; k < FRAMES; k += EVERY) {
  const { key } = frameAt(film, k)
  if (key + 1 > deepest) break
  const alone = !Number.isInteger(key)
  if (alone) ownKeys += await render(key)
  const before = decoded
  const png = async (key: number) => {
    decoded++
    return readFileSync(file(key))
  }
  const keyFrame = (key: number) => ({ name: file(key), png: () => png(key) })
  const frame = () => cpuSeconds(() => renderer.frames.frame(film, k, keyFrame, options))
  const first = await frame()
  const taken = await frame()
  if (decoded > before) decoding += first - taken
  const list = alone ? own : shared
  list.push(taken)
}
await renderer.close()
rmSync(folder, { recursive: true })

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
const measured = shared.length + own.length
const frames = (FRAMES * (deepest / DEEPEST)) / measured // frames that each measured one represents
const keys = deepest + 1 + own.length * frames
const reading = (keys * decoding) / Math.max(1, decoded)
const total = whole + reading + frames * (ownKeys + sum(shared) + sum(own))
const rows = [
  ['key frames at whole zooms', deepest + 1, whole / (deepest + 1), whole],
  ['key frames of single frames', Math.round(own.length * frames), ownKeys / Math.max(1, own.length), ownKeys * frames],
  ['key frames, decoded', Math.round(keys), reading / keys, reading],
  ['frames', Math.round(measured * frames), sum([...shared, ...own]) / measured, sum([...shared, ...own]) * frames],
] as const
console.log(`a film of ${film.image.width} x ${film.image.height} to zoom ${deepest}, CPU seconds`)
table(
  ['', 'number', 'each', 'together'],
  rows.map(([name, count, each, all]) => [name, count, each.toFixed(3), all.toFixed(1)]),
)
console.log(`\na frame, key frames included: ${goal(total / (measured * frames), 3, 'at most', GOAL)} s`)
