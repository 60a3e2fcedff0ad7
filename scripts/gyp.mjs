// node-gyp, with the headers that lie beside this Node, if they do. Otherwise node-gyp downloads
// them, from elsewhere than the npm registry.
import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The prefix of this Node's installation, where it has headers. */
function headers() {
  const prefix = dirname(dirname(realpathSync(process.execPath)))
  return existsSync(join(prefix, 'include/node/node_api.h')) ? prefix : undefined
}

/** Runs node-gyp; returns what spawnSync does. */
export function nodeGyp(words, options) {
  const program = join(dirname(createRequire(import.meta.url).resolve('node-gyp/package.json')), 'bin/node-gyp.js')
  const prefix = headers()
  const beside = prefix === undefined ? {} : { npm_config_nodedir: prefix }
  // what npm or a user has set comes first; make says nothing but warnings
  const env = { ...beside, MAKEFLAGS: '-s', ...process.env, ...options.env }
  return spawnSync(process.execPath, [program, ...words, '-j', 'max', '--loglevel=warn'], { ...options, env })
}
