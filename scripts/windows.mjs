// The addon for 64-bit Windows, compiled on any machine that has clang and mingw-w64: on Debian
// apt-get install clang g++-mingw-w64-x86-64-posix. GCC itself is refused there, because it puts
// vectors on the stack as if Windows aligned it to 32 bytes (fmandel/platform.h).
//
// The libraries of C++ and of threads are linked into it. Node's functions come from node.exe,
// through a list of those that the objects use.
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pLimit from 'p-limit'
import { headers } from './gyp.mjs'

const TRIPLE = 'x86_64-w64-mingw32'
/** Debian has two, named after their thread models; C++ has mutexes only with POSIX threads. */
const LINKERS = [`${TRIPLE}-g++-posix`, `${TRIPLE}-g++`]

const exists = (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined

/** Why it cannot be compiled here; undefined if it can. */
export function windowsObstacle() {
  const missing = ['clang', 'clang++', `${TRIPLE}-dlltool`].filter((program) => !exists(program))
  if (!LINKERS.some(exists)) missing.push(LINKERS[0])
  return missing.length > 0 ? `${missing.join(', ')} must be installed` : undefined
}

/** Compiles a folder into the file `addon` below it, as binding.gyp does elsewhere. */
export async function compileForWindows(folder, addon) {
  const run = async (program, ...words) =>
    (await promisify(execFile)(program, words, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 })).stdout
  const linker = LINKERS.find(exists)
  const library = dirname((await run(linker, '-print-libgcc-file-name')).trim())
  const common = [`--target=${TRIPLE}`, '-O3', '-ffp-contract=off', '-Wall', '-Wextra', '-Inative/include', '-Inative']
  const ofC = ['clang', '-std=c11', ...common]
  const ofBinding = [
    ...[
      'clang++',
      '-std=gnu++17',
      ...common,
      '-Inode_modules/node-addon-api',
      '-isystem',
      join(headers(), 'include/node'),
    ],
    ...['include/c++', `include/c++/${TRIPLE}`].flatMap((path) => ['-isystem', join(library, path)]),
    ...['-DNAPI_CPP_EXCEPTIONS', '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS', '-DBUILDING_NODE_EXTENSION'],
  ]
  const sources = readdirSync(join(folder, 'native'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /[/\\].*\.cc?$/.test(path))
    .sort()
  const objects = sources.map((path) => `build/objects/${path.replaceAll(/[/\\]/g, '-')}.o`)
  for (const path of ['build/objects', dirname(addon)]) mkdirSync(join(folder, path), { recursive: true })
  const limit = pLimit(availableParallelism())
  await Promise.all(
    sources.map((path, at) =>
      limit(() => run(...(path.endsWith('.c') ? ofC : ofBinding), '-c', `native/${path}`, '-o', objects[at])),
    ),
  )
  const undefinedNames = await run(`${TRIPLE}-nm`, '--undefined-only', ...objects)
  // __imp_: as the compiler names what comes from another file
  const matches = undefinedNames.matchAll(/\b(?:__imp_)?((?:napi|node_api)_\w+)/g)
  const names = [...new Set([...matches].map(([, name]) => name))].sort()
  writeFileSync(join(folder, 'build/node.def'), `NAME NODE.EXE\nEXPORTS\n${names.join('\n')}\n`)
  await run(`${TRIPLE}-dlltool`, '-d', 'build/node.def', '-l', 'build/libnode.a')
  await run(linker, '-shared', '-static', '-s', '-o', addon, ...objects, 'build/libnode.a')
}
