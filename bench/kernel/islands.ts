// Tiles around islands, where dives end: CPU ms of a tile as the server renders it, its second
// time. Then views of the tile benchmark at zooms 30 to 40, by perturbation and by the double
// kernel.
//   npm run bench -- islands
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
import { edge, generator } from '../data/random.ts'
import { VIEWS } from '../data/views.ts'
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
const ratios: number[] = []
const views: (string | number)[][] = []
for (const { name, re, im, zoom } of VIEWS.filter(({ zoom }) => zoom >= 30)) {
  const request = { re: parseDecimal(re)!, im: parseDecimal(im)!, zoom, width: 256, height: 256 }
  const image = { ...request, maxIter: 'auto' as const, appearance: DEFAULT_APPEARANCE }
  await renderer.image(image, 'png').find()
  const deep = await cpu(() => renderer.image(image, 'png').find())
  const axes = sampleAxes(imageView(request.re, request.im, zoom, 256, 256))
  const { limit } = renders.at(-1)!
  const direct = await cpu(() => kernel.tile(axes.re, axes.im, limit!, ESCAPE_RADIUS, new Float64Array(256 * 256)))
  ratios.push(deep / direct)
  views.push([name, zoom, limit!, deep.toFixed(1), direct.toFixed(1), (deep / direct).toFixed(1)])
}
table(['view', 'zoom', 'limit', 'perturbation', 'doubles', 'ratio'], views)
const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
console.log(`geometric mean: ${goal(mean, 1, 'at most', 3)}`)
await renderer.close()

async function cpu(work: () => unknown): Promise<number> {
  const started = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1000
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
  const ms = await cpu(() => renderer.tile(request, DEFAULT_APPEARANCE, 'png').find())
  return [renders.at(-1)!.limit!, ms]
}

interface Nucleus {
  re: string
  im: string
  period: number
  /** that of a tile that the island fills */
  zoom: number
}

/** The island that dominates a view, undefined where there is none. */
async function nucleus(re: number, im: number, zoom: number): Promise<Nucleus | undefined> {
  const place = { re: parseDecimal(re.toFixed(20))!, im: parseDecimal(im.toFixed(20))!, zoom, kind: 'nucleus' as const }
  try {
    const { bytes } = await renderer.feature(place).find()
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
