import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { versions } from 'node:process'
import sharp from 'sharp'
import { PACKAGE_VERSION, ROOT } from './package.ts'
import { PALETTE_STOPS } from './palettes.ts'

/**
 * Twelve characters that stand for all that shapes a picture's bytes beside its parameters: the package, the native
 * sources, the palettes, and the encoders' versions. The same on every machine with the same versions; every
 * ETag and `?v=` depend on it.
 */
export const RENDERER_VERSION = rendererVersion()

function rendererVersion(): string {
  const hash = createHash('sha256')
  const native = new URL('native/', ROOT)
  for (const name of readdirSync(native).sort()) {
    if (/\.(c|h|cc)$/.test(name)) hash.update(readFileSync(new URL(name, native)))
  }
  hash.update(JSON.stringify([PACKAGE_VERSION, PALETTE_STOPS, versions.zlib, sharp.versions]))
  return hash.digest('base64url').slice(0, 12)
}
