// `npm run prebuild [TARGET ...]`: compiles the addon for other machines, each as a package that
// npm can publish, in build/prebuilt/TARGET. Without a target: every one that this machine can
// build.
//
// npm runs a script of this name before every `npm run build` too, which needs none of this; then
// it ends at once.
//
// One file serves every version of Node (Node-API). A package's `os`, `cpu` and `libc` make npm
// install only the one that fits. On Linux all four Linux targets are built by GCC: AArch64 by
// Debian's cross compiler, musl by the headers and the C library of musl-dev. Nothing newer than in
// Debian 11 may be needed: the script checks the symbols and fails otherwise. Windows' is built
// by clang and mingw-w64 (windows.mjs). macOS's are built on their own kind of machine. The library
// of this machine is linked from what `npm run build` has compiled.
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { familySync } from 'detect-libc'
import { ADDON, at, isBuilt } from './fresh.mjs'
import { nodeGyp } from './gyp.mjs'
import { compileForWindows, windowsObstacle } from './windows.mjs'

const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'))

/** Debian 11's C library. */
const NEWEST_GLIBC = [2, 31]

const TARGETS = {
  'linux-x64': { os: 'linux', cpu: 'x64', libc: 'glibc', triple: 'x86_64-linux-gnu' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', libc: 'glibc', triple: 'aarch64-linux-gnu' },
  'linux-x64-musl': { os: 'linux', cpu: 'x64', libc: 'musl', triple: 'x86_64-linux-gnu' },
  'linux-arm64-musl': { os: 'linux', cpu: 'arm64', libc: 'musl', triple: 'aarch64-linux-gnu' },
  'darwin-x64': { os: 'darwin', cpu: 'x64' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64' },
  'win32-x64': { os: 'win32', cpu: 'x64' },
}

function end(sentence) {
  console.error(`prebuild: ${sentence}`)
  process.exit(1)
}

function run(command, words, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', ...options })
  if (error) end(`${command} could not be run: ${error.message}`)
  if (status !== 0) end(`${command} ${words.join(' ')} failed:\n${stdout}${stderr}`)
  return stdout
}

const muslFolder = ({ triple }) => `/usr/lib/${triple.replace('-gnu', '-musl')}`

/** Why a target cannot be built here; undefined if it can. */
function obstacle({ os, cpu, libc, triple }) {
  if (os === 'win32') return windowsObstacle()
  if (os !== process.platform) return `it is built on ${os}`
  if (os !== 'linux') return cpu === process.arch ? undefined : `it is built on ${cpu}`
  for (const compiler of [`${triple}-gcc`, `${triple}-g++`]) {
    if (spawnSync(compiler, ['--version']).error) return `${compiler} is not installed`
  }
  if (libc === 'musl' && !existsSync(muslFolder({ triple }))) {
    return `musl-dev${cpu === process.arch ? '' : `:${cpu}`} is not installed`
  }
  return undefined
}

/** The libraries of C++, which Node has loaded wherever it runs. */
function runtime({ triple }) {
  return ['libstdc++.so', 'libgcc_s.so.1'].map((file) => run(`${triple}-g++`, [`-print-file-name=${file}`]).trim())
}

/** Is it this machine's own, whose objects `npm run build` has compiled? */
function isOwn({ os, cpu, libc }) {
  return os === process.platform && cpu === process.arch && libc === (familySync() ?? undefined) && isBuilt(ADDON)
}

/** The compilers, for gyp. */
function compilers(target) {
  const { os, libc, triple } = target
  if (os !== 'linux') return {}
  if (isOwn(target)) return { LINK: `${process.env.CXX ?? 'c++'} -s` }
  const [cc, cxx] = [`${triple}-gcc`, `${triple}-g++`]
  // -s: without unexported names
  if (libc === 'glibc') return { CC: cc, CXX: cxx, LINK: `${cxx} -s` }
  // The binding is compiled with the C++ headers of glibc, because Debian has none for musl. It
  // uses only functions that both C libraries have, which checkMusl() verifies.
  const specs = `${cc} -specs ${muslFolder(target)}/musl-gcc.specs`
  return { CC: specs, CXX: `${cxx} -DFMANDEL_MUSL`, LINK: `${specs} -s ${runtime(target).join(' ')}` }
}

function checkGlibc(name, addon) {
  const newer = [...run('readelf', ['--version-info', '--wide', addon]).matchAll(/Name: GLIBC_(\d+)\.(\d+)/g)]
    .map(([, major, minor]) => [Number(major), Number(minor)])
    .filter(([major, minor]) => major > NEWEST_GLIBC[0] || minor > NEWEST_GLIBC[1])
  if (newer.length > 0) end(`${name} needs glibc ${newer.map((version) => version.join('.')).join(' and ')}`)
}

function checkMusl(name, addon, target) {
  const symbols = (file, ...words) =>
    run('nm', ['--portability', ...words, file])
      .split('\n')
      .map((line) => line.split(' ')[0].replace(/@.*/, ''))
  const known = new Set([
    ...symbols(join(muslFolder(target), 'libc.a'), '--defined-only'),
    ...runtime(target).flatMap((file) => symbols(file, '--dynamic', '--defined-only')),
  ])
  const others = symbols(addon, '--dynamic', '--undefined-only').filter(
    (symbol) => symbol !== '' && !/^(napi|node_api)_|^_ITM_|^__gmon_start__/.test(symbol) && !known.has(symbol),
  )
  if (others.length > 0) end(`${name} needs what musl does not have: ${others.join(', ')}`)
}

/** Compiles in a copy, because the tree's own build/ has this machine's addon. */
async function build(name) {
  const target = TARGETS[name]
  const [work, out] = ['work', 'prebuilt'].map((folder) => at(`build/${folder}/${name}`))
  mkdirSync(work, { recursive: true })
  for (const path of [...ADDON.sources, 'package.json']) {
    cpSync(at(path), join(work, path), { recursive: true, preserveTimestamps: true })
  }
  // node-addon-api itself, since the path of its headers is in the command that compiled an object
  for (const path of ['node_modules/node-addon-api', ...(isOwn(target) ? ['build/Release'] : [])]) {
    cpSync(at(path), join(work, path), { recursive: true, preserveTimestamps: true })
  }
  if (target.os === 'win32') {
    await compileForWindows(work, ADDON.output).catch(({ message }) => end(`${name} does not compile: ${message}`))
  } else {
    const words = ['configure', 'build', 'fmandel', `--arch=${target.cpu}`]
    if (nodeGyp(words, { cwd: work, env: compilers(target), stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0)
      end(`${name} does not compile`)
  }
  const addon = join(work, ADDON.output)
  if (target.libc === 'glibc') checkGlibc(name, addon)
  if (target.libc === 'musl') checkMusl(name, addon, target)

  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  copyFileSync(addon, join(out, 'fmandel.node'))
  copyFileSync(at('LICENSE'), join(out, 'LICENSE'))
  const { version, license, repository, engines } = manifest
  const { os, cpu, libc } = target
  const described = {
    name: `@mandeltiles/${name}`,
    version,
    description: `The native library of mandeltiles for ${name}`,
    license,
    repository,
    engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    main: 'fmandel.node',
    files: ['fmandel.node'],
  }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(described, undefined, 2)}\n`)
  writeFileSync(
    join(out, 'README.md'),
    `# ${described.name}\n\n${described.description}. npm installs it with mandeltiles.\n`,
  )
  console.log(`build/prebuilt/${name}`)
}

/**
 * Did npm run this for a `npm run build`? npm says so in its own title alone, which `ps` shows.
 */
function isHook() {
  if (process.env.npm_lifecycle_event !== 'prebuild' || process.argv.length > 2) return false
  const shown = (what, pid) => spawnSync('ps', ['-o', `${what}=`, '-p', pid], { encoding: 'utf8' }).stdout?.trim() ?? ''
  // there may be a shell between npm and this
  const parent = String(process.ppid)
  return ![parent, shown('ppid', parent)].some((pid) => /^npm .*\bprebuild\b/.test(shown('args', pid)))
}

if (isHook()) process.exit()
const wanted = process.argv.slice(2)
for (const name of wanted.length > 0 ? wanted : Object.keys(TARGETS)) {
  if (!(name in TARGETS)) end(`there is no target ${name}; the targets are ${Object.keys(TARGETS).join(', ')}`)
  const reason = obstacle(TARGETS[name])
  if (reason === undefined) await build(name)
  else if (wanted.length > 0) end(`${name} cannot be built here: ${reason}`)
  else console.log(`${name} is left out: ${reason}`)
}
