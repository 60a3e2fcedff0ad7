// Opening a map: 24 tiles over 6 connections from a server with 2 threads. Milliseconds on the
// clock until the last tile has arrived.
import { readFileSync } from 'node:fs'
import { parseDecimal, toFixed } from '../../src/plane/decimal.ts'
import { isDeep } from '../../src/plane/precision.ts'
import { tileView } from '../../src/plane/view.ts'
import { endAll, serve } from '../../test/cluster/processes.ts'
import { VIEWS } from '../data/views.ts'
import { goal, median, p95, table } from '../table.ts'
import { ask } from './client.ts'

const [ACROSS, DOWN, CONNECTIONS, ROUNDS] = [6, 4, 6, 3]

const { url } = await serve({ threads: 2 })
await fill('-0.5', '0', 1, 'max_iter=77') // starts threads, loads libraries

const rows: (string | number)[][] = []
const times = { doubles: [] as number[], perturbation: [] as number[], recolour: [] as number[] }
for (const { name, re, im, zoom } of VIEWS) {
  // every round has another limit, so that no tile is cached: the same work but for one iteration
  const cold: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    cold.push(await fill(re, im, zoom, `max_iter=${Math.round(1000 * 2 ** (zoom / 8)) + round}`))
  }
  const recolour = await fill(re, im, zoom, `max_iter=${Math.round(1000 * 2 ** (zoom / 8))}&palette=ember`)
  const arithmetic = isDeep(tileView({ z: zoom, x: 0n, y: 0n }, 256)) ? 'perturbation' : 'doubles'
  times[arithmetic].push(...cold)
  times.recolour.push(recolour)
  rows.push([name, zoom, arithmetic, median(cold).toFixed(0), Math.max(...cold).toFixed(0), recolour.toFixed(0)])
}
table(['place', 'zoom', 'arithmetic', 'cold ms', 'worst', 'recolour ms'], rows)

const { places } = JSON.parse(readFileSync(new URL('../data/locations.json', import.meta.url), 'utf8'))
const deep = places.find(({ name }: { name: string }) => name === '1e50_bench')
const zoom = Math.floor(Math.log2(0.75e50))
const first = await fill(deep.re, deep.im, zoom, 'palette=tidal')
const warm: number[] = []
// the neighbourhood's orbit is cached now: the views beside it need pixels only
for (let shift = 1; shift <= 3; shift++) warm.push(await fill(deep.re, deep.im, zoom, 'palette=tidal', shift * ACROSS))
const recolour = await fill(deep.re, deep.im, zoom, 'palette=ember')
await endAll()

console.log(`\ndoubles, cold, p95: ${goal(p95(times.doubles), 0, 'at most', 60)} ms`)
console.log(`perturbation to zoom 40, cold, p95: ${p95(times.perturbation).toFixed(0)} ms`)
console.log(`1e50, orbit cold: ${goal(first, 0, 'at most', 300)} ms`)
console.log(`1e50, orbit warm, tiles cold, median of 3: ${goal(median(warm), 0, 'at most', 200)} ms`)
console.log(
  `another palette, all tiles cached, worst: ${goal(Math.max(recolour, ...times.recolour), 0, 'at most', 50)} ms`,
)

/**
 * Milliseconds until the tiles around a location have arrived, `shift` tiles to the right of it.
 */
async function fill(re: string, im: string, z: number, query: string, shift = 0): Promise<number> {
  // the location's tile: floor(2^z (re + 2) / 3), floor(2^z (3/2 - im) / 3)
  const bits = z + 64
  const x = ((toFixed(parseDecimal(re)!, bits) + (2n << BigInt(bits))) / 3n) >> 64n
  const y = ((((3n << BigInt(bits)) >> 1n) - toFixed(parseDecimal(im)!, bits)) / 3n) >> 64n
  const [widest, left, top] = [1n << BigInt(z), x - BigInt(ACROSS / 2) + BigInt(shift), y - BigInt(DOWN / 2)]
  const paths: string[] = []
  for (let j = 0n; j < DOWN; j++)
    for (let i = 0n; i < ACROSS; i++) {
      const [column, row] = [left + i, top + j]
      if (column >= 0n && row >= 0n && column < widest && row < widest)
        paths.push(`/tile/${z}/${column}/${row}.png?${query}`)
    }
  const started = performance.now()
  const replies = await ask(url, paths, CONNECTIONS)
  const took = performance.now() - started
  const failed = replies.find(({ status }) => status !== 200)
  if (failed) throw new Error(`a tile was answered ${failed.status}: ${failed.bytes}`)
  return took
}
