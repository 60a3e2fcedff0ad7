// `npm run tarballs [FOLDER]`: packs what is published, into build/tarballs or a folder: the
// package, and each prebuilt native library (`npm run prebuild`). The package names these as its
// optional dependencies. package.json itself does not, because `npm ci` in a clone would look for
// them.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ADDON, at, isBuilt, SERVER } from './fresh.mjs'

const out = resolve(process.argv[2] ?? at('build/tarballs'))
const copy = at('build/package')
/** Packages that have a native part of their own, and what they need besides it. */
const NATIVE = ['sharp', '@img/colour', 'detect-libc', 'semver']

const lock = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'))
const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'))

function npm(cwd, ...words) {
  return JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', ...words], { cwd, encoding: 'utf8' }))[0]
}

function end(sentence) {
  console.error(`tarballs: ${sentence}`)
  process.exit(1)
}

if (!isBuilt(SERVER)) end('the server is not built, or older than its sources: run npm run build')
const targets = existsSync(at('build/prebuilt')) ? readdirSync(at('build/prebuilt')) : []
for (const target of targets) {
  const addon = { ...ADDON, output: `build/prebuilt/${target}/fmandel.node` }
  if (!isBuilt(addon)) end(`build/prebuilt/${target} is older than its sources: run npm run prebuild ${target}`)
}

mkdirSync(out, { recursive: true })
for (const target of targets) console.log(npm(at(`build/prebuilt/${target}`), '--pack-destination', out).filename)

rmSync(copy, { recursive: true, force: true })
for (const { path } of npm(at('.'), '--dry-run').files) {
  mkdirSync(dirname(join(copy, path)), { recursive: true })
  copyFileSync(at(path), join(copy, path))
}
// parts that only a clone needs are left out
const { devDependencies, overrides, allowScripts, scripts, ...published } = manifest
const optionalDependencies = Object.fromEntries(targets.map((target) => [`@mandeltiles/${target}`, manifest.version]))
const { install, start } = scripts
const packed = {
  ...published,
  files: [...published.files, 'sbom.cdx.json'],
  bundleDependencies: Object.keys(published.dependencies).filter((name) => !NATIVE.includes(name)),
  scripts: { install, start },
  optionalDependencies,
}
writeFileSync(join(copy, 'package.json'), `${JSON.stringify(packed, undefined, 2)}\n`)

// The packages that are plain JavaScript are in the tarball, as npm's own are. So its users get the
// versions that were tested: npm would take the newest that package.json allows, of which some need
// a newer Node, because `overrides` count in a clone alone. And one file is fetched instead of 120.
for (const [path, { dev, optional, peer }] of Object.entries(lock.packages)) {
  if (path === '' || dev || optional || peer || NATIVE.some((name) => path === `node_modules/${name}`)) continue
  cpSync(at(path), join(copy, path), { recursive: true, filter: (source) => basename(source) !== '.bin' })
}
execFileSync(process.execPath, [at('scripts/sbom.mjs'), join(copy, 'sbom.cdx.json')])
console.log(npm(copy, '--pack-destination', out).filename)
