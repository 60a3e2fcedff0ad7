// A rolling update as docs/operations.md says, with real nginx and Redis: one replica after the
// other is ended under load and comes back at another address, which nginx learns from the name
// server. Prints how many answers had each status, and exits with 1 unless all were 200.
//
//   node --import tsx test/load/rolling.ts
//
// docker/nginx.conf and docker/replicas.conf are used unchanged except for the name server, which
// is dnsmasq here. It needs nginx 1.27.3 or newer for `resolve`: NGINX_PATH=/path/to/nginx names
// one.
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../../src/core/package.ts'
import { endAll, folder, freePort, kill, launch, type Replica, serve, startRedis } from '../cluster/processes.ts'
import { pathOf } from '../programs.ts'

const CLIENTS = 8
/** Seconds of load before, between and after the replicas. */
const PAUSE = 3
const NAMES = ['replica-1', 'replica-2']

const [where, redis, dns, port] = [folder(), await freePort(), await freePort(), await freePort()]
await startRedis(redis)
// dnsmasq reads it as its own user
chmodSync(where, 0o755)

/** The names and addresses that the name server knows. */
const addresses = new Map<string, string>()
const hosts = join(where, 'hosts')
const publish = () => writeFileSync(hosts, [...addresses].map(([name, address]) => `${address} ${name}\n`).join(''))
publish()
const words = ['--keep-in-foreground', '--no-resolv', '--no-hosts', `--addn-hosts=${hosts}`, `--port=${dns}`]
const server = launch('dnsmasq', [...words, '--listen-address=127.0.0.1', '--bind-interfaces', '--local-ttl=1'])
const announce = (name: string, address: string | undefined) => {
  if (address === undefined) addresses.delete(name)
  else addresses.set(name, address)
  publish()
  server.kill('SIGHUP')
}

const replicas = new Map<string, Replica>()
let created = 0
/** Starts a replica at an address that none has had. */
async function create(name: string): Promise<void> {
  const host = `127.81.${process.pid % 250}.${++created}`
  replicas.set(name, await serve({ host, port: 8080, redis: `redis://127.0.0.1:${redis}` }))
  announce(name, host)
}
for (const name of NAMES) await create(name)

mkdirSync(join(where, 'temp'))
cpSync(new URL('docker/nginx.conf', ROOT), join(where, 'nginx.conf'))
writeFileSync(join(where, 'listen.conf'), `listen 127.0.0.1:${port};\n`)
const servers = readFileSync(new URL('docker/replicas.conf', ROOT), 'utf8')
writeFileSync(join(where, 'replicas.conf'), servers.replace('127.0.0.11', `127.0.0.1:${dns}`))
const program = process.env.NGINX_PATH ?? pathOf('nginx')
launch(program, ['-p', `${where}/`, '-c', join(where, 'nginx.conf'), '-g', 'daemon off; user root;'], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const url = `http://127.0.0.1:${port}`
let tries = 600
const isUp = async () => (await fetch(`${url}/tile/0/0/0.png`).catch(() => undefined))?.status === 200
while (!(await isUp())) {
  if (tries-- === 0) throw new Error('nginx finds no replica')
  await sleep(50)
}

const statuses = new Map<number, number>()
let going = true
async function client(_: unknown, first: number): Promise<void> {
  // tiles that nobody has requested before, so that a replica renders each
  for (let at = first; going; at += CLIENTS) {
    const answer = await fetch(`${url}/tile/12/${1000 + (at % 997)}/${1400 + Math.floor(at / 997)}.png`)
    await answer.arrayBuffer()
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
  }
}
const clients = Array.from({ length: CLIENTS }, client)
await sleep(1000 * PAUSE)
for (const name of NAMES) {
  // like `docker compose up --no-deps --wait`: the old container is removed with its name, and the
  // next replica follows when the new one is ready
  await kill(replicas.get(name)!.child, 'SIGTERM')
  announce(name, undefined)
  await create(name)
  await sleep(1000 * PAUSE)
}
going = false
await Promise.all(clients)
const renders = await Promise.all([...replicas.values()].map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))
const counts = renders.map((text) => Number(/^mandeltiles_renders_total\{kind="tile"\} (\d+)/m.exec(text)?.[1] ?? 0))
await endAll()
console.log(
  'answers by status:',
  Object.fromEntries(statuses),
  'tiles rendered by the new replicas:',
  counts.join(', '),
)
if ([...statuses.keys()].some((status) => status !== 200) || counts.some((count) => count === 0)) process.exitCode = 1
