// Mixed load for a long time: random tiles at all depths, numbers, grids, images and Julia sets,
// requested by four clients, some of which leave. Caches are small, so they are full soon and evict
// as much as they add. Then the floor of resident memory must have no slope: the 95 % confidence
// interval of the slope must contain zero. So one correct run in forty fails, and a leak below its
// upper end is not seen.
//   npm run soak [-- --minutes 15] [--seed 1]
// Exits with 1 if memory grows, or if an answer is not 200, 304 or 503.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { endAll, serve } from '../../test/cluster/processes.ts'
import { ask, crowd } from '../../test/load/client.ts'
import { floors, slope, watchMemory } from '../../test/load/memory.ts'

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
  },
})
const MINUTES = Number(flags.minutes)
const CLIENTS = 4
// Caches fill, and V8 and glibc settle on how much memory they need: with one thread beside other
// work that took six minutes and 10,000 requests.
const WARM = 1 / 2
const WINDOWS = 20
// A run too short to be warm proves little: the young generation of each thread, and of the one
// that answers, may still grow by this much.
const SHORT = 10 // minutes
const YOUNG = 48 // MiB
const MIB = 2 ** 20

// points of the boundary as fractions of the pyramid's side, in 36ths: (re + 2) / 3 and (3/2 - im)
// / 3
const PLACES = [
  { x: 24n, y: 6n }, // i, where an orbit ends in a cycle
  { x: 0n, y: 18n }, // -2, the tip
  { x: 27n, y: 18n }, // 1/4, the cusp
  { x: 15n, y: 18n }, // -3/4, where two discs touch
  { x: 9n, y: 18n }, // -5/4
]

const random = generator(Number(flags.seed))
const server = await serve({
  threads: flags.threads,
  'cache-bytes': 16 * MIB,
  'sample-cache-bytes': 16 * MIB,
  'orbit-bytes': 32 * MIB,
  deadline: 10,
})
const { url } = server
const agent = crowd()
const memory = watchMemory(server.child.pid!)
const until = performance.now() + 60_000 * MINUTES
const answers: Record<string, Record<number, number>> = {}
const recent: string[] = []
let left = 0
await Promise.all(Array.from({ length: CLIENTS }, client))
const samples = memory.end()
agent.destroy()
const { cache, orbits, renders } = (await (await fetch(`${url}/healthz`)).json()) as Record<
  string,
  Record<string, unknown>
>
await endAll()

const length = samples.at(-1)!.at
const least = floors(
  samples.filter(({ at }) => at > WARM * length),
  WINDOWS,
)
const { slope: rise, low, high } = slope(least)
const allowed = MINUTES < SHORT ? (YOUNG * (Number(flags.threads) + 1)) / ((1 - WARM) * MINUTES) : 0
console.log(
  `${MINUTES} minutes, seed ${flags.seed}, ${flags.threads} threads, ${CLIENTS} clients; ${left} requests left unanswered`,
)
for (const [kind, statuses] of Object.entries(answers)) console.log(`${kind.padEnd(14)}${JSON.stringify(statuses)}`)
console.log(`renders ${JSON.stringify(renders)}`)
console.log(`caches: ${cache!.entries} pictures, ${orbits!.entries} orbits`)
console.log(
  `least resident memory by ${((length * (1 - WARM)) / WINDOWS).toFixed(0)} s, MiB: ${least.map(({ resident }) => resident.toFixed(0)).join(' ')}`,
)
console.log(
  `its slope: ${rise.toFixed(2)} MiB a minute, with 95 % between ${low.toFixed(2)} and ${high.toFixed(2)}; allowed is ${allowed.toFixed(2)}`,
)
const wrong = Object.values(answers).some((statuses) =>
  Object.keys(statuses).some((status) => !['200', '304', '503'].includes(status)),
)
if (wrong) console.log('FAILED: an answer is not 200, 304 or 503')
if (low > allowed) console.log('FAILED: memory grows')
process.exitCode = wrong || low > allowed ? 1 : 0

/** Sends one request after another. */
async function client(): Promise<void> {
  while (performance.now() < until) {
    const [kind, path] = request()
    const leaving = random() < 0.03 ? AbortSignal.timeout(whole(20, 220)) : undefined
    const { status } = await ask(url + path, agent, leaving)
    if (status === 0 && leaving?.aborted) {
      left++
      continue
    }
    answers[kind] ??= {}
    answers[kind][status] = (answers[kind][status] ?? 0) + 1
    // rejected: wait, as a polite client does
    if (status === 503) await sleep(100)
  }
}

/** The next request, and the kind it counts as. */
function request(): [kind: string, path: string] {
  const part = random()
  if (part < 0.2 && recent.length > 0) return ['again', one(recent)]
  if (part < 0.25) return ['grid', grid()]
  if (part < 0.3) return ['picture', picture()]
  if (part < 0.35) return ['julia', julia()]
  const [kind, path] =
    part < 0.7
      ? (['shallow', tile(whole(0, 30))] as const)
      : part < 0.95
        ? (['deep', tile(whole(30, 300))] as const)
        : (['deepest', tile(whole(300, 2500))] as const)
  recent[recent.length < 500 ? recent.length : whole(0, 500)] = path
  return [kind, path]
}

/** A tile beside a point of the boundary. */
function tile(z: number): string {
  // at the other points no orbit becomes periodic, so deep orbits would exceed their limit here
  const { x, y } = one(z < 30 ? PLACES : PLACES.slice(0, 2))
  const widest = (1n << BigInt(z)) - 1n
  const beside = (at: bigint) => {
    const index = (at << BigInt(z)) / 36n + BigInt(whole(-3, 4))
    return index < 0n ? 0n : index > widest ? widest : index
  }
  const ending = one(['.png', '.png', '.png', '@2x.png', '.webp', '.jpg', '.avif', '.json', '.npy'])
  const numbers = /json|npy/.test(ending)
  const appearance = numbers
    ? ''
    : `&palette=${one(['ember', 'tidal'])}${one(['', '', '&offset=0.3', '&density=2', '&aa=2'])}`
  return `/tile/${z}/${beside(x)}/${beside(y)}${ending}?max_iter=${one([500, 1000 + 2 * z, 'auto'])}${appearance}`
}

function grid(): string {
  const [x0, y0, side] = [-2 + 3 * random(), -1.5 + 3 * random(), 10 ** -whole(0, 25)]
  const ends =
    side > 1e-15
      ? `x0=${x0}&y0=${y0}&x1=${x0 + side}&y1=${y0 + side}`
      : 'x0=-2&y0=0&x1=-1.99999999999999999999999&y1=1e-23'
  return `/${one(['grid', 'grid.npy', 'plot.png'])}?${ends}&grid=${whole(1, 200)}&max_iter=${whole(10, 2000)}`
}

// in doubles only: deeper, the interior takes an orbit of more bytes than allowed here
function picture(): string {
  return `/image.${one(['png', 'webp', 'jpg'])}?re=${-2 + 3 * random()}&im=${-1.5 + 3 * random()}&zoom=${(29 * random()).toFixed(2)}&width=${whole(1, 300)}&height=${whole(1, 300)}`
}

function julia(): string {
  const z = whole(0, 20)
  const [x, y] = [whole(0, 2 ** z), whole(0, 2 ** z)]
  return `/julia/${(-1.5 + 2 * random()).toFixed(6)},${(random() - 0.5).toFixed(6)}/tile/${z}/${x}/${y}.png?max_iter=2000`
}

function one<T>(list: readonly T[]): T {
  return list[whole(0, list.length)]!
}

/** A random whole number from `from` to below `to`. */
function whole(from: number, to: number): number {
  return from + Math.floor(random() * (to - from))
}

/**
 * Random numbers from 0 to 1 from a seed: the upper bits of a linear congruence modulo 2^64 with
 * Knuth's constants.
 */
function generator(seed: number): () => number {
  let state = BigInt(seed)
  return () => {
    state = (6364136223846793005n * state + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn
    return Number(state >> 32n) / 2 ** 32
  }
}
