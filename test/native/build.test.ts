// The article's one annoyance was a build that did not notice changed C sources. Here it does. And
// the library serves C programs too.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'

const root = fileURLToPath(ROOT)
// concurrent tests have the addon open: touch and rebuild a copy
const copy = mkdtempSync(join(tmpdir(), 'mandeltiles-build-'))
for (const name of ['native', 'build', 'binding.gyp', 'package.json', 'scripts']) {
  cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
}
// the path of node-addon-api's headers is in the commands that compiled the objects: a link to them
// would have all of these compiled again
for (const name of ['node-addon-api', 'node-gyp', 'detect-libc']) {
  const [from, to] = [root, copy].map((folder) => join(folder, 'node_modules', name)) as [string, string]
  if (name === 'node-addon-api') cpSync(from, to, { recursive: true, preserveTimestamps: true })
  else symlinkSync(from, to)
}
afterAll(() => rmSync(copy, { recursive: true }))

const addon = join(copy, 'build/Release/fmandel.node')
function build(): number {
  execFileSync('npm', ['run', '--silent', 'build:native'], { cwd: copy, stdio: 'pipe' })
  return statSync(addon).mtimeMs
}

test('touching a header rebuilds the addon; touching nothing does not', { timeout: 600_000 }, () => {
  const built = build()
  expect(build()).toBe(built)
  // one that few sources include: below, all of them are touched
  touch('fixed/limbs_columns.h', new Date())
  expect(build()).toBeGreaterThan(built)
})

test('the build depends on every source and header of native/', () => {
  // a dry run of make: would it compile anything?
  const upToDate = () => {
    const { stdout } = spawnSync('make', ['-n', 'BUILDTYPE=Release', '-C', 'build'], { cwd: copy, encoding: 'utf8' })
    return !/ -o \S+\.o /.test(stdout)
  }
  expect(upToDate()).toBe(true)
  const names = readdirSync(join(copy, 'native'), { recursive: true, encoding: 'utf8' })
  for (const name of names.filter((name) => /\.(h|c|cc)$/.test(name))) {
    const { mtime } = statSync(join(copy, 'native', name))
    touch(name, new Date())
    expect(upToDate(), `${name} was touched`).toBe(false)
    touch(name, mtime)
  }
  expect(upToDate(), 'all are as they were').toBe(true)
})

test('the library exports only its own names, f and mandelbrot', () => {
  const defined = (...args: string[]) =>
    String(execFileSync('nm', ['--defined-only', ...args]))
      .split('\n')
      .map((line) => / [A-Z] (\S+)$/.exec(line)?.[1])
      .filter((name) => name !== undefined)
  for (const names of [
    defined('--extern-only', join(root, 'build/Release/libfmandel.a')),
    defined('--dynamic', join(root, 'build/Release/libfmandel.so')),
  ]) {
    expect(names.length).toBeGreaterThan(40)
    expect(names.filter((name) => !name.startsWith('fmandel_')).sort()).toEqual(['f', 'mandelbrot'])
  }
})

test('a C program outside the tree builds with one -I and one -l', () => {
  const program = join(copy, 'outside.c')
  writeFileSync(
    program,
    `#include <fmandel/fmandel.h>
     #include <stdio.h>
     int main(void) {
       const double re[] = {-1, 0.3}, im[] = {0, 0.6};
       double nu[4];
       fmandel_counts counts;
       fmandel_tile(re, 2, im, 2, 1000, 256, nu, &counts, NULL);
       printf("%d %d %g\\n", (int)counts.escaped, (int)counts.interior, (double)f(0.5f, 0.5f, 100));
       return 0;
     }`,
  )
  const library = join(root, 'build/Release')
  const flags = ['-Wall', '-Werror', '-I', join(root, 'native/include'), `-L${library}`, '-lfmandel']
  execFileSync('cc', [program, ...flags, '-o', join(copy, 'outside')], { cwd: copy, stdio: 'pipe' })
  const env = { ...process.env, LD_LIBRARY_PATH: library }
  expect(String(execFileSync(join(copy, 'outside'), { env }))).toBe('3 1 0.96\n')
})

test('each public header compiles alone, in C and in C++', () => {
  const folder = join(root, 'native/include/fmandel')
  for (const name of readdirSync(folder)) {
    for (const language of ['c', 'c++']) {
      const args = ['-x', language, '-fsyntax-only', '-Wall', '-Werror', '-I', join(root, 'native/include'), '-']
      const { stderr, status } = spawnSync('cc', args, { input: `#include <fmandel/${name}>\n`, encoding: 'utf8' })
      expect([name, language, status, stderr]).toEqual([name, language, 0, ''])
    }
  }
})

test.each([
  [['-m32'], 'fmandel needs a 64-bit platform'],
  [['-U__BYTE_ORDER__', '-D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__'], 'fmandel needs a little-endian platform'],
  [['-U__GNUC__'], 'fmandel needs GCC or Clang'],
  [['-D_WIN32'], 'fmandel on Windows needs Clang'],
] as const)('flags that would break the library are a compile error: %j', (flags, message) => {
  const args = [...flags, '-x', 'c', '-ffreestanding', '-fsyntax-only', '-I', join(root, 'native/include'), '-']
  const { stderr, status } = spawnSync('gcc', args, { input: '#include <fmandel/fmandel.h>\n', encoding: 'utf8' })
  expect(status).not.toBe(0)
  expect(stderr).toContain(`#error "${message}`)
})

function touch(name: string, time: Date): void {
  utimesSync(join(copy, 'native', name), time, time)
}
