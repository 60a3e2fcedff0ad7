import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT } from '../src/core/package.ts'

// generated tables of numbers
const DATA = ['test/native/deep_truth.h', 'test/native/orbit_data.h']

const FILES = execFileSync('git', ['ls-files'], { cwd: fileURLToPath(ROOT), encoding: 'utf8' })
  .split('\n')
  .filter((path) => !DATA.includes(path))
const read = (files: string[]) =>
  files.map((path) => ({ path, lines: readFileSync(new URL(path, ROOT), 'utf8').split('\n') }))

const SOURCES = read(FILES.filter((path) => /\.(ts|mjs|c|h|cc|sh|css)$/.test(path)))
const SETTINGS = read(
  FILES.filter((path) => /\.(ya?ml|conf|service|gyp)$|(^|\/)(Dockerfile|CMakeLists.txt)$/.test(path)),
)

test('no source file has more than 400 lines', () => {
  expect(SOURCES.length).toBeGreaterThan(300)
  // a file ends with a line break
  expect(SOURCES.filter(({ lines }) => lines.length > 401).map(({ path }) => path)).toEqual([])
})

// Bytes are what simple tools count: `·` has two. To them a line of C that begins with a pointer
// looks like a comment too.
test('no comment line is longer than 100 bytes', () => {
  expect(SETTINGS.length).toBeGreaterThan(10)
  const long = [...SOURCES, ...SETTINGS].flatMap(({ path, lines }) => {
    const comment = /\.(ts|mjs|c|h|cc|css)$/.test(path) ? /^\s*(\/\/|\/?\*)/ : /^\s*#/
    return lines.flatMap((line, at) => (comment.test(line) && Buffer.byteLength(line) > 100 ? `${path}:${at + 1}` : []))
  })
  expect(long).toEqual([])
})
