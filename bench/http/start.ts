// Time on the clock from `node dist/src/cli.js serve` to the first tile, and resident memory when
// idle, before and after 256 tiles.
import { setTimeout } from 'node:timers/promises'
import { endAll, serve } from '../../test/cluster/processes.ts'
import { goal, median, table } from '../table.ts'
import { ask } from './client.ts'
import { residentOf } from './load.ts'

const ROUNDS = 5
const IDLE = 3000 // milliseconds

const rows: { first: number; fresh: number; after: number }[] = []
for (let round = 0; round < ROUNDS; round++) {
  const began = performance.now()
  const { url, child } = await serve({ threads: 2 })
  const [tile] = await ask(url, ['/tile/0/0/0.png'], 1)
  if (tile!.status !== 200) throw new Error(`the first tile was answered ${tile!.status}`)
  const first = performance.now() - began
  await setTimeout(IDLE)
  const fresh = residentOf(child.pid!)
  const paths = Array.from({ length: 256 }, (_, at) => `/tile/4/${at % 16}/${Math.floor(at / 16)}.png`)
  await ask(url, paths, 6)
  await setTimeout(IDLE)
  rows.push({ first, fresh, after: residentOf(child.pid!) })
  await endAll()
}
table(
  ['run', 'first tile ms', 'idle MB', 'idle after 256 tiles MB'],
  rows.map(({ first, fresh, after }, at) => [at + 1, first.toFixed(0), fresh.toFixed(0), after.toFixed(0)]),
)
console.log(`\nfirst tile, median: ${goal(median(rows.map(({ first }) => first)), 0, 'at most', 1000)} ms`)
console.log(`resident when idle, most: ${goal(Math.max(...rows.map(({ fresh }) => fresh)), 0, 'at most', 150)} MB`)
