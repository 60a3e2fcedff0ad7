// Where the native library is: compiled in this folder, or in a package for this platform that npm
// installed (scripts/prebuild.mjs makes them). What was compiled here comes first.
import { createRequire } from 'node:module'
import { familySync, MUSL } from 'detect-libc'
import { Failure } from '../core/errors.ts'

const require = createRequire(import.meta.url)

/** The package with the native library for this platform. */
export function prebuiltPackage(): string {
  const musl = familySync() === MUSL ? '-musl' : ''
  return `@mandeltiles/${process.platform}-${process.arch}${musl}`
}

/**
 * Loads the native library.
 * @throws Failure if there is none for this platform
 */
export function loadAddon(): unknown {
  const reasons: string[] = []
  // the package's name depends on the platform's libc, which most starts need not look up
  for (const name of [() => '#fmandel', prebuiltPackage]) {
    try {
      return require(name())
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      // if a file exists and cannot be loaded, such as one for another platform, the error gives
      // the reason
      if (code !== 'MODULE_NOT_FOUND') reasons.push(message)
    }
  }
  if (reasons.length > 0) throw new Failure('not_ready', `the native library cannot be loaded: ${reasons.join('; ')}`)
  throw new Failure(
    'not_ready',
    `the native library is missing: ${prebuiltPackage()} is not installed, and npm did not run the install script that ` +
      'compiles it; run npm approve-scripts mandeltiles && npm rebuild mandeltiles, or in a clone npm run build',
  )
}
