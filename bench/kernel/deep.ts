// CPU seconds of whole 256 x 256 views at well-known deep locations, everything included: orbit,
// tables, pixels, colour, encoding. And of a second view beside the first, whose orbit is cached.
// Goals are for a core on which the original C takes 40 ms for tile 0/0/0.
//   npm run bench -- deep [place ...]
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import type { ImageRequest } from '../../src/kernel/request.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { Renderer } from '../../src/render/renderer.ts'
import type { Render } from '../../src/render/stats.ts'
import { cpuSeconds } from '../cputime.ts'

const GOALS: Record<string, number> = {
  '1e50_bench': 0.4,
  dragon: 1.5,
  evolution_trees: 0.9,
  '4e533_bench': 0.4,
  '1e1086_bench': 0.8,
  e8000: 4,
}

interface Place {
  name: string
  re: string
  im: string
  zoom: string
  max_iter: number
}
const { places }: { places: Place[] } = JSON.parse(
  readFileSync(new URL('../data/locations.json', import.meta.url), 'utf8'),
)
const asked = process.argv.slice(2)
const { options } = resolveOptions({ threads: '1', 'cache-bytes': '0' })

const article = spawnSync(
  'sh',
  [
    '-ec',
    'out=$(mktemp -d); trap \'rm -rf "$out"\' EXIT; cc -O3 -o "$out/article" bench/native/article.c bench/native/original.c; "$out/article"',
  ],
  { encoding: 'utf8' },
)
if (article.status !== 0) throw new Error(`the original C needs a C compiler: ${article.stderr}`)
const scale = Number(article.stdout) / 40
console.log(
  `the original's C takes ${article.stdout.trim()} ms for tile 0/0/0 here, so goals are ${scale.toFixed(2)} of those for 40 ms`,
)
console.log('place               zoom   period     limit   CPU s   goal    here   orbit s  second s   goal    here')
for (const place of places.filter(({ name }) => (asked.length > 0 ? asked.includes(name) : name in GOALS))) {
  const renders: Render[] = []
  const renderer = new Renderer(options, (render) => renders.push(render))
  // starts threads, loads libraries
  await renderer.image(view({ ...place, zoom: '1e1' }), 'png').find()
  renders.length = 0
  const first = await cpuSeconds(() => renderer.image(view(place), 'png').find())
  const beside = view(place)
  beside.re = { digits: beside.re.digits * 10n ** 40n + 1n, scale: beside.re.scale + 40 }
  const second = await cpuSeconds(() => renderer.image(beside, 'png').find())
  await renderer.close()
  const { orbit, timing } = renders.find(({ kind }) => kind === 'orbit') ?? {}
  const cells = [
    view(place).zoom.toFixed(0).padStart(6),
    String(orbit?.period ?? '-').padStart(9),
    String(renders.find(({ kind }) => kind === 'image')?.limit).padStart(10),
    first.toFixed(2).padStart(8),
    ...goals(GOALS[place.name]),
    ((timing?.render ?? 0) / 1000).toFixed(2).padStart(10),
    second.toFixed(2).padStart(10),
    ...goals((GOALS[place.name] ?? Number.NaN) / 3),
  ]
  console.log(place.name.padEnd(18) + cells.join(''))
}

/** A goal, and the goal on this machine. */
function goals(seconds = Number.NaN): string[] {
  return [seconds, seconds * scale].map((goal) => (Number.isNaN(goal) ? '-' : goal.toFixed(2)).padStart(7))
}

/** The picture of a location: 4/zoom high. */
function view({ re, im, zoom }: Place): ImageRequest {
  const [mantissa, exponent = '0'] = zoom.toLowerCase().split('e')
  const magnified = Math.log2(Number(mantissa)) + Number(exponent) * Math.log2(10)
  return {
    re: parseDecimal(re)!,
    im: parseDecimal(im)!,
    zoom: Math.max(0, magnified + Math.log2(3 / 4)),
    width: 256,
    height: 256,
    maxIter: 'auto',
    appearance: DEFAULT_APPEARANCE,
  }
}
