// `npm run tarballs [FOLDER]`: packs what is published, into build/tarballs or a folder: the package,
// and each prebuilt native library (`npm run prebuilds`). The package names these as its optional
// dependencies. package.json itself does not, because `npm ci` in a clone would look for them.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { at, isBuilt, SERVER } from './fresh.mjs'

const out = resolve(process.argv[2] ?? at('build/tarballs'))
const copy = at('build/package')
const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'))

function npm(cwd, ...words) {
  return JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', ...words], { cwd, encoding: 'utf8' }))[0]
}

function end(sentence) {
  console.error(`tarballs: ${sentence}`)
  process.exit(1)
}

function manifestOf(target) {
  return JSON.parse(readFileSync(at(`build/prebuilt/${target}/package.json`), 'utf8'))
}

function write(name, content) {
  writeFileSync(join(copy, name), `${JSON.stringify(content, undefined, 2)}\n`)
}

if (!isBuilt(SERVER)) end('the server is not built, or older than its sources: run npm run build')
const targets = existsSync(at('build/prebuilt')) ? readdirSync(at('build/prebuilt')) : []
for (const target of targets) {
  const addon = { output: `build/prebuilt/${target}/fmandel.node`, sources: ['native', 'binding.gyp'] }
  if (!isBuilt(addon)) end(`build/prebuilt/${target} is older than its sources: run npm run prebuilds ${target}`)
}

mkdirSync(out, { recursive: true })
for (const target of targets) console.log(npm(at(`build/prebuilt/${target}`), '--pack-destination', out).filename)

rmSync(copy, { recursive: true, force: true })
for (const { path } of npm(at('.'), '--dry-run').files) {
  mkdirSync(dirname(join(copy, path)), { recursive: true })
  copyFileSync(at(path), join(copy, path))
}
// what is for a clone is left out
const { devDependencies, overrides, allowScripts, scripts, ...published } = manifest
const optionalDependencies = Object.fromEntries(targets.map((target) => [`@mandeltiles/${target}`, manifest.version]))
const { install, start } = scripts
write('package.json', {
  ...published,
  files: [...published.files, 'npm-shrinkwrap.json'],
  scripts: { install, start },
  optionalDependencies,
})

// Its users get the versions that were tested. Without a shrinkwrap npm would take the newest that
// package.json allows, of which some need a newer Node: `overrides` count in a clone alone.
const lock = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'))
const { '': whole, ...packages } = lock.packages
const { devDependencies: _, ...top } = whole
const needed = Object.entries(packages).filter(([, { dev }]) => !dev)
const libraries = targets.map((target) => {
  const { name, version, license, os, cpu, libc } = manifestOf(target)
  return [`node_modules/${name}`, { version, license, os, cpu, ...(libc && { libc }), optional: true }]
})
write('npm-shrinkwrap.json', {
  ...lock,
  packages: { '': { ...top, optionalDependencies }, ...Object.fromEntries([...libraries, ...needed]) },
})
console.log(npm(copy, '--pack-destination', out).filename)
