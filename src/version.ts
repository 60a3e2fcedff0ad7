import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { versions } from 'node:process'
import sharp from 'sharp'
import { PACKAGE_VERSION, ROOT } from './package.ts'

// this module's own ending, so that what is hashed is what runs: .js in dist, .ts where a loader reads TypeScript
const MODULES = extname(import.meta.url) === '.js' ? /\.js$/ : /(?<!\.d)\.ts$/
const SOURCES = [
  [new URL('native/', ROOT), /\.(c|h|cc)$/],
  [new URL('./', import.meta.url), MODULES],
  [new URL('../workers/', import.meta.url), MODULES],
] as const

/**
 * Twelve characters that stand for all that shapes a picture's bytes beside its parameters: the package, the native
 * sources, the pipeline's and the workers' modules, and the encoders' versions. The same on every machine with the same versions; every
 * ETag and `?v=` depend on it.
 */
export const RENDERER_VERSION = rendererVersion()

function rendererVersion(): string {
  const hash = createHash('sha256')
  for (const [folder, ending] of SOURCES) {
    for (const name of readdirSync(folder).sort()) {
      if (ending.test(name)) hash.update(readFileSync(new URL(name, folder)))
    }
  }
  hash.update(JSON.stringify([PACKAGE_VERSION, versions.zlib, sharp.versions]))
  return hash.digest('base64url').slice(0, 12)
}
