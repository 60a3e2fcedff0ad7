// A dive at ten places: CPU ms of the tile of each zoom from 0 to 120 as the server renders it, its
// second time. Where a tile takes more than twice its neighbour's time, the samples' iterations and
// steps say whether the picture is the reason. The curve is bench/results/dive.svg.
//   npm run bench -- dive
import { readFileSync, writeFileSync } from 'node:fs'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { SPAN } from '../../src/plane/tile.ts'
import { imageView, tileAround } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import type { Render } from '../../src/render/stats.ts'
import { cpuSeconds } from '../cputime.ts'
import { goal, table } from '../table.ts'

const [PLACES, DEEPEST, LEAST_DIGITS] = [10, 120, 40]
// a step between tiles of a few milliseconds says more about the machine than about the kernel
const FLOOR_MS = 10
// pictures whose mean count differs by this much are different pictures
const SAME_PICTURE = 1.5

interface Place {
  name: string
  re: string
  im: string
}
const { places }: { places: Place[] } = JSON.parse(
  readFileSync(new URL('../data/locations.json', import.meta.url), 'utf8'),
)
const chosen = places.filter(({ re, im }) => re.length > LEAST_DIGITS && im.length > LEAST_DIGITS).slice(0, PLACES)

const { options } = resolveOptions({ threads: '1', 'cache-bytes': '0' })
const renders: Render[] = []
const renderer = new Renderer(options, (render) => renders.push(render))
const curves: { name: string; ms: number[] }[] = []
const rows: (string | number)[][] = []
let steps = 0
for (const { name, re, im } of chosen) {
  const tiles: { ms: number; mean: number }[] = []
  for (let zoom = 0; zoom <= DEEPEST; zoom++) tiles.push(await tile(re, im, zoom))
  const ms = tiles.map((tile) => tile.ms)
  curves.push({ name, ms })
  const unlike = tiles.flatMap(({ mean }, zoom) => {
    if (zoom === 0) return []
    const before = tiles[zoom - 1]!
    const step = ratio(Math.max(ms[zoom]!, FLOOR_MS), Math.max(before.ms, FLOOR_MS))
    return step > 2 && ratio(mean, before.mean) < SAME_PICTURE ? [`${zoom} (${step.toFixed(1)})`] : []
  })
  steps += unlike.length
  rows.push([name, Math.max(...ms).toFixed(0), ms.indexOf(Math.max(...ms)), unlike.join(', ') || 'none'])
}
await renderer.close()
console.log(`${curves.length} dives from zoom 0 to ${DEEPEST}, CPU ms a tile, one core`)
table(['place', 'worst', 'at zoom', 'steps of more than 2 at the same mean count'], rows)
console.log(`steps that are not the picture's: ${goal(steps, 0, 'at most', 0)}`)
writeFileSync(new URL('../results/dive.svg', import.meta.url), drawing())

function ratio(a: number, b: number): number {
  return Math.max(a, b) / Math.min(a, b)
}

/** CPU ms of the tile of a zoom that contains a point, rendered the second time; the mean count. */
async function tile(re: string, im: string, zoom: number): Promise<{ ms: number; mean: number }> {
  const address = tileAround(imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, 1, 1), zoom, SPAN)
  const request = { tile: address, size: 256, maxIter: 'auto' as const }
  await renderer.tile(request, DEFAULT_APPEARANCE, 'png').find()
  const ms = 1000 * (await cpuSeconds(() => renderer.tile(request, DEFAULT_APPEARANCE, 'png').find()))
  return { ms, mean: renders.at(-1)!.counts!.iterations / 65536 }
}

/** The curves on a logarithmic scale from 1 ms to 1 s. */
function drawing(): string {
  const [width, height, left, bottom] = [760, 360, 40, 330]
  const x = (zoom: number) => left + (zoom * (width - left - 150)) / DEEPEST
  const y = (ms: number) => bottom - (Math.log10(Math.min(Math.max(ms, 1), 1000)) / 3) * (bottom - 20)
  const lines = curves.map(({ name, ms }, at) => {
    const colour = `hsl(${(360 * at) / curves.length} 65% 42%)`
    const points = ms.map((ms, zoom) => `${x(zoom).toFixed(1)},${y(ms).toFixed(1)}`).join(' ')
    return `<polyline points="${points}" fill="none" stroke="${colour}"/><text x="${width - 140}" y="${30 + 18 * at}" fill="${colour}">${name}</text>`
  })
  const marks = [1, 10, 100, 1000].map(
    (ms) =>
      `<path d="M${left} ${y(ms)}H${width - 150}" stroke="#ccc"/><text x="${left - 6}" y="${y(ms) + 4}" text-anchor="end">${ms}</text>`,
  )
  const zooms = [0, 30, 60, 90, 120].map(
    (zoom) => `<text x="${x(zoom)}" y="${bottom + 18}" text-anchor="middle">${zoom}</text>`,
  )
  const text = `<text x="${left}" y="12">CPU ms a tile, by zoom</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${text}${marks.join('')}${zooms.join('')}${lines.join('')}</svg>\n`
}
