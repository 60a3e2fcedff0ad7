// `node scripts/tryout.mjs FOLDER [flags of npm install]`: what a new user does, from the tarballs
// in a folder (`npm run tarballs`). In an empty project, with a PATH that has Node and npm, but no
// compiler, no make and no python: npm install, mandeltiles serve, tile 0/0/0. Prints what it took,
// and the SHA-256 of the tile, which is the same everywhere. It fails if anything was compiled.
//
//   NPM=/path/to/npm-cli.js     another npm than the one that comes with this Node
//   RUNNER='qemu-aarch64 -L /usr/aarch64-linux-gnu /path/to/node'
//                               runs the server by another Node, here with the flags
//                               --cpu=arm64 --ignore-scripts
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const [folder, ...flags] = process.argv.slice(2)
if (folder === undefined) {
  console.error('tryout: name the folder with the tarballs: node scripts/tryout.mjs build/tarballs')
  process.exit(1)
}
process.on('uncaughtException', ({ message }) => {
  console.error(`tryout: ${message}`)
  process.exit(1)
})
const began = performance.now()
const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`

const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
const file = (name) => `file:${resolve(folder, name)}`
const main = tarballs.find((name) => /^mandeltiles-\d/.test(name))
// npm installs the one of these that fits
const libraries = tarballs.filter((name) => name !== main)
const project = mkdtempSync(join(tmpdir(), 'mandeltiles-tryout-'))
process.on('exit', () => rmSync(project, { recursive: true, force: true }))
writeFileSync(
  join(project, 'package.json'),
  JSON.stringify({
    private: true,
    dependencies: { mandeltiles: file(main) },
    optionalDependencies: Object.fromEntries(
      libraries.map((name) => [name.replace(/^mandeltiles-(.*?)-\d+\.\d+\.\d+.*$/, '@mandeltiles/$1'), file(name)]),
    ),
  }),
)

// only a shell, and what the scripts of npm packages may call
const bin = join(project, 'bin')
mkdirSync(bin)
symlinkSync(process.execPath, join(bin, 'node'))
for (const name of ['sh', 'env', 'uname', 'ldd', 'cat', 'sed', 'dirname']) {
  const path = ['/bin', '/usr/bin'].map((where) => join(where, name)).find(existsSync)
  if (path) symlinkSync(path, join(bin, name))
}
const env = { ...process.env, PATH: bin }
for (const name of Object.keys(env)) if (/^npm_(?!config_registry)|^(CC|CXX)$/.test(name)) delete env[name]
const npm =
  process.env.NPM ??
  ['../lib/node_modules/npm/bin/npm-cli.js', '../share/npm/bin/npm-cli.js', '../share/nodejs/npm/bin/npm-cli.js']
    .map((path) => resolve(dirname(realpathSync(process.execPath)), path))
    .find(existsSync)
if (npm === undefined) {
  console.error('tryout: there is no npm beside this Node: set NPM to the path of its npm-cli.js')
  process.exit(1)
}
const run = (words, options) =>
  execFileSync(process.execPath, words, { cwd: project, env, encoding: 'utf8', ...options })
console.log(`Node ${process.version}, npm ${run([npm, '--version']).trim()}`)
run([npm, 'install', '--no-audit', '--no-fund', ...flags], { stdio: ['ignore', 'inherit', 'inherit'] })
console.log(`installed after ${seconds()}`)

const program =
  "import { mandelbrot, f, plain } from 'mandeltiles'; console.log(mandelbrot().length, f(0, 0), plain.f(0, 0))"
const said = process.env.RUNNER ? '' : run(['--input-type=module', '-e', program])
if (said !== '2500 0 0\n' && !process.env.RUNNER) throw new Error(`the package computes ${said}`)

const installed = join(project, 'node_modules/mandeltiles')
if (existsSync(join(installed, 'build'))) throw new Error('something was compiled')
const [command, ...before] = process.env.RUNNER?.split(' ') ?? [process.execPath]
const server = spawn(command, [...before, join(installed, 'dist/src/cli.js'), 'serve', '--port', '0'], {
  cwd: project,
  env: process.env.RUNNER ? process.env : env,
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const url = await new Promise((found, failed) => {
    server.once('exit', (code) => failed(new Error(`the server ended with ${code}`)))
    server.once('error', failed)
    createInterface(server.stdout).on('line', (line) => {
      const listening = /listening at (http:\S+?)"/.exec(line)
      if (listening) found(listening[1])
    })
  })
  const answer = await fetch(`${url}/tile/0/0/0.png`)
  const tile = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== 200 || tile.subarray(1, 4).toString() !== 'PNG')
    throw new Error(`the tile is a ${answer.status}`)
  console.log(`tile 0/0/0 after ${seconds()}: ${createHash('sha256').update(tile).digest('hex')}`)
} finally {
  server.kill()
}
