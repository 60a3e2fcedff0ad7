// What npm runs: `install` compiles the native library, in a clone and where the package is installed;
// `prepare` builds the rest after an install in a clone; `start` builds everything before `npm start`.
//
// What is newer than its sources is not built again: `npx mandeltiles` in a clone runs `install` and
// `prepare`, and took three minutes. Where something is missing, one sentence says what to do, instead
// of the output of a compiler that ends half-way.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const at = (path) => fileURLToPath(new URL(path, root))

const ADDON = { output: 'build/Release/fmandel.node', sources: ['native', 'binding.gyp'] }
const SERVER = {
  // written last
  output: 'dist/built',
  sources: ['src', 'workers', 'package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'],
}

/** Is an output newer than all of its sources, and their folders, from which files may have gone? */
function isBuilt({ output, sources }) {
  if (!existsSync(at(output))) return false
  const built = statSync(at(output)).mtimeMs
  const older = (path) => !existsSync(at(path)) || statSync(at(path)).mtimeMs < built
  return sources.every((source) => {
    if (!older(source)) return false
    if (!existsSync(at(source)) || !statSync(at(source)).isDirectory()) return true
    return readdirSync(at(source), { recursive: true, encoding: 'utf8' }).every((name) => older(`${source}/${name}`))
  })
}

/** Why nothing can be built here; undefined where it can. */
function obstacle() {
  try {
    accessSync(at('.'), constants.W_OK)
  } catch {
    return 'this folder is read-only'
  }
  const require = createRequire(root)
  for (const name of ['typescript', 'vite']) {
    try {
      require.resolve(`${name}/package.json`)
    } catch {
      return `${name} is not installed: run npm ci with development dependencies, without --omit=dev and NODE_ENV=production`
    }
  }
  return undefined
}

function end(sentence) {
  console.error(`mandeltiles: ${sentence}`)
  process.exit(1)
}

function run(command, ...words) {
  const { status, error } = spawnSync(command, words, { cwd: root, stdio: 'inherit' })
  if (error) end(`${command} could not be run: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

const STEPS = {
  install() {
    if (!isBuilt(ADDON)) run('node-gyp', 'rebuild', '-j', 'max')
  },

  prepare() {
    if (isBuilt(SERVER)) return
    const reason = obstacle()
    if (reason !== undefined) end(`the server cannot be built, because ${reason}`)
    run('npm', 'run', '--silent', 'build:js')
  },

  // the last step of `npm run build:js`
  built() {
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

STEPS[process.argv[2]]()
