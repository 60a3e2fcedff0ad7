import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT } from '../src/core/package.ts'

// tables of numbers that programs have written
const DATA = ['test/native/deep_truth.h', 'test/native/orbit_data.h']

const SOURCES = execFileSync('git', ['ls-files'], { cwd: fileURLToPath(ROOT), encoding: 'utf8' })
  .split('\n')
  .filter((path) => /\.(ts|mjs|c|h|cc|sh|css)$/.test(path) && !DATA.includes(path))
  .map((path) => ({ path, lines: readFileSync(new URL(path, ROOT), 'utf8').split('\n') }))

test('no source file has more than 400 lines', () => {
  expect(SOURCES.length).toBeGreaterThan(300)
  // a file ends in a line break
  expect(SOURCES.filter(({ lines }) => lines.length > 401).map(({ path }) => path)).toEqual([])
})

test('no comment line is longer than 100 columns', () => {
  const long = SOURCES.flatMap(({ path, lines }) => {
    const comment = path.endsWith('.sh') ? /^\s*#/ : /^\s*(\/\/|\/\*|\*[ /])/
    return lines.flatMap((line, at) => (comment.test(line) && [...line].length > 100 ? `${path}:${at + 1}` : []))
  })
  expect(long).toEqual([])
})
