// The article's one annoyance was a build that did not notice that its C sources had changed. Here it does.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'

const root = fileURLToPath(ROOT)
// the tests that run beside this one have the addon open: touch and rebuild a copy
const copy = mkdtempSync(join(tmpdir(), 'mandeltiles-build-'))
for (const name of ['native', 'test/native', 'build', 'binding.gyp', 'package.json']) {
  cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
afterAll(() => rmSync(copy, { recursive: true }))

const addon = join(copy, 'build/Release/fmandel.node')
function build(): number {
  execFileSync('npm', ['run', '--silent', 'build:native'], { cwd: copy, stdio: 'pipe' })
  return statSync(addon).mtimeMs
}

test('touching a header rebuilds the addon, touching nothing does not', { timeout: 600_000 }, () => {
  const built = build()
  expect(build()).toBe(built)
  // one that few sources include: below, all of them are touched
  touch('disc.h', new Date())
  expect(build()).toBeGreaterThan(built)
})

test('every source and header of native/ is noticed', () => {
  // what make would do, without doing it: does it compile anything?
  const upToDate = () => {
    const { stdout } = spawnSync('make', ['-n', 'BUILDTYPE=Release', '-C', 'build'], { cwd: copy, encoding: 'utf8' })
    return !/ -o \S+\.o /.test(stdout)
  }
  expect(upToDate()).toBe(true)
  for (const name of readdirSync(join(copy, 'native')).filter((name) => /\.(h|c|cc)$/.test(name))) {
    const { mtime } = statSync(join(copy, 'native', name))
    touch(name, new Date())
    expect(upToDate(), `${name} was touched`).toBe(false)
    touch(name, mtime)
    expect(upToDate(), `${name} is as it was`).toBe(true)
  }
})

function touch(name: string, time: Date): void {
  utimesSync(join(copy, 'native', name), time, time)
}
