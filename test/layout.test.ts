import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
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

const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-layout-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Which of these imports the linter refuses in a file at `path`, which it finds in a folder with this repository's settings. */
function refused(path: string, imports: string[]): string[] {
  const config = JSON.parse(readFileSync(new URL('biome.json', ROOT), 'utf8'))
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }))
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), imports.map((name, at) => `import * as a${at} from '${name}'\n`).join(''))
  const biome = fileURLToPath(new URL('node_modules/.bin/biome', ROOT))
  const lint = ['lint', '--only=style/noRestrictedImports', '--reporter=github', '--max-diagnostics=none', path]
  const { stdout } = spawnSync(biome, lint, { cwd: folder, encoding: 'utf8' })
  return imports.filter((_, at) => new RegExp(`\\bline=${at + 1},`).test(stdout))
}

test.each(ROOMS)('src/%s imports the rooms below it, and no other', (room) => {
  const others = ROOMS.filter((other) => other !== room)
  const shallow = others.map((other) => `../${other}/errors.ts`)
  const nested = others.map((other) => `../../${other}/errors.ts`)
  const mayNot = (imports: string[]) => imports.filter((_, at) => !MAY_IMPORT[room]!.includes(others[at]!))
  expect(refused(`src/${room}/one.ts`, shallow)).toEqual(mayNot(shallow))
  expect(refused(`src/${room}/folder/one.ts`, nested)).toEqual(mayNot(nested))
  expect(refused(`src/${room}/one.ts`, ['../../workers/view.ts'])).toEqual(['../../workers/view.ts'])
})

test('a worker imports what computes, and neither sharp nor what schedules, caches or answers', () => {
  const mayNot = ['scheduler', 'cache', 'render', 'seed', 'export', 'http', 'cli', 'web']
  const rooms = ROOMS.map((room) => `../src/${room}/errors.ts`)
  expect(refused('workers/one.ts', rooms)).toEqual(mayNot.map((room) => `../src/${room}/errors.ts`))
  expect(refused('workers/one.ts', ['../src/formats/sharp.ts'])).toEqual(['../src/formats/sharp.ts'])
})

test('what runs in a browser imports nothing of Node, nor options, versions or logs', () => {
  for (const room of ['plane', 'colour', 'web']) expect(refused(`src/${room}/one.ts`, ['node:fs'])).toEqual(['node:fs'])
  const core = ['../core/options.ts', '../core/version.ts', '../core/log.ts']
  expect(refused('src/web/one.ts', ['../core/errors.ts', ...core])).toEqual(core)
})

test('a package that belongs to one room is imported there alone', () => {
  const homes: Record<string, string> = { fastify: 'http', piscina: 'scheduler', bullmq: 'seed' }
  const names = Object.keys(homes)
  for (const room of ROOMS) {
    expect(refused(`src/${room}/one.ts`, names), room).toEqual(names.filter((name) => homes[name] !== room))
  }
})
