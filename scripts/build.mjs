// What npm runs: `install` compiles the native library where no package brings it, in a clone and
// where the package is installed; `prepare` builds the rest after an install in a clone; `start`
// builds everything before `npm start`.
//
// An output newer than its sources is not built again: `npx mandeltiles` in a clone runs `install`
// and `prepare`, and took three minutes. If something is missing, one sentence says what to do,
// instead of the output of a failing compiler.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ADDON, at, isBuilt, ROOT, SERVER } from './fresh.mjs'

const require = createRequire(ROOT)

/** Why the server cannot be built here; undefined if it can. */
function obstacle() {
  if (isReadOnly()) return 'this folder is read-only'
  for (const name of ['typescript', 'vite']) {
    try {
      require.resolve(`${name}/package.json`)
    } catch {
      return `${name} is not installed: run npm ci with development dependencies, without --omit=dev and NODE_ENV=production`
    }
  }
  return undefined
}

function isReadOnly() {
  try {
    accessSync(at('.'), constants.W_OK)
    return false
  } catch {
    return true
  }
}

/** The package with the native library for this platform, as src/kernel/addon.ts has it. */
function prebuilt() {
  const { familySync, MUSL } = require('detect-libc')
  return `@mandeltiles/${process.platform}-${process.arch}${familySync() === MUSL ? '-musl' : ''}`
}

/** Does it exist, and does it load? */
function hasPrebuilt() {
  try {
    require(prebuilt())
    return true
  } catch {
    return false
  }
}

/** The tools that compiling needs and this machine lacks. */
function missingTools() {
  const { CC = 'cc', CXX = 'c++', npm_config_python = 'python3' } = process.env
  const tools = process.platform === 'win32' ? [npm_config_python] : [CC, CXX, 'make', npm_config_python]
  return tools.filter((tool) => spawnSync(tool.split(' ')[0], ['--version'], { stdio: 'ignore' }).error)
}

function end(sentence) {
  console.error(`mandeltiles: ${sentence}`)
  process.exit(1)
}

function run(command, ...words) {
  const { status, error } = spawnSync(command, words, { cwd: ROOT, stdio: 'inherit' })
  if (error) end(`${command} could not be run: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

const STEPS = {
  async install() {
    if (isBuilt(ADDON)) return
    // a clone has the sources of the server too: there the native library is compiled from its
    // sources
    if (!existsSync(at('src')) && hasPrebuilt()) return
    console.log(`mandeltiles: ${prebuilt()} is not installed, so the native library is compiled`)
    await STEPS.native()
  },

  async native() {
    const missing = missingTools()
    if (missing.length > 0) {
      end(
        `the native library is compiled, because there is no ${prebuilt()}, and this needs ${missing.join(', ')}; ` +
          'on Debian and Ubuntu run apt-get install build-essential python3',
      )
    }
    const { nodeGyp } = await import('./gyp.mjs')
    const { status } = nodeGyp(['configure', 'build'], { cwd: ROOT, stdio: 'inherit' })
    if (status !== 0) end('the native library does not compile; what the compiler says stands above')
  },

  prepare() {
    if (isBuilt(SERVER)) return
    const reason = obstacle()
    if (reason !== undefined) end(`the server cannot be built, because ${reason}`)
    run('npm', 'run', '--silent', 'build:js')
  },

  // the last step of `npm run build:js`
  built() {
    run(process.execPath, 'dist/src/cli.js', 'manual', '--out', 'dist/mandeltiles.1')
    writeFileSync(at(SERVER.output), '')
  },

  start() {
    const built = [ADDON, SERVER].every(isBuilt)
    const reason = built ? undefined : obstacle()
    if (reason !== undefined) {
      const absent = ['dist/src/cli.js', ADDON.output].filter((path) => !existsSync(at(path)))
      if (absent.length > 0) end(`${absent.join(' and ')} cannot be built, because ${reason}`)
      console.error(`mandeltiles: this starts an older build, because ${reason}`)
      return
    }
    if (!isBuilt(ADDON)) run('npm', 'run', '--silent', 'build:native')
    STEPS.prepare()
  },
}

await STEPS[process.argv[2]]()
