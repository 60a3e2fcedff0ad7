// The package as its user gets it: packed, installed into an empty project, compiled there,
// imported and served.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'

const project = mkdtempSync(join(tmpdir(), 'mandeltiles-package-'))
let server: ChildProcess | undefined
afterAll(() => {
  server?.kill('SIGKILL')
  rmSync(project, { recursive: true })
})

const npm = (cwd: string, ...words: string[]) =>
  String(execFileSync('npm', words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] }))

test('npm pack yields a package that installs, compiles, computes and serves', { timeout: 600_000 }, async () => {
  const root = fileURLToPath(ROOT)
  // what `prepare` would build stands already: the suite runs behind a build
  const [{ filename }] = JSON.parse(npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', project))
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  npm(project, 'install', '--no-audit', '--no-fund', join(project, filename))

  const program =
    "import { mandelbrot, f, plain } from 'mandeltiles'; console.log(mandelbrot().length, f(0, 0), plain.f(0, 0))"
  expect(String(execFileSync('node', ['--input-type=module', '-e', program], { cwd: project }))).toBe('2500 0 0\n')

  const child = spawn('npx', ['mandeltiles', 'serve', '--port', '0'], { cwd: project, detached: true })
  server = child
  const address = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (data) => {
      said += data
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
      if (found) resolve(found[0])
    })
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${said}`)))
  })
  const tile = await fetch(`${address}/tile/0/0/0.png`)
  const { width, height } = await sharp(Buffer.from(await tile.arrayBuffer())).metadata()
  expect([tile.status, width, height]).toEqual([200, 256, 256])
  expect(await (await fetch(address)).text()).toContain('<title>')

  const ended = new Promise((resolve) => child.once('exit', resolve))
  process.kill(-child.pid!, 'SIGTERM')
  await ended
})
