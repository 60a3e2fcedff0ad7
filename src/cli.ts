#!/usr/bin/env node
// The package's command. What Node is too old for is loaded after its version is known.
import { unsupportedNode } from './cli/node.ts'

const reason = unsupportedNode(process.versions.node)
if (reason !== undefined) {
  console.error(`mandeltiles: ${reason}`)
  process.exit(2)
}
await import('./cli/main.ts')
