// A client visits all locations of locations.json twice, four tiles at each, with less memory for
// orbits than they need together. Prints the answers, which orbits were computed again, and
// resident memory beside the bound of docs/operations.md.
//   npm run bench -- walk [--orbit-bytes MIB] [--threads N] [--deadline SECONDS]
// Exits with 1 if memory exceeds the bound, if a picture of the second visit differs from the
// first, or if an answer is neither a picture nor a clear error.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseDecimal } from '../../src/plane/decimal.ts'
import { SPAN } from '../../src/plane/tile.ts'
import { imageView, tileAround } from '../../src/plane/view.ts'
import { endAll, serve } from '../../test/cluster/processes.ts'
import { resident } from '../../test/load/memory.ts'
import { ask, type Reply } from '../http/client.ts'
import { table } from '../table.ts'

const { values: flags } = parseArgs({
  options: {
    'orbit-bytes': { type: 'string', default: '24' },
    threads: { type: 'string', default: '2' },
    deadline: { type: 'string', default: '20' },
  },
})
const MIB = 2 ** 20
const [orbits, threads] = [Number(flags['orbit-bytes']), Number(flags.threads)]
// the process, its threads, the cached orbits, one orbit being computed in each thread, and garbage
// that is not collected yet
const BOUND = 150 + 50 * threads + orbits + threads * orbits + 64

interface Place {
  name: string
  re: string
  im: string
  zoom: string
}
const { places }: { places: Place[] } = JSON.parse(
  readFileSync(new URL('../data/locations.json', import.meta.url), 'utf8'),
)

// pictures and samples are not cached: the second visit renders again
const { url, child } = await serve({
  threads,
  'orbit-bytes': orbits * MIB,
  'cache-bytes': 0,
  'sample-cache-bytes': 0,
  'max-zoom': 30_000,
  deadline: flags.deadline,
})
const walks = [await walk(), await walk()]
const { orbits: kept, renders } = await health()
const most = peak()
await endAll()

const failures: string[] = []
table(
  ['place', 'zoom', 'first s', 'orbits', 'MiB', 'answers', 'second s', 'orbits', 'MiB', 'answers'],
  places.map((place, at) => [place.name, zoomOf(place), ...walks.flatMap((steps) => row(steps[at]!))]),
)
for (const [at, { name }] of places.entries()) {
  const [first, second] = walks.map((steps) => steps[at]!.replies) as [Reply[], Reply[]]
  for (const [tile, reply] of second.entries()) {
    const before = first[tile]!
    if (before.status === 200 && reply.status === 200 && hash(before) !== hash(reply))
      failures.push(`${name}, tile ${tile}: the second picture is another`)
  }
  for (const reply of [...first, ...second]) {
    if (reply.status === 200) continue
    const { detail } = refusal(reply)
    if (![400, 503].includes(reply.status) || !detail)
      failures.push(`${name}: ${reply.status} ${reply.bytes.subarray(0, 200)}`)
  }
}
const refused = walks[0]!.flatMap(({ name, replies }) =>
  replies.filter(({ status }) => status !== 200).map((reply) => `${name}: ${reply.status} ${refusal(reply).detail}`),
)
for (const words of new Set(refused)) console.log(words)
const [once, again] = walks.map((steps) => steps.reduce((sum, step) => sum + step.made, 0)) as [number, number]
console.log(
  `orbits begun: ${once} and ${again}; ${kept.entries} of ${renders.orbit} are kept, in ${(kept.bytes / MIB).toFixed(0)} of ${orbits} MiB`,
)
console.log(`resident memory: ${most.toFixed(0)} MiB at most, the bound is ${BOUND}`)
if (again === 0) failures.push('no orbit was made again: the walk needs less memory for them')
if (most > BOUND) failures.push(`memory passed its bound of ${BOUND} MiB`)
for (const failure of failures) console.log(`FAILED: ${failure}`)
process.exitCode = failures.length > 0 ? 1 : 0

interface Step {
  name: string
  seconds: number
  /** orbits started */
  made: number
  resident: number
  replies: Reply[]
}

async function walk(): Promise<Step[]> {
  const steps: Step[] = []
  for (const place of places) {
    const before = (await health()).renders.orbit
    const began = performance.now()
    const replies = await ask(url, tiles(place), 4)
    steps.push({
      name: place.name,
      seconds: (performance.now() - began) / 1000,
      made: (await health()).renders.orbit - before,
      resident: resident(child.pid!),
      replies,
    })
  }
  return steps
}

/**
 * The tile that contains a location, and three beside it, at the zoom at which its picture, 4/zoom
 * high, is a tile.
 */
function tiles(place: Place): string[] {
  const zoom = zoomOf(place)
  const { z, x, y } = tileAround(imageView(parseDecimal(place.re)!, parseDecimal(place.im)!, zoom, 1, 1), zoom, SPAN)
  return [0n, 1n].flatMap((down) => [0n, 1n].map((right) => `/tile/${z}/${x + right}/${y + down}.png?max_iter=auto`))
}

function zoomOf({ zoom }: Place): number {
  const [mantissa, exponent = '0'] = zoom.toLowerCase().split('e')
  return Math.round(Math.log2(Number(mantissa)) + Number(exponent) * Math.log2(10) + Math.log2(SPAN / 4))
}

function row({ seconds, made, resident, replies }: Step): (string | number)[] {
  const statuses = [...new Set(replies.map(({ status }) => status))].sort()
  const answers = statuses.map((status) => `${replies.filter((reply) => reply.status === status).length} x ${status}`)
  return [seconds.toFixed(1), made, resident.toFixed(0), answers.join(' ')]
}

function hash({ bytes }: Reply): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function refusal({ headers, bytes }: Reply): { detail?: string } {
  return headers['content-type']?.includes('problem+json') ? JSON.parse(bytes.toString()) : {}
}

interface Health {
  orbits: { entries: number; bytes: number }
  renders: { orbit: number }
}

async function health(): Promise<Health> {
  return (await fetch(`${url}/healthz`)).json() as Promise<Health>
}

/** Peak resident memory of the process in MiB, as the system counts it. */
function peak(): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) / 1024
}
