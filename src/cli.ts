#!/usr/bin/env node
// The package's command. It checks the version of Node before it loads modules that need a newer
// one.
import { unsupportedNode } from './cli/node.ts'

const reason = unsupportedNode(process.versions.node)
if (reason !== undefined) {
  console.error(`mandeltiles: ${reason}`)
  process.exit(2)
}
await import('./cli/main.ts')
