import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(import.meta.url)
const manifest = require.resolve('mandeltiles/package.json')

/** The package's root folder, from src/ and from dist/src/ alike; ends in a slash. */
export const ROOT = new URL('./', pathToFileURL(manifest))

/** The package's version, as in package.json. */
export const PACKAGE_VERSION: string = require(manifest).version
