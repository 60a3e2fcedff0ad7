// The backward error of samples at places of all kinds, against fixed point: those of
// locations.json, and those that a seeded generator chooses at zooms 10 to 1,000.
//   npm run bench -- verify
//   npm run bench -- verify 5 7      only the turns 5 to 7 of the generator
import { readFileSync, writeFileSync } from 'node:fs'
import { resolveOptions } from '../../src/core/options.ts'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { imageView } from '../../src/plane/view.ts'
import { Renderer } from '../../src/render/renderer.ts'
import { distribution, PROMISE, verifyView } from '../../src/render/verify.ts'
import { Ticket } from '../../src/scheduler/ticket.ts'
import { type Place, places, TURNS } from '../data/places.ts'
import { errorPlot, type Mark } from '../errorplot.ts'
import { median, table } from '../table.ts'

const SEED = 16
const SIDE = 128
const COUNT = 32
// iterations in fixed point and of searches, times the limbs of the numbers: half a core minute
const EFFORT = 2.5e8
// milliseconds that a place may take, on a busy machine
const PATIENCE = 900_000
// Feigenbaum's point is where the error bound for doubles ends
const EXCEPTED = 'Feigenbaum'

const [first = 0, last = TURNS - 1] = process.argv.slice(2).map(Number)
const whole = first === 0 && last === TURNS - 1
const renderer = new Renderer(resolveOptions({ threads: '2', 'cache-bytes': '0' }).options)
const marks: Mark[] = []
const rows: (string | number)[][] = []
const errors: number[] = []
const totals = { samples: 0, undecided: 0, unexplained: 0, falseInterior: 0 }

// two turns at a time, one a thread; the deepest first, because they take longest
const turns = Array.from({ length: last - first + 1 }, (_, index) => last - index)
await Promise.all([drain(), drain()])
if (whole) await measureAll(known())

async function drain(): Promise<void> {
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift())
    await measureAll(places(SEED, turn, renderer))
}

async function measureAll(list: AsyncIterable<Place> | Iterable<Place>): Promise<void> {
  for await (const place of list) {
    try {
      await measure(place)
    } catch (error) {
      const { kind, zoom } = place
      rows.push([kind, zoom.toFixed(1), 'not measured', '', '', '', '', ''])
      console.error(kind, zoom.toFixed(1), (error as Error).message)
    }
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
const { undecided, unexplained, falseInterior } = totals
console.log(`unexplained: ${unexplained}, false interior: ${falseInterior}, beyond the budget: ${undecided}`)
if (whole) writeFileSync(new URL('../results/verify.svg', import.meta.url), errorPlot(marks, PROMISE))
await renderer.close()

async function measure({ kind, re, im, zoom, maxIter }: Place): Promise<void> {
  const view = imageView(parseDecimal(re)!, parseDecimal(im)!, zoom, SIDE, SIDE)
  const budget = EFFORT / (2 + zoom / 16)
  const start = performance.now()
  const request = { view, zoom, maxIter, count: COUNT, seed: SEED, budget }
  const found = await verifyView(renderer, request, {
    signal: AbortSignal.timeout(PATIENCE),
    ticket: new Ticket('bulk'),
  })
  const { median, worst, unexplained, falseInterior } = distribution(found)
  const seconds = (performance.now() - start) / 1000
  const { arithmetic, limit, period, samples } = found
  if (samples.length === 0) throw new Error('no orbit is short enough for the budget')
  marks.push({ kind, zoom, arithmetic, median, worst })
  if (arithmetic === 'perturbation') errors.push(median)
  totals.samples += samples.length
  totals.undecided += found.undecided
  totals.unexplained += unexplained
  totals.falseInterior += falseInterior
  const numbers = [limit, period, samples.length, median.toExponential(1), worst.toExponential(1)]
  rows.push([kind, zoom.toFixed(1), arithmetic, ...numbers])
  console.error(rows.at(-1)!.join('  '), `  ${seconds.toFixed(0)} s, ${found.undecided} beyond the budget`)
}

function* known(): Iterable<Place> {
  const { places } = JSON.parse(readFileSync(new URL('../data/locations.json', import.meta.url), 'utf8')) as {
    places: { name: string; re: string; im: string; zoom: string }[]
  }
  for (const { name, re, im, zoom } of places) {
    const [mantissa, exponent = '0'] = zoom.toLowerCase().split('e')
    const depth = Math.log2(Number(mantissa)) + Number(exponent) * Math.log2(10)
    if (depth < 2000) yield { kind: name, re, im, zoom: depth, maxIter: 'auto' }
  }
}
