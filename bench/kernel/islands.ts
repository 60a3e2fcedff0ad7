// Tiles around islands, where dives end: CPU ms of a tile as the server renders it, its second
// time. Then views of the tile benchmark at zooms 30 to 40, by perturbation and by the double
// kernel.
//   npm run bench -- islands
import { readFileSync } from 'node:fs'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { kernel } from '../../src/kernel/binding.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { ESCAPE_RADIUS } from '../../src/plane/precision.ts'
import { sampleAxes } from '../../src/plane/samples.ts'
import { SPAN } from '../../src/plane/tile.ts'
import { imageView, tileAround } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import type { Render } from '../../src/render/stats.ts'
import { cpuSeconds } from '../cputime.ts'
import { edge, generator } from '../data/random.ts'
import { type Place, VIEWS } from '../data/views.ts'
import { goal, table } from '../table.ts'

const DEEPEST = { re: '-0.743643887037158704752191506114', im: '0.131825904205311970493132056385', zooms: [44, 60] }
const WANTED = 20
const [LEAST_PERIOD, MOST_PERIOD] = [3, 2000]

const { options } = resolveOptions({ threads: '1', 'cache-bytes': '0' })
const renders: Render[] = []
const renderer = new Renderer(options, (render) => renders.push(render))

const [from, to] = DEEPEST.zooms as [number, number]
const dive: number[][] = []
for (let zoom = from; zoom <= to; zoom++) dive.push([zoom, ...(await tile(DEEPEST.re, DEEPEST.im, zoom))])
console.log('the island of period 998 in the seahorse valley, one core')
table(['zoom', 'limit', 'CPU ms'], dive.map(row))
console.log(`worst tile, ms: ${goal(Math.max(...dive.map(([, , ms]) => ms!)), 0, 'at most', 100)}\n`)

const found: { name: string; cells: number[] }[] = []
const seen = new Set<string>()
const random = generator(17)
while (found.length < WANTED) {
  const place = edge(random)
  const island = await nucleus(place.re, place.im, 4 + 40 * random())
  if (!island || island.period < LEAST_PERIOD || island.period > MOST_PERIOD || seen.has(island.re)) continue
  const zoom = Math.round(island.zoom)
  if (zoom < 20 || zoom > 60) continue
  seen.add(island.re)
  const [limit, ms] = await tile(island.re, island.im, zoom)
  found.push({ name: `${island.re.slice(0, 12)} ${island.im.slice(0, 12)}`, cells: [island.period, zoom, limit, ms] })
}
console.log(`${WANTED} islands of periods ${LEAST_PERIOD} to ${MOST_PERIOD} by a seeded search, each filling its tile`)
table(
  ['island', 'period', 'zoom', 'limit', 'CPU ms'],
  found.map(({ name, cells }) => [name, ...row(cells)]),
)
console.log(`worst tile, ms: ${goal(Math.max(...found.map(({ cells }) => cells.at(-1)!)), 0, 'at most', 100)}\n`)

console.log(
  'views of the tile benchmark at zooms 30 to 40: CPU ms by perturbation, encoding included, and of the double kernel',
)
const { places } = JSON.parse(readFileSync(new URL('../data/locations.json', import.meta.url), 'utf8'))
const named = (name: string): Place => [...VIEWS, ...places].find((place) => place.name === name)
const ratios: number[] = []
const views: (string | number)[][] = []
for (const { name, re, im, zoom } of VIEWS.filter(({ zoom }) => zoom >= 30)) {
  const request = { re: parseDecimal(re)!, im: parseDecimal(im)!, zoom, width: 256, height: 256 }
  const image = { ...request, maxIter: 'auto' as const, appearance: DEFAULT_APPEARANCE }
  await renderer.image(image, 'png').find()
  const deep = 1000 * (await cpuSeconds(() => renderer.image(image, 'png').find()))
  const { limit } = renders.at(-1)!
  const direct = await doubles(named(name), limit!)
  ratios.push(deep / direct)
  views.push([name, zoom, limit!, deep.toFixed(1), direct.toFixed(1), (deep / direct).toFixed(1)])
}
table(['view', 'zoom', 'limit', 'perturbation', 'doubles', 'ratio'], views)
console.log(`geometric mean: ${goal(geometricMean(ratios), 1, 'at most', 3)}\n`)

// The kernel's times at spirals, branches and embedded Julia sets before steps had mixed terms, on
// an AMD EPYC with AVX2, and the double kernel's time for a view there, which calibrates other
// machines.
const LIMIT = 100_000
const BEFORE = [
  ['seahorse, deep', 53, 3350],
  ['branches', 56, 92],
  ['branches', 64, 93],
  ['branches', 72, 31],
  ['layers', 66, 260],
  ['layers', 80, 76],
  ['needle island', 60, 40],
] as const
const YARDSTICK = { name: 'branches, deep', limit: 16_384, ms: 11.3 }
const speed = YARDSTICK.ms / (await doubles(named(YARDSTICK.name), YARDSTICK.limit))
const deepRows = []
const parts: number[] = []
for (const [name, zoom, before] of BEFORE) {
  const { re, im } = named(name)
  const request = { re: parseDecimal(re)!, im: parseDecimal(im)!, zoom, width: 256, height: 256, maxIter: LIMIT }
  const image = { ...request, appearance: DEFAULT_APPEARANCE }
  await renderer.image(image, 'png').find()
  const ms = 1000 * (await cpuSeconds(() => renderer.image(image, 'png').find()))
  parts.push((ms * speed) / before)
  deepRows.push([name, zoom, before, ms.toFixed(1), parts.at(-1)!.toFixed(2)])
}
console.log(`views at zooms 50 to 100, limit ${LIMIT}: ms before, and CPU ms now, encoding included`)
table(['view', 'zoom', 'before', 'now', 'ratio, this machine at its speed'], deepRows)
console.log(`geometric mean: ${goal(geometricMean(parts), 2, 'at most', 0.5)}`)
await renderer.close()

async function doubles({ re, im, zoom }: Place, limit: number): Promise<number> {
  const axes = sampleAxes(imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, 256, 256))
  const nu = new Float64Array(256 * 256)
  return 1000 * (await cpuSeconds(() => kernel.tile(axes.re, axes.im, limit, ESCAPE_RADIUS, nu)))
}

function geometricMean(values: number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

function row(cells: number[]): string[] {
  return cells.map((cell, at) => (at === cells.length - 1 ? cell.toFixed(1) : String(cell)))
}

/**
 * The limit and the CPU ms of the tile of a zoom that contains a point, rendered the second time.
 */
async function tile(re: string, im: string, zoom: number): Promise<[number, number]> {
  const address = tileAround(imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, 1, 1), zoom, SPAN)
  const request = { tile: address, size: 256, maxIter: 'auto' as const }
  await renderer.tile(request, DEFAULT_APPEARANCE, 'png').find()
  const ms = 1000 * (await cpuSeconds(() => renderer.tile(request, DEFAULT_APPEARANCE, 'png').find()))
  return [renders.at(-1)!.limit!, ms]
}

interface Nucleus {
  re: string
  im: string
  period: number
  /** the zoom of a tile that the island fills */
  zoom: number
}

/** The island that dominates a view; undefined if there is none. */
async function nucleus(re: number, im: number, zoom: number): Promise<Nucleus | undefined> {
  const place = { re: parseDecimal(re.toFixed(20))!, im: parseDecimal(im.toFixed(20))!, zoom, kind: 'nucleus' as const }
  try {
    const { bytes } = await renderer.feature(place).find()
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
