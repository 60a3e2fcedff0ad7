// The servers that ours is compared with, all with the same tile: a bare Fastify route, nginx with
// a file, tileserver-gl-light from npm.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../../src/core/package.ts'
import { folder, freePort, launch } from '../../test/cluster/processes.ts'
import { findProgram } from '../../test/programs.ts'

export interface Peer {
  url: string
  pid: number
}

/** A tile's file and its address in the pyramid. */
export interface Tile {
  file: string
  z: number
  x: number
  y: number
}

export async function bare({ file, z, x, y }: Tile, headers: Record<string, string>): Promise<Peer> {
  const script = fileURLToPath(new URL('./peers/bare.mjs', import.meta.url))
  const child = launch(process.execPath, [script, file, JSON.stringify(headers)])
  const base = await new Promise<string>((resolve) => child.stdout!.once('data', (line) => resolve(`${line}`.trim())))
  return { url: `${base}/tile/${z}/${x}/${y}.png`, pid: child.pid! }
}

/** Undefined, with a message, if there is no nginx. */
export async function nginx({ file }: Tile): Promise<Peer | undefined> {
  const program = findProgram('nginx')
  if (program === undefined) {
    return absent('nginx was not found')
  }
  const [where, port] = [folder(), await freePort()]
  cpSync(file, join(where, 'tile.png'))
  writeFileSync(
    join(where, 'nginx.conf'),
    `daemon off; master_process off; pid nginx.pid; error_log stderr; events {}
    http {
      access_log off; types { image/png png; } keepalive_requests 1000000000; sendfile on; tcp_nopush on;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temp;`).join(' ')}
      server { listen 127.0.0.1:${port}; location / { root ${where}; } }
    }`,
  )
  const child = launch(program, ['-p', where, '-c', join(where, 'nginx.conf'), '-e', 'stderr'])
  return ready({ url: `http://127.0.0.1:${port}/tile.png`, pid: child.pid! })
}

const TILESERVER = 'tileserver-gl-light@5.6.0'
const MODULES = fileURLToPath(new URL('build/peers/', ROOT))

/**
 * Installed on the first run, into a folder of the build. Undefined, with a message, if that fails.
 */
export async function tileserver({ file, z, x, y }: Tile): Promise<Peer | undefined> {
  const installed = join(MODULES, 'node_modules/tileserver-gl-light')
  if (!existsSync(installed)) {
    mkdirSync(MODULES, { recursive: true })
    writeFileSync(join(MODULES, 'package.json'), '{ "private": true, "allowScripts": { "sqlite3": true } }\n')
    console.error(`installing ${TILESERVER} into build/peers: minutes, once`)
    const words = ['install', '--silent', '--no-audit', '--no-fund', '--prefix', MODULES, TILESERVER]
    if (spawnSync('npm', words, { stdio: 'inherit' }).status !== 0) return absent(`${TILESERVER} cannot be installed`)
  }
  const where = folder()
  const script = fileURLToPath(new URL('./peers/mbtiles.mjs', import.meta.url))
  const made = spawnSync(
    process.execPath,
    [script, MODULES, file, `${z}`, `${x}`, `${y}`, join(where, 'one.mbtiles')],
    { stdio: 'inherit' },
  )
  if (made.status !== 0) return absent(`${TILESERVER} cannot write its MBTiles file`)
  const config = {
    options: { paths: { root: where, mbtiles: where } },
    styles: {},
    data: { one: { mbtiles: 'one.mbtiles' } },
  }
  writeFileSync(join(where, 'config.json'), JSON.stringify(config))
  const port = await freePort()
  const words = ['--config', join(where, 'config.json'), '--bind', '127.0.0.1', '--port', `${port}`, '--silent']
  const child = launch(process.execPath, [join(installed, 'src/main.js'), ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  return ready({ url: `http://127.0.0.1:${port}/data/one/${z}/${x}/${y}.png`, pid: child.pid! })
}

function absent(why: string): undefined {
  console.error(`${why}: it is left out`)
}

async function ready(peer: Peer): Promise<Peer> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(peer.url).catch(() => undefined)
    if (answer?.ok) return peer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${peer.url} does not answer`)
}
