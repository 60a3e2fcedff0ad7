// What is built, and from what.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The package's root folder. */
export const ROOT = new URL('../', import.meta.url)

/** The path of a file below it. */
export const at = (path) => fileURLToPath(new URL(path, ROOT))

export const ADDON = { output: 'build/Release/fmandel.node', sources: ['native', 'binding.gyp'] }
export const SERVER = {
  // written last
  output: 'dist/built',
  sources: ['src', 'workers', 'package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'],
}

/**
 * Is an output newer than all of its sources, and than their folders, which change when files are
 * removed?
 */
export function isBuilt({ output, sources }) {
  if (!existsSync(at(output))) return false
  const built = statSync(at(output)).mtimeMs
  const older = (path) => !existsSync(at(path)) || statSync(at(path)).mtimeMs < built
  return sources.every((source) => {
    if (!older(source)) return false
    if (!existsSync(at(source)) || !statSync(at(source)).isDirectory()) return true
    return readdirSync(at(source), { recursive: true, encoding: 'utf8' }).every((name) => older(`${source}/${name}`))
  })
}
