import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { RENDERER_VERSION, rendererVersion } from '../../src/core/version.ts'

let copy: string

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'mandeltiles-version-'))
  for (const folder of ['native', 'src', 'workers'])
    cpSync(new URL(folder, ROOT), join(copy, folder), { recursive: true })
})
afterEach(() => rmSync(copy, { recursive: true }))

const version = () => rendererVersion(pathToFileURL(`${copy}/`), pathToFileURL(`${copy}/`))

test('equal sources have equal versions, wherever they lie', () => {
  expect(version()).toBe(RENDERER_VERSION)
})

test.each([
  'src/colour/style.ts',
  'src/plane/view.ts',
  'src/formats/png/strips.ts',
  'src/kernel/task.ts',
  'src/render/image.ts',
  'workers/view.ts',
])('a change in %s changes the version', (name) => {
  appendFileSync(join(copy, name), '\n')
  expect(version()).not.toBe(RENDERER_VERSION)
})

test.each(['src/cli/progress.ts', 'src/http/server.ts', 'src/seed/plan.ts', 'src/web/main.ts', 'src/core/log.ts'])(
  'a change in %s leaves the version as it is',
  (name) => {
    appendFileSync(join(copy, name), '\n')
    expect(version()).toBe(RENDERER_VERSION)
  },
)
