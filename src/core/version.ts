import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, sep } from 'node:path'
import { PACKAGE_VERSION, ROOT } from './package.ts'

/** The folders, below the native and the compiled sources, whose files shape a picture's bytes. */
const NATIVE = ['native/']
const MODULES = ['src/plane/', 'src/colour/', 'src/formats/', 'src/kernel/', 'src/render/', 'workers/']

// this module's own extension, so that the hashed files are those that run: .js in dist, .ts with a
// TypeScript loader
const MODULE = extname(import.meta.url) === '.js' ? /\.js$/ : /(?<!\.d)\.ts$/

/**
 * A hash of twelve characters over everything that affects a picture's bytes besides its
 * parameters: the package's version, the native sources, and the modules that render. It is the
 * same on every machine, with every version of Node. Every ETag and every `?v=` contains it, and
 * queues are named after it. Pictures encoded by other libraries have those libraries' versions in
 * their keys as well: formats/encoder.ts.
 */
export const RENDERER_VERSION = rendererVersion(ROOT, new URL('../../', import.meta.url))

/**
 * The version of the sources below two folders: the one that holds `native/`, and the one that
 * holds `src/` and `workers/`.
 */
export function rendererVersion(native: URL, modules: URL): string {
  const hash = createHash('sha256')
  for (const folder of NATIVE) hashFolder(hash, new URL(folder, native), /\.(c|h|cc)$/)
  for (const folder of MODULES) hashFolder(hash, new URL(folder, modules), MODULE)
  hash.update(PACKAGE_VERSION)
  return hash.digest('base64url').slice(0, 12)
}

// files at any depth, sorted, because file systems list them in different orders, and with the same
// names on Windows
function hashFolder(hash: ReturnType<typeof createHash>, folder: URL, ending: RegExp): void {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => ending.test(name))
  const paths = names.map((name) => name.replaceAll(sep, '/')).sort()
  for (const path of paths) hash.update(`${path}\0`).update(readFileSync(new URL(path, folder)))
}
