import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { imagePictureKey, pictureKey } from '../../src/cache/keys.ts'
import { DEFAULT_APPEARANCE } from '../../src/colour/appearance.ts'
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

test('equal sources have equal versions, wherever they are installed', () => {
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
  'a change in %s does not change the version',
  (name) => {
    const original = readFileSync(join(copy, name))
    appendFileSync(join(copy, name), '\n')
    const changed = version()
    writeFileSync(join(copy, name), original)
    expect(changed).toBe(RENDERER_VERSION)
  },
)

test('a Node with another zlib has the same version, which the command line prints', () => {
  const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
  const other = join(copy, 'zlib.cjs')
  writeFileSync(
    other,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, zlib: '9.9.9', node: '24.99.0' } })",
  )
  const version = (...words: string[]) => String(execFileSync(process.execPath, [...words, cli, '--version']))
  expect(version('--require', other)).toBe(version())
  expect(version()).toMatch(/^\d+\.\d+\.\d+\nrenderer [\w-]{12}\n$/)
})

test('encoder versions are in the keys of their own output only', () => {
  const key = (format: 'png' | 'webp', aa: 1 | 2) => pictureKey('tile 0 0 0', { ...DEFAULT_APPEARANCE, aa }, format)
  expect(key('png', 1)).not.toMatch(/ by /)
  expect(key('png', 2)).toMatch(/ png by [\w-]{8}$/)
  expect(key('webp', 1)).toMatch(/ webp by [\w-]{8}$/)
  const image = {
    re: { digits: 0n, scale: 0 },
    im: { digits: 0n, scale: 0 },
    zoom: 0,
    width: 8,
    height: 8,
    maxIter: 100,
    appearance: DEFAULT_APPEARANCE,
  }
  expect(imagePictureKey(image, 'png')).not.toContain(' by ')
  expect(imagePictureKey(image, 'avif')).toMatch(/ avif by [\w-]{8}$/)
})
