import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { RENDERER_VERSION, rendererVersion } from '../../src/core/version.ts'

let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'mandeltiles-version-'))
  const filter = (path: string) => !path.endsWith('.webp')
  for (const folder of ['native', 'src', 'workers']) {
    cpSync(new URL(folder, ROOT), join(copy, folder), { recursive: true, filter })
  }
})
afterAll(() => rmSync(copy, { recursive: true }))

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
  const original = readFileSync(join(copy, name))
  appendFileSync(join(copy, name), '\n')
  const changed = version()
  writeFileSync(join(copy, name), original)
  expect(changed).not.toBe(RENDERER_VERSION)
})

test.each(['src/cli/progress.ts', 'src/http/server.ts', 'src/seed/plan.ts', 'src/web/main.ts', 'src/core/log.ts'])(
  'a change in %s leaves the version as it is',
  (name) => {
    const original = readFileSync(join(copy, name))
    appendFileSync(join(copy, name), '\n')
    const changed = version()
    writeFileSync(join(copy, name), original)
    expect(changed).toBe(RENDERER_VERSION)
  },
)
