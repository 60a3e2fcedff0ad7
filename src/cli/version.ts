import { PACKAGE_VERSION } from '../core/package.ts'

/**
 * Prints the package's version, and that of the renderer, after which caches and queues are named.
 */
export async function printVersion(): Promise<void> {
  console.log(PACKAGE_VERSION)
  const { RENDERER_VERSION } = await import('../core/version.ts')
  console.log(`renderer ${RENDERER_VERSION}`)
}
