// Every kind of attack at once on a server with little memory: long numbers, deep neighbourhoods
// whose orbits are too large, expensive grids and tiles, clients that read nothing, pipelines,
// floods of large answers, encoders whose clients leave, images of every format, searches for
// islands, half-sent requests, invalid HTTP. No request comes twice, so each is real work.
// Meanwhile another process requests /healthz and tiles (test/load/offer.ts).
//   npm run attack [-- --memory 1G] [--threads 4] [--minutes 10]
// Exits with 1 if the process is killed or ends, if an answer is a 5xx other than 503, if a kind of
// attack was refused entirely, so that it tested nothing, or if 5 seconds after the end something
// is still under way or a tile takes more CPU time than before. Tiles a second are printed too, but
// a busy machine changes them by itself.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readValue } from '../../src/core/option.ts'
import { ask, crowd } from '../../test/load/client.ts'
import { Offering } from '../../test/load/offering.ts'
import { serveWithin } from './limited.ts'
import { cpuOf } from './load.ts'

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
  'long numbers, valid': () =>
    get('long numbers, valid', `/grid?grid=3&x0=-1.${digits(19_000)}&y0=0.${digits(19_000)}`),
  exponents: () => get('exponents', `/image.png?re=0e-${90_000 + turn}&im=1e-${turn++}&zoom=3&width=9&height=9`),
  'long orbits': () => get('long orbits', openTile(200_000 + 7919 * (turn++ % 200))),
  'orbits too large': () => get('orbits too large', openTile(16_000_000 - turn++)),
  'deep tiles': () => get('deep tiles', deepTile()),
  'expensive tiles': () =>
    get('expensive tiles', `/tile/28/144011965/186722621.png?max_iter=${1_000_000 + 97 * (turn++ % 5000)}`),
  'expensive grids': () =>
    get(
      'expensive grids',
      `/grid.npy?grid=2000&max_iter=${24_000 + (turn % 900)}&x0=-0.8${turn++}&x1=-0.7&y0=-0.05&y1=0.05`,
    ),
  'large answers': () => get('large answers', `/grid.npy?grid=1000&max_iter=${50 + (turn % 9000)}&x0=-2.${turn++}`),
  numbers: () => get('numbers', `/tile/20/${turn++}/524288@2x.json`),
  'no reader': () => neverRead(`/grid.npy?grid=2000&max_iter=${20 + (turn % 9000)}&x0=-2.${turn++}`),
  pipeline: () => pipelined('/openapi.json', 1000),
  'encoders left': () => get('encoders left', image('avif', 4096), AbortSignal.timeout(1500)),
  'large images': () =>
    get('large images', image(one(['png', 'webp', 'jpg', 'tiff', 'avif']), one([1000, 2000, 4096]))),
  'exact images': () => get('exact images', `${image(one(['png', 'tiff']), 1500)}&bits=16&rotation=${turn % 360}`),
  antialiased: () => get('antialiased', `/tile/18/${90_000 + turn++}/100000@2x.webp?aa=4&style=slopes`),
  versions: () => get('versions', `/tile/3/2/3.png?v=${turn++}`),
  islands: () => get('islands', `/tile/20/260000/${520_000 + turn++}.geojson`),
  nuclei: () => get('nuclei', `/nucleus.json?re=-1.7${turn++}&im=0.00${turn}&zoom=${one([12, 300, 3000])}`),
  resets: () => reset(),
  'half requests': () => held('GET /tile/0/0/0.png HTTP/1.1\r\nHos'),
  'no HTTP': () => held(`\x16\x03\x01\x02\x00POST /grid HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`),
}

/** Those that are refused: they test the cost of refusing. */
const REFUSED = ['long numbers', 'orbits too large']

/** A visitor of the map. */
const cold = () =>
  ask(`${url}/tile/14/${3000 + Math.floor(8000 * Math.random())}/${turn++ % 16384}.png?max_iter=500`, agent)

/** Tiles a second, and the CPU time of each in milliseconds. */
async function speed(seconds: number): Promise<{ rate: number; each: number }> {
  const until = performance.now() + 1000 * seconds
  const before = cpuOf(child.pid!)
  let served = 0
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (performance.now() < until) if ((await cold()).status === 200) served++
    }),
  )
  return { rate: served / seconds, each: (cpuOf(child.pid!) - before) / served }
}

const visitor = await Offering.start(url, '/tile/3/2/3.png')
const before = await speed(5)
const seconds = 60 * Number(flags.minutes)
const until = performance.now() + 1000 * seconds
const under = () => performance.now() < until && child.exitCode === null && child.signalCode === null
const [looks] = await Promise.all([
  visitor.send(seconds, [
    { path: '/healthz', rate: 20 },
    { path: '/tile/15/{n+4000}/9001.png?max_iter=500', rate: 2 },
  ]),
  // two of each kind
  ...[...Object.values(ATTACKS), ...Object.values(ATTACKS)].map(async (attack) => {
    while (under()) await Promise.all([attack(), sleep(50)])
  }),
])
visitor.end()
await sleep(5000)
const alive = child.exitCode === null && child.signalCode === null
const rest = alive ? await fetch(`${url}/healthz`).then((answer) => answer.json()) : {}
const after = alive ? await speed(5) : { rate: 0, each: Number.NaN }
const { bytes, kills } = limited.peak()
agent.destroy()
await limited.end()

console.log(
  `${flags.minutes} minutes within ${BYTES / MIB} MiB, by ${limited.by}; ${flags.threads || 'the default'} threads`,
)
for (const [kind, those] of Object.entries(statuses)) console.log(`${kind.padEnd(20)}${JSON.stringify(those)}`)
for (const [k, what] of ['/healthz', "somebody's cold tiles"].entries()) {
  const { statuses: those, latency } = looks[k]!
  const { p50, p99, max } = latency[200] ?? { p50: Number.NaN, p99: Number.NaN, max: Number.NaN }
  console.log(
    `${what}: ${JSON.stringify(those)}, ms: ${[p50, p99, max].map((ms) => ms.toFixed(0)).join(', ')} (median, p99, longest)`,
  )
}
console.log(`most memory: ${(bytes / MIB).toFixed(0)} MiB; killed ${kills} times`)
for (const [when, { rate, each }] of Object.entries({ before, 'five seconds after': after })) {
  console.log(`tiles ${when}: ${rate.toFixed(1)} a second, ${each.toFixed(1)} ms of CPU each`)
}
const onlyRefused = (those: object) => Object.keys(those).every((status) => status === '400')
const drifted = Object.entries(statuses).flatMap(([kind, those]) =>
  onlyRefused(those) && !REFUSED.includes(kind) ? [kind] : [],
)
const failures = [
  !alive && `the process ended: ${child.signalCode ?? child.exitCode}`,
  kills > 0 && 'the kernel killed it',
  [...Object.values(statuses), ...looks.map((look) => look.statuses)].some((those) =>
    Object.keys(those).some((status) => Number(status) >= 500 && status !== '503'),
  ) && 'an answer is a 5xx other than 503',
  drifted.length > 0 && `refused as a whole: ${drifted}`,
  alive && rest.pool.queued + rest.pool.running > 0 && 'renders are still under way',
  alive && !(after.each < before.each / 0.7) && 'tiles take more CPU time than before',
].filter(Boolean)
for (const failure of failures) console.log(`FAILED: ${failure}`)
for (const line of log.filter(({ level }) => level >= 50).slice(0, 5)) console.log(JSON.stringify(line).slice(0, 2000))
process.exitCode = failures.length > 0 ? 1 : 0

async function get(kind: string, path: string, signal?: AbortSignal): Promise<void> {
  count(kind, (await ask(url + path, agent, signal)).status)
}

function one<T>(list: readonly T[]): T {
  return list[turn++ % list.length]!
}

function digits(count: number): string {
  return String(turn++).repeat(count).slice(0, count)
}

function image(format: string, side: number): string {
  return `/image.${format}?re=-0.7436${turn++}&im=0.131825904205&zoom=9&width=${side}&height=${side}&max_iter=300`
}

/** A tile in a small component, whose orbits neither close nor escape. */
function openTile(limit: number): string {
  const at = one(['480383960252852906/576460752303419644', '480383960252850000/576460752303419000'])
  return `/tile/60/${at}.png?max_iter=${limit}`
}

/** A tile near i, where orbits end in a cycle, at a depth of its own. */
function deepTile(): string {
  const z = 40 + (turn++ % 1500)
  const at = (part: bigint) => (part << BigInt(z)) / 36n + BigInt(turn % 50)
  return `/tile/${z}/${at(24n)}/${at(6n)}.png?max_iter=20000`
}

/** Sends a request, and reads nothing for two seconds. */
async function neverRead(path: string): Promise<void> {
  const socket = raw(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  socket.pause()
  await sleep(2000)
  socket.destroy()
}

async function pipelined(path: string, times: number): Promise<void> {
  const socket = raw(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(times))
  socket.on('data', () => {})
  // the server may reset it
  await Promise.race([sleep(500), once(socket, 'close')]).catch(() => {})
  socket.destroy()
}

/** Sends some bytes, and holds the connection for two seconds. */
async function held(text: string): Promise<void> {
  const socket = raw(text).resume()
  await sleep(2000)
  socket.destroy()
}

async function reset(): Promise<void> {
  const sockets = Array.from({ length: 20 }, () => raw(`GET /tile/19/${turn++}/200000.png HTTP/1.1\r\nHost: a\r\n\r\n`))
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
