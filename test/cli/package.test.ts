// The package as its user gets it: packed with the native library for this platform, installed into
// an empty project without a compiler, imported and served.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { prebuiltPackage } from '../../src/kernel/addon.ts'

const root = fileURLToPath(ROOT)
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-package-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = (cwd: string, command: string, ...words: string[]) =>
  String(execFileSync(command, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] }))

test('the packed package installs without a compiler, computes and serves', { timeout: 600_000 }, () => {
  // the output of `npm run build` exists already
  run(root, 'node', 'scripts/prebuild.mjs', prebuiltPackage().replace('@mandeltiles/', ''))
  run(root, 'node', 'scripts/pack.mjs', folder)
  const said = run(root, 'node', 'scripts/tryout.mjs', folder, '--prefer-offline')
  expect(said).toMatch(/^tile 0\/0\/0 after [\d.]+ s: [0-9a-f]{64}$/m)
})

test('the package has all files that its documents link to, and no source map without its sources', () => {
  const copy = join(root, 'build/package')
  const known = new Set(readdirSync(copy, { recursive: true, encoding: 'utf8' }))
  // the bundled packages of others are not checked
  const names = [...known].filter((name) => !name.startsWith('node_modules/'))
  for (const name of names.filter((name) => name.endsWith('.md'))) {
    for (const [, link] of readFileSync(join(copy, name), 'utf8').matchAll(/\]\(([^)#\s]+)/g)) {
      if (link!.includes('://')) continue
      const path = posix.join(dirname(name), link!).replace(/\/$/, '')
      expect(known, `${name} links to ${link}`).toContain(path)
    }
  }
  expect(names.filter((name) => name.endsWith('.map'))).toEqual([])
})

test('the package names its repository and the native libraries of its own version, and nothing that only a clone needs', () => {
  const packed = JSON.parse(readFileSync(join(root, 'build/package/package.json'), 'utf8'))
  expect(packed.repository.url).toMatch(/^git\+https:/)
  expect(packed.optionalDependencies[prebuiltPackage()]).toBe(packed.version)
  expect(packed).not.toHaveProperty('devDependencies')
  expect(Object.keys(packed.scripts)).toEqual(['install', 'start'])
})

test('the package contains a bill of materials, and the notices of its contents', () => {
  const text = (path: string) => readFileSync(join(root, path), 'utf8')
  const bill = JSON.parse(text('build/package/sbom.cdx.json'))
  const names = bill.components.map(({ name }: { name: string }) => name)
  expect(names).toEqual(expect.arrayContaining(['fastify', 'leaflet', 'sharp', 'toml-eslint-parser']))
  expect(JSON.stringify(bill)).toMatch(/"name":"vips","version":"\d/)
  expect(text('build/package/dist/web/licences.txt')).toContain('CloudMade')
  const assets = readdirSync(join(root, 'build/package/dist/web/assets'))
  const [script] = assets.filter((name) => /^index-.*\.js$/.test(name))
  expect(text(`build/package/dist/web/assets/${script}`).split('\n', 3).join('\n')).toMatch(
    /^\/\* @preserve\n \* Leaflet 1\.9\.4/m,
  )
})

test('docs/licences.md names the licence of every runtime dependency', () => {
  const page = readFileSync(join(root, 'docs/licences.md'), 'utf8')
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const entries = Object.entries(lock.packages as Record<string, { dev?: boolean; license?: string }>)
  for (const [path, { dev, license }] of entries) {
    if (path === '' || dev) continue
    for (const name of license!.split(' AND ')) expect(page, `${path} is ${name}`).toContain(name)
  }
})
