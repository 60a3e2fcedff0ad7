import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { ROOT } from '../src/core/package.ts'

/** Which rooms a room may import. A row that changes here is a decision about the architecture. */
const MAY_IMPORT: Record<string, string[]> = {
  core: [],
  plane: ['core'],
  colour: ['core'],
  kernel: ['core', 'plane', 'colour'],
  formats: ['core', 'plane', 'colour', 'kernel'],
  scheduler: ['core', 'kernel', 'formats'],
  cache: ['core', 'plane', 'colour', 'kernel', 'formats'],
  render: ['core', 'plane', 'colour', 'kernel', 'formats', 'scheduler', 'cache'],
  seed: ['core', 'plane', 'colour', 'kernel', 'formats', 'scheduler', 'cache', 'render'],
  export: ['core', 'plane', 'colour', 'kernel', 'formats', 'scheduler', 'cache', 'render', 'seed'],
  http: ['core', 'plane', 'colour', 'kernel', 'formats', 'scheduler', 'cache', 'render', 'export'],
  cli: ['core', 'plane', 'colour', 'kernel', 'formats', 'scheduler', 'cache', 'render', 'seed', 'export', 'http'],
  web: ['core', 'plane', 'colour', 'formats'],
}
const ROOMS = Object.keys(MAY_IMPORT)

/** The linter's input: files by path, each with its imports. */
const files: Record<string, string[]> = {}
const add = (path: string, imports: string[]) => {
  files[path] = imports
  return path
}
const others = (room: string) => ROOMS.filter((other) => other !== room)
const PACKAGES: Record<string, string> = { fastify: 'http', piscina: 'scheduler', bullmq: 'seed' }
const CORE = ['options', 'version', 'log', 'package'].map((name) => `../core/${name}.ts`)
for (const room of ROOMS) {
  add(`src/${room}/rooms.ts`, [...others(room).map((other) => `../${other}/errors.ts`), '../../workers/view.ts'])
  add(
    `src/${room}/folder/rooms.ts`,
    others(room).map((other) => `../../${other}/errors.ts`),
  )
  add(`src/${room}/packages.ts`, [...Object.keys(PACKAGES), 'node:fs'])
}
add('src/web/core.ts', ['../core/errors.ts', ...CORE])
add('workers/rooms.ts', [...ROOMS.map((room) => `../src/${room}/errors.ts`), '../src/formats/sharp.ts'])

/**
 * The imports that the linter rejects, by file: it runs once, in a folder with this repository's
 * settings.
 */
let refused: Record<string, string[]>
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-layout-'))
  const config = JSON.parse(readFileSync(new URL('biome.json', ROOT), 'utf8'))
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }))
  for (const [path, imports] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), imports.map((name, at) => `import * as a${at} from '${name}'\n`).join(''))
  }
  const biome = fileURLToPath(new URL('node_modules/.bin/biome', ROOT))
  const lint = ['lint', '--only=style/noRestrictedImports', '--reporter=github', '--max-diagnostics=none']
  const { stdout } = spawnSync(biome, lint, { cwd: folder, encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  const lines = [...stdout.matchAll(/file=[^,]*?\/((?:src|workers)\/[^,]+),line=(\d+),/g)].map(
    ([, path, line]) => `${path}:${line}`,
  )
  refused = Object.fromEntries(
    Object.entries(files).map(([path, imports]) => [
      path,
      imports.filter((_, at) => lines.includes(`${path}:${at + 1}`)),
    ]),
  )
})

test.each(ROOMS)('src/%s imports the rooms below it, and no other', (room) => {
  const mayNot = others(room).filter((other) => !MAY_IMPORT[room]!.includes(other))
  const shallow = mayNot.map((other) => `../${other}/errors.ts`)
  expect(refused[`src/${room}/rooms.ts`]).toEqual([...shallow, '../../workers/view.ts'])
  expect(refused[`src/${room}/folder/rooms.ts`]).toEqual(mayNot.map((other) => `../../${other}/errors.ts`))
})

test('workers import computing rooms only: no sharp, scheduler, cache or server', () => {
  const mayNot = ['scheduler', 'cache', 'render', 'seed', 'export', 'http', 'cli', 'web']
  const rooms = mayNot.map((room) => `../src/${room}/errors.ts`)
  expect(refused['workers/rooms.ts']).toEqual([...rooms, '../src/formats/sharp.ts'])
})

test.each(ROOMS)('src/%s imports no package that belongs to another room', (room) => {
  const packages = Object.keys(PACKAGES).filter((name) => PACKAGES[name] !== room)
  const browser = ['plane', 'colour', 'web'].includes(room)
  expect(refused[`src/${room}/packages.ts`]).toEqual([...packages, ...(browser ? ['node:fs'] : [])])
})

test('the page imports no options, versions or logs', () => {
  expect(refused['src/web/core.ts']).toEqual(CORE)
})
