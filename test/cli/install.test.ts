// npm scripts: what happens in an incomplete clone, and what a signal to `npm start` does.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { ENGINES, unsupportedNode } from '../../src/cli/node.ts'
import { ROOT } from '../../src/core/package.ts'

const root = fileURLToPath(ROOT)
const cli = join(root, 'dist/src/cli.js')
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-install-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the accepted Node versions are those of package.json, and any other is refused in one line', () => {
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node).toBe(ENGINES)
  for (const version of ['20.19.0', '20.20.1', '22.13.0', '24.0.0', '25.1.0'])
    expect(unsupportedNode(version)).toBe(undefined)
  for (const version of ['18.20.0', '20.0.0', '20.18.3', '21.7.0', '22.0.0', '22.12.0', '23.9.0']) {
    expect(unsupportedNode(version), version).toContain(`this is Node ${version}`)
  }
  const older = join(folder, 'older.cjs')
  writeFileSync(older, "Object.defineProperty(process.versions, 'node', { value: '22.0.0' })")
  const { status, stderr } = spawnSync(process.execPath, ['--require', older, cli, '--version'], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([
    2,
    'mandeltiles: this is Node 22.0.0; mandeltiles needs 20.19 or later of 20, 22.13 or later of 22, or 24 or newer\n',
  ])
})

/** A clone as far as scripts/build.mjs sees it. */
function clone(name: string, ...files: string[]): string {
  const path = join(folder, name)
  cpSync(join(root, 'scripts'), join(path, 'scripts'), { recursive: true })
  for (const file of ['package.json', ...files]) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), '{ "type": "module" }')
  }
  return path
}
const build = (path: string, step: string, options = {}) =>
  spawnSync(process.execPath, ['scripts/build.mjs', step], { cwd: path, encoding: 'utf8', ...options })

test('without development dependencies, one sentence says what to do', () => {
  const path = clone('production', 'build/Release/fmandel.node')
  const dev = 'run npm ci with development dependencies, without --omit=dev and NODE_ENV=production'
  for (const [step, what] of [
    ['prepare', 'the server'],
    ['start', 'dist/src/cli.js'],
  ] as const) {
    const { status, stdout, stderr } = build(path, step)
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      `mandeltiles: ${what} cannot be built, because typescript is not installed: ${dev}\n`,
    ])
  }
})

test('a read-only checkout starts the existing build, or says that there is none', () => {
  // root may write everywhere
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  chmodSync(folder, 0o755)
  const built = clone('readonly', 'build/Release/fmandel.node', 'dist/src/cli.js')
  const fresh = clone('fresh')
  for (const path of [built, fresh]) chmodSync(path, 0o555)
  const old = build(built, 'start', nobody)
  expect([old.status, old.stderr]).toEqual([
    0,
    'mandeltiles: this starts an older build, because this folder is read-only\n',
  ])
  const none = build(fresh, 'start', nobody)
  expect([none.status, none.stderr]).toEqual([
    1,
    'mandeltiles: dist/src/cli.js and build/Release/fmandel.node cannot be built, because this folder is read-only\n',
  ])
  for (const path of [built, fresh]) chmodSync(path, 0o755)
})

test('an up-to-date build is not repeated; after a change it is', () => {
  const path = clone(
    'built',
    'build/Release/fmandel.node',
    'dist/built',
    'dist/src/cli.js',
    'native/a/b.c',
    'src/a/b.ts',
  )
  const at = (file: string, seconds: number) => utimesSync(join(path, file), seconds, seconds)
  const sources = ['package.json', 'native', 'native/a', 'native/a/b.c', 'src', 'src/a', 'src/a/b.ts']
  const reset = () => {
    for (const file of sources) at(file, 1000)
    for (const file of ['build/Release/fmandel.node', 'dist/built']) at(file, 2000)
  }
  const scripts = { 'build:js': 'echo server', 'build:native': 'echo library' }
  writeFileSync(join(path, 'package.json'), JSON.stringify({ scripts }))
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` }
  const said = (step: string) => build(path, step, { env })
  for (const [changed, compiles, prepare, start] of [
    [undefined, false, '', ''],
    ['src/a/b.ts', false, 'server\n', 'server\n'],
    // a deleted file changes the time of its folder
    ['src/a', false, 'server\n', 'server\n'],
    ['native/a/b.c', true, '', 'library\n'],
  ] as const) {
    reset()
    if (changed) at(changed, 3000)
    expect([said('prepare').stdout, said('start').stdout], changed).toEqual([prepare, start])
    // there is no compiler
    const { status, stdout, stderr } = said('install')
    const { 0: line } = stdout.split('\n')
    expect(line, changed).toMatch(compiles ? /^mandeltiles: @mandeltiles\/\S+ is not installed, so .* compiled$/ : /^$/)
    expect([status, stderr.includes('binding.gyp not found')], changed).toEqual([compiles ? 1 : 0, compiles])
  }
})

/** An installed package, without its native library; `files` are links to this one's. */
function installed(name: string, ...files: string[]): string {
  const path = clone(name)
  writeFileSync(join(path, 'package.json'), readFileSync(join(root, 'package.json')))
  for (const file of ['node_modules', ...files]) symlinkSync(join(root, file), join(path, file))
  return path
}

test('a missing native library is reported as such', () => {
  const path = installed('blocked', 'dist', 'native')
  const words = ['--preserve-symlinks', '--preserve-symlinks-main', join(path, 'dist/src/cli.js')]
  const { status, stderr } = spawnSync(
    process.execPath,
    [...words, 'render', '--out', join(folder, 'a.png'), '--width', '8'],
    { encoding: 'utf8' },
  )
  expect(status).toBe(2)
  expect(stderr).toMatch(
    /^mandeltiles: the native library is missing: @mandeltiles\/\S+ is not installed, and npm did not run the install script that compiles it; run npm approve-scripts mandeltiles && npm rebuild mandeltiles, or in a clone npm run build\n$/,
  )
})

test('without a compiler, one sentence says what compiling needs', () => {
  const path = installed('bare')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const { status, stdout, stderr } = build(path, 'install', { env: { PATH: bin } })
  expect([status, stdout]).toEqual([
    1,
    expect.stringMatching(/^mandeltiles: [^\n]+ so the native library is compiled\n$/),
  ])
  expect(stderr).toMatch(
    /^mandeltiles: the native library is compiled, because there is no \S+, and this needs cc, c\+\+, make, python3; on Debian and Ubuntu run apt-get install build-essential python3\n$/,
  )
})

test('SIGTERM to `npm start` ends the server', async () => {
  // without prestart, which builds
  const npm = spawn('npm', ['start', '--ignore-scripts', '--', '--port', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve) =>
    createInterface(npm.stdout).on('line', (line) => {
      const found = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(line)
      if (found) resolve(found[1]!)
    }),
  )
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const ended = once(npm, 'exit')
  npm.kill('SIGTERM')
  await ended
  const up = () =>
    fetch(`${url}/healthz`).then(
      ({ status }) => status,
      () => undefined,
    )
  await expect.poll(up, { timeout: 25_000 }).toBe(undefined)
})
