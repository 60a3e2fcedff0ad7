// A cached tile: CPU per request of our server, a bare Fastify route, nginx with a static file and
// tileserver-gl-light, with the same bytes and the same load in turns; and a 304, which needs no
// lookup.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endAll, folder, serve } from '../../test/cluster/processes.ts'
import { goal, median, table } from '../table.ts'
import { cpuOf, drive, type Load } from './load.ts'
import { bare, nginx, type Peer, tileserver } from './peers.ts'

const ROUNDS = 5
const [z, x, y] = [5, 13, 14] // seahorse valley
const path = `/tile/${z}/${x}/${y}.png`

const { url, child } = await serve({ threads: 1 })
const tile = await fetch(url + path)
const bytes = Buffer.from(await tile.arrayBuffer())
const again = await fetch(url + path)
await again.arrayBuffer()
const own = ['date', 'connection', 'keep-alive', 'content-length'] // Node writes these itself
const headers = Object.fromEntries([...again.headers].filter(([name]) => !own.includes(name)))
const file = join(folder(), 'tile.png')
writeFileSync(file, bytes)
const place = { file, z, x, y }

const ours = { url: url + path, pid: child.pid! }
const fastify = await bare(place, headers)
const static_ = await nginx(place)
const etag = { 'if-none-match': headers.etag! }
const ofNginx = static_ && { 'if-none-match': (await fetch(static_.url)).headers.get('etag')! }
const all: { name: string; peer: Peer | undefined; load: Load; cpu: number[] }[] = [
  { name: 'mandeltiles', peer: ours, load: { requests: 20_000 }, cpu: [] },
  { name: 'bare Fastify', peer: fastify, load: { requests: 20_000 }, cpu: [] },
  { name: 'nginx, a file', peer: static_, load: { requests: 20_000 }, cpu: [] },
  { name: 'tileserver-gl-light', peer: await tileserver(place), load: { requests: 1500 }, cpu: [] },
  { name: 'mandeltiles, 304', peer: ours, load: { requests: 20_000, status: 304, headers: etag }, cpu: [] },
  { name: 'bare Fastify, 304', peer: fastify, load: { requests: 20_000, status: 304, headers: etag }, cpu: [] },
  { name: 'nginx, 304', peer: static_, load: { requests: 20_000, status: 304, headers: ofNginx ?? {} }, cpu: [] },
]
const subjects = all.flatMap(({ peer, ...subject }) => (peer ? [{ ...subject, peer }] : []))
for (const { peer, load } of subjects) await drive(peer.url, load) // compiled and warm
for (let round = 0; round < ROUNDS; round++) {
  for (const { peer, load, cpu } of subjects) {
    const before = cpuOf(peer.pid)
    await drive(peer.url, load)
    cpu.push((1000 * (cpuOf(peer.pid) - before)) / load.requests)
  }
}
await endAll()

const cpu = Object.fromEntries(subjects.map(({ name, cpu }) => [name, median(cpu)]))
console.log(
  `a tile of ${(bytes.length / 1e3).toFixed(1)} KB over 8 connections: CPU microseconds a request, median of ${ROUNDS} rounds`,
)
const rows = subjects.map(({ name, cpu }) => {
  const one = median(cpu)
  return [
    name,
    one.toFixed(1),
    Math.min(...cpu).toFixed(1),
    Math.max(...cpu).toFixed(1),
    (one / median(subjects[0]!.cpu)).toFixed(2),
  ]
})
table(['server', 'CPU µs', 'least', 'most', 'times ours'], rows)
const of = (name: string) => cpu[name]!
console.log(`\nours against bare Fastify: ${goal(of('mandeltiles') / of('bare Fastify'), 2, 'at most', 0.9)}`)
const rival = cpu['tileserver-gl-light']
if (rival !== undefined) {
  console.log(`tileserver-gl-light against ours: ${goal(rival / of('mandeltiles'), 1, 'at least', 25)}`)
}
console.log(
  `304 against a bare Fastify's tile: ${goal(of('mandeltiles, 304') / of('bare Fastify'), 2, 'at most', 0.7)}`,
)
console.log(`304 against a cached tile, ours: ${goal(of('mandeltiles, 304') / of('mandeltiles'), 2, 'at most', 1)}`)
