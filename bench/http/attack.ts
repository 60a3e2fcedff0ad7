// Every kind of attack at once on a server with little memory: long numbers, deep neighbourhoods
// whose orbits are too large, expensive grids, clients that read nothing, pipelines, floods of
// large answers, encoders whose clients leave, large images of every format. Meanwhile somebody
// asks for /healthz and for tiles.
//   npm run attack [-- --memory 1G] [--threads 4] [--minutes 10]
// Exits with 1 if the process is killed or ends, if an answer is a 5xx other than 503, or if tiles
// are not as fast as before 5 seconds after the end.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readValue } from '../../src/core/option.ts'
import { ask, crowd, percentile } from '../../test/load/client.ts'
import { serveWithin } from './limited.ts'

const { values: flags } = parseArgs({
  options: {
    memory: { type: 'string', default: '1G' },
    threads: { type: 'string', default: '' },
    minutes: { type: 'string', default: '10' },
  },
})
const BYTES = Number(readValue('--memory', { kind: 'number', unit: 'bytes', min: 2 ** 27, max: 2 ** 44 }, flags.memory))
const MIB = 2 ** 20

const limited = await serveWithin(BYTES, { threads: flags.threads })
const { url, child, log } = limited.server
const agent = crowd()
const statuses: Record<string, Record<number, number>> = {}
const count = (kind: string, status: number) => {
  statuses[kind] ??= {}
  statuses[kind][status] = (statuses[kind][status] ?? 0) + 1
}
let turn = 0

/** Each sends one request, or a few, and resolves when they have been answered or given up. */
const ATTACKS: Record<string, () => Promise<unknown>> = {
  'long numbers': () => get('long numbers', `/grid?x0=${'1'.repeat(60_000)}x`),
  exponents: () => get('exponents', `/image.png?re=0e${9 * 10 ** 5}&im=1e-${turn}000&zoom=3`),
  'orbits too large': () => {
    const x = ((480383960252852906n >> 12n) << 12n) + (BigInt(turn++) << 32n)
    return get('orbits too large', `/tile/60/${x}/576460752303419644.png?max_iter=16000000`)
  },
  'deep tiles': () => get('deep tiles', deepTile()),
  'expensive grids': () =>
    get('expensive grids', `/grid.npy?grid=2000&max_iter=${24_000 + (turn++ % 900)}&x0=-0.8&x1=-0.7&y0=-0.05&y1=0.05`),
  'large answers': () => get('large answers', `/grid.npy?grid=1000&max_iter=${50 + (turn++ % 9000)}`),
  numbers: () => get('numbers', `/tile/12/${turn++ % 4096}/2048@2x.json`),
  'no reader': () => neverRead(`/grid.npy?grid=2000&max_iter=${20 + (turn++ % 9000)}`),
  pipeline: () => pipelined('/openapi.json', 1000),
  'encoders left': () => get('encoders left', image('avif', 4096), AbortSignal.timeout(1500)),
  'large images': () =>
    get('large images', image(one(['png', 'webp', 'jpg', 'tiff', 'avif']), one([1000, 2000, 4096]))),
  'exact images': () => get('exact images', `${image(one(['png', 'tiff']), 1500)}&bits=16&rotation=${turn % 360}`),
  antialiased: () => get('antialiased', `/tile/11/${turn++ % 2048}/${700 + (turn % 600)}@2x.webp?aa=4&style=slopes`),
  resets: () => reset(),
}

/** Somebody who looks at the map. */
const cold = () =>
  ask(`${url}/tile/14/${3000 + Math.floor(8000 * Math.random())}/${turn++ % 16384}.png?max_iter=500`, agent)

async function speed(seconds: number): Promise<number> {
  const until = performance.now() + 1000 * seconds
  let served = 0
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (performance.now() < until) if ((await cold()).status === 200) served++
    }),
  )
  return served / seconds
}

const before = await speed(5)
const until = performance.now() + 60_000 * Number(flags.minutes)
const under = () => performance.now() < until && child.exitCode === null && child.signalCode === null
const health: number[] = []
const tiles: Record<number, number[]> = {}
await Promise.all([
  // two of each kind
  ...[...Object.values(ATTACKS), ...Object.values(ATTACKS)].map(async (attack) => {
    while (under()) await Promise.all([attack(), sleep(50)])
  }),
  poll(250, async () => {
    const { status, milliseconds } = await ask(`${url}/healthz`, agent)
    count('health', status)
    health.push(milliseconds)
  }),
  poll(500, async () => {
    const { status, milliseconds } = await cold()
    count('tiles', status)
    tiles[status] ??= []
    tiles[status].push(milliseconds)
  }),
])
await sleep(5000)
const alive = child.exitCode === null && child.signalCode === null
const after = alive ? await speed(5) : 0
const { bytes, kills } = limited.peak()
agent.destroy()
await limited.end()

console.log(
  `${flags.minutes} minutes within ${BYTES / MIB} MiB, by ${limited.by}; ${flags.threads || 'the default'} threads`,
)
for (const [kind, those] of Object.entries(statuses)) console.log(`${kind.padEnd(18)}${JSON.stringify(those)}`)
console.log(
  `/healthz, ms: ${[0.5, 0.99, 1].map((part) => percentile(health, part).toFixed(1)).join(', ')} (median, p99, longest)`,
)
console.log(
  `somebody's cold tiles: ${tiles[200]?.length ?? 0} of ${statuses.tiles?.[200] ?? 0} + ${statuses.tiles?.[503] ?? 0}, ms: ${[0.5, 0.99].map((part) => percentile(tiles[200] ?? [0], part).toFixed(0)).join(', ')} (median, p99)`,
)
console.log(`most memory: ${(bytes / MIB).toFixed(0)} MiB; killed ${kills} times`)
console.log(`tiles a second: ${before.toFixed(1)} before, ${after.toFixed(1)} five seconds after`)
const failures = [
  !alive && `the process ended: ${child.signalCode ?? child.exitCode}`,
  kills > 0 && 'the kernel killed it',
  Object.values(statuses).some((those) =>
    Object.keys(those).some((status) => Number(status) >= 500 && status !== '503'),
  ) && 'an answer is a 5xx other than 503',
  after < 0.7 * before && 'tiles are slower than before',
].filter(Boolean)
for (const failure of failures) console.log(`FAILED: ${failure}`)
for (const line of log.filter(({ level }) => level >= 50).slice(0, 5)) console.log(JSON.stringify(line).slice(0, 2000))
process.exitCode = failures.length > 0 ? 1 : 0

async function get(kind: string, path: string, signal?: AbortSignal): Promise<void> {
  count(kind, (await ask(url + path, agent, signal)).status)
}

async function poll(every: number, work: () => Promise<void>): Promise<void> {
  while (under()) await Promise.all([work(), sleep(every)])
}

function one<T>(list: readonly T[]): T {
  return list[turn++ % list.length]!
}

function image(format: string, side: number): string {
  const zoom = 4 + (turn++ % 200) / 20
  return `/image.${format}?re=-0.743643887037&im=0.131825904205&zoom=${zoom}&width=${side}&height=${side}&max_iter=300`
}

/** A tile beside i, where orbits end in a cycle, at a depth of its own. */
function deepTile(): string {
  const z = 40 + (turn++ % 1500)
  const at = (part: bigint) => (part << BigInt(z)) / 36n + BigInt(turn % 50)
  return `/tile/${z}/${at(24n)}/${at(6n)}.png?max_iter=20000`
}

/** Asks, and reads nothing for two seconds. */
async function neverRead(path: string): Promise<void> {
  const socket = raw(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  socket.pause()
  await sleep(2000)
  socket.destroy()
}

async function pipelined(path: string, times: number): Promise<void> {
  const socket = raw(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(times))
  socket.on('data', () => {})
  await Promise.race([sleep(500), once(socket, 'close')])
  socket.destroy()
}

async function reset(): Promise<void> {
  const sockets = Array.from({ length: 20 }, () =>
    raw(`GET /tile/9/${turn++ % 512}/200.png HTTP/1.1\r\nHost: a\r\n\r\n`),
  )
  await sleep(20)
  for (const socket of sockets) socket.resetAndDestroy()
}

function raw(text: string) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(text)
  return socket
}
