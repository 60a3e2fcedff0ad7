// node-gyp: in a clone the one of package.json, where the package is installed the one that npm
// brings. It uses the headers beside this Node, if there are any. Otherwise it downloads them, but
// not from the npm registry.
import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The prefix of this Node's installation, if it has headers. */
export function headers() {
  const prefix = dirname(dirname(realpathSync(process.execPath)))
  return existsSync(join(prefix, 'include/node/node_api.h')) ? prefix : undefined
}

/** The words that run node-gyp. */
function program() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node-gyp/package.json')
    return [process.execPath, join(dirname(manifest), 'bin/node-gyp.js')]
  } catch {
    const { npm_config_node_gyp: path } = process.env
    return path === undefined ? ['node-gyp'] : [process.execPath, path]
  }
}

/** Runs node-gyp; returns what spawnSync does. */
export function nodeGyp(words, options) {
  const [command, ...first] = program()
  const prefix = headers()
  const beside = prefix === undefined ? {} : { npm_config_nodedir: prefix }
  // settings of npm or the user come first; make prints only warnings
  const env = { ...beside, MAKEFLAGS: '-s', ...process.env, ...options.env }
  return spawnSync(command, [...first, ...words, '-j', 'max', '--loglevel=warn'], { ...options, env })
}
