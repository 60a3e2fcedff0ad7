// The backward error of samples at places of all kinds, against fixed point: those of
// locations.json, and those that a seeded generator chooses at zooms 10 to 1,000.
//   npm run bench -- verify [most places]
import { readFileSync, writeFileSync } from 'node:fs'
import { resolveOptions } from '../../src/core/options.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { imageView } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { distribution, PROMISE, verifyView } from '../../src/render/verify.ts'
import { Ticket } from '../../src/scheduler/ticket.ts'
import { type Place, places } from '../data/places.ts'
import { errorPlot, type Mark } from '../errorplot.ts'
import { median, table } from '../table.ts'

const SEED = 16
const SIDE = 128
const COUNT = 32
// iterations of the truth, times the limbs of its numbers: a few seconds at any depth
const EFFORT = 4e7
// milliseconds that a place may take
const PATIENCE = 240_000
// Feigenbaum's point is where the promise for doubles ends
const EXCEPTED = 'Feigenbaum'

const most = Number(process.argv[2] ?? Number.POSITIVE_INFINITY)
const renderer = new Renderer(resolveOptions({ threads: '1', 'cache-bytes': '0' }).options)
const marks: Mark[] = []
const rows: (string | number)[][] = []
const errors: number[] = []
const totals = { samples: 0, unexplained: 0, falseInterior: 0, missed: 0 }

for await (const place of all()) {
  if (marks.length >= most) break
  try {
    await measure(place)
  } catch (error) {
    rows.push([place.kind, place.zoom.toFixed(1), `refused: ${(error as Error).message.slice(0, 60)}`])
    console.error(rows.at(-1)!.join('  '))
  }
}
rows.sort((a, b) => Number(a[1]) - Number(b[1]))
table(['place', 'zoom', 'arithmetic', 'limit', 'period', 'samples', 'median', 'worst'], rows)
console.log(`\n${marks.length} places, ${totals.samples} samples`)
console.log(`median of the perturbed places' medians: ${median(errors).toExponential(1)} (goal below 1e-10)`)
for (const arithmetic of Object.keys(PROMISE) as (keyof typeof PROMISE)[]) {
  const mine = marks.filter((mark) => mark.arithmetic === arithmetic && mark.kind !== EXCEPTED)
  const worst = Math.max(0, ...mine.map((mark) => mark.worst))
  console.log(
    `worst by ${arithmetic}, but for ${EXCEPTED}: ${worst.toExponential(1)} (promised ${PROMISE[arithmetic]})`,
  )
}
console.log(`unexplained: ${totals.unexplained}, false interior: ${totals.falseInterior}`)
if (most === Number.POSITIVE_INFINITY)
  writeFileSync(new URL('../results/verify.svg', import.meta.url), errorPlot(marks, PROMISE))
await renderer.close()

async function measure({ kind, re, im, zoom, maxIter }: Place): Promise<void> {
  const view = imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, SIDE, SIDE)
  const budget = EFFORT / (2 + zoom / 16)
  const request = { view, zoom, maxIter, count: COUNT, seed: SEED, budget }
  const found = await verifyView(renderer, request, {
    signal: AbortSignal.timeout(PATIENCE),
    ticket: new Ticket('bulk'),
  })
  const { median, worst, unexplained, falseInterior } = distribution(found)
  const { arithmetic, limit, period, samples } = found
  if (samples.length === 0) throw new Error('no orbit is short enough for the budget')
  marks.push({ kind, zoom, arithmetic, median, worst })
  if (arithmetic === 'perturbation') errors.push(median)
  totals.samples += samples.length
  totals.unexplained += unexplained
  totals.falseInterior += falseInterior
  const numbers = [limit, period, samples.length, median.toExponential(1), worst.toExponential(1)]
  rows.push([kind, zoom.toFixed(1), arithmetic, ...numbers])
  console.error(rows.at(-1)!.join('  '))
}

async function* all(): AsyncGenerator<Place> {
  yield* places(SEED, renderer)
  const { places: known } = JSON.parse(readFileSync(new URL('../data/locations.json', import.meta.url), 'utf8')) as {
    places: { name: string; re: string; im: string; zoom: string }[]
  }
  for (const { name, re, im, zoom } of known) {
    const [mantissa, exponent = '0'] = zoom.toLowerCase().split('e')
    const depth = Math.log2(Number(mantissa)) + Number(exponent) * Math.log2(10)
    if (depth < 2000) yield { kind: name, re, im, zoom: depth, maxIter: 'auto' }
  }
}
