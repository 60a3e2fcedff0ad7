// Real processes for the tests of this folder: servers, Redis and nginx, on free ports of the
// loopback address, ended with the test.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { ROOT } from '../../src/core/package.ts'
import { pathOf } from '../programs.ts'

export const CLI = fileURLToPath(new URL('dist/src/cli.js', ROOT))

const ending: (() => unknown)[] = []

/** Ends what was started and removes what was created, in reverse order. */
export async function endAll(): Promise<void> {
  for (const end of ending.splice(0).reverse()) await end()
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'mandeltiles-fleet-'))
  ending.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

// whatever ends this process, such as a failing benchmark, also ends its children
const running = new Map<ChildProcess, NodeJS.Signals>()
process.once('exit', () => {
  for (const [child, signal] of running) child.kill(signal)
})

export function launch(command: string, args: string[], options: Parameters<typeof spawn>[2] = {}): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  // nginx's workers outlive a master that is killed: it ends them by SIGTERM
  const signal = basename(command) === 'nginx' ? 'SIGTERM' : 'SIGKILL'
  running.set(child, signal)
  child.once('exit', () => running.delete(child))
  ending.push(() => kill(child, signal))
  return child
}

/** A server's log lines, as they come. */
type Line = { level: number; msg: string; [field: string]: unknown }
export interface Replica {
  url: string
  child: ChildProcess
  log: Line[]
}

/**
 * `mandeltiles serve`, ready; an empty flag means its default.
 * `wrap` is a command that runs it, `cli` the program.
 */
export async function serve(
  flags: Record<string, string | number> = {},
  wrap: string[] = [],
  cli: string = CLI,
): Promise<Replica> {
  const set = Object.entries<string | number>({ port: 0, threads: 1, ...flags }).filter(([, value]) => value !== '')
  const words = set.flatMap(([name, value]) => [`--${name}`, String(value)])
  const [command, ...args] = [...wrap, process.execPath, cli, 'serve', ...words] as [string, ...string[]]
  const child = launch(command, args)
  const log: Line[] = []
  let said = ''
  child.stderr!.on('data', (data) => (said += data))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the server ended: ${said}`)))
    createInterface(child.stdout!).on('line', (line) => {
      const entry: Line = JSON.parse(line)
      log.push(entry)
      const listening = /listening at (http:\S+)/.exec(entry.msg)
      if (listening) resolve(listening[1]!)
    })
  })
  return { url, child, log }
}

/** Redis on a port, in memory only, as its documentation says for a cache. */
export async function startRedis(port: number, ...flags: string[]): Promise<ChildProcess> {
  const cache = ['--save', '', '--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru']
  const child = launch(pathOf('redis'), [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder(),
    ...cache,
    ...flags,
  ])
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('redis-server ended')))
    createInterface(child.stdout!).on('line', (line) => line.includes('Ready to accept connections') && resolve())
  })
  return child
}

/** nginx with the unchanged docker/nginx.conf, in front of these replicas. */
export async function startNginx(replicas: Replica[]): Promise<{ url: string; child: ChildProcess; cache: string }> {
  const [where, port] = [folder(), await freePort()]
  chmodSync(where, 0o755)
  mkdirSync(join(where, 'temp'))
  cpSync(new URL('docker/nginx.conf', ROOT), join(where, 'nginx.conf'))
  writeFileSync(join(where, 'listen.conf'), `listen 127.0.0.1:${port};\n`)
  const lines = readFileSync(new URL('docker/replicas.conf', ROOT), 'utf8')
  // addresses instead of names, which older versions of nginx do not resolve again
  const [line] = /^server .*$/m.exec(lines)!
  writeFileSync(
    join(where, 'replicas.conf'),
    replicas.map(({ url }) => line.replace(/^server \S+ resolve/, `server ${new URL(url).host}`)).join('\n'),
  )
  const words = ['-p', `${where}/`, '-c', join(where, 'nginx.conf'), '-g', 'daemon off;']
  const child = launch(pathOf('nginx'), words)
  let said = ''
  child.stderr!.on('data', (data) => (said += data))
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`)
    const up = await fetch(`${url}/metrics`).catch(() => undefined)
    if (up?.status === 404) return { url, child, cache: join(where, 'cache') }
    await sleep(20)
  }
}

/** `mandeltiles work`, and the jobs that it reported as done. */
export interface QueueWorker {
  child: ChildProcess
  done: { id: string; kind: string; error?: string }[]
}

/** Workers with one thread each, once all of them wait for jobs. */
export async function startWorkers(count: number, port: number): Promise<QueueWorker[]> {
  const workers = Array.from({ length: count }, () => {
    const child = launch(process.execPath, [CLI, 'work', '--queue', `redis://127.0.0.1:${port}`, '--threads', '1'])
    const done: QueueWorker['done'] = []
    createInterface(child.stdout!).on('line', (line) => done.push(JSON.parse(line)))
    return { child, done }
  })
  const redis = new Redis(port)
  const waiting = async () => ((await redis.client('LIST')) as string).split('cmd=bzpopmin').length - 1
  while ((await waiting()) < count) await sleep(50)
  redis.disconnect()
  return workers
}

/**
 * Lets workers run for a few milliseconds at a time until `until` holds while they are stopped, and
 * leaves them stopped. Even a fast machine does not get far in that time.
 */
export async function bySlices(workers: QueueWorker[], redis: Redis, until: () => Promise<boolean>): Promise<void> {
  const standing = () => workers.every(({ child }) => /\) T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8')))
  for (;;) {
    for (const { child } of workers) child.kill('SIGSTOP')
    while (!standing()) await sleep(1)
    // by then Redis has received what they sent
    await redis.ping()
    await redis.ping()
    if (await until()) return
    for (const { child } of workers) child.kill('SIGCONT')
    await sleep(3)
  }
}

/**
 * Kills a worker when it and all the others certainly have a job of this kind in progress. They
 * must be waiting for jobs, which `give` adds.
 */
export async function killInMidWork(
  workers: QueueWorker[],
  victim: number,
  port: number,
  kind: string,
  give: () => void,
): Promise<void> {
  const redis = new Redis(port)
  // a running job is locked by its worker's name
  const holders = async () => {
    const locks = await redis.keys(`mandeltiles-jobs:*:${kind}-*:lock`)
    const tokens = await Promise.all(locks.map((lock) => redis.get(lock)))
    return new Set(tokens.map((token) => token?.split(':')[0])).size
  }
  for (const { child } of workers) child.kill('SIGSTOP')
  give()
  await bySlices(workers, redis, async () => (await holders()) === workers.length)
  await kill(workers[victim]!.child)
  for (const { child } of workers) child.kill('SIGCONT')
  redis.disconnect()
}

/** What a server reports about itself. */
export async function health(url: string) {
  return (await fetch(`${url}/healthz`)).json() as Promise<{
    renders: Record<'tile' | 'orbit', number>
    tiers: { name: string; fault?: string; errors: number; requests: { hit: number; miss: number; damaged: number } }[]
  }>
}
