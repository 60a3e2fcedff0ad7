// Files that are complete or absent, whenever the process ends.
import { rename, rm, writeFile } from 'node:fs/promises'

/**
 * Writes a file under a temporary name, then renames it, which replaces an older file in one step.
 * The half-written file is removed when writing fails.
 * @param content the file's bytes, or a function that writes them to the path that it receives
 * @param beside the path for the half-written file, in the same folder
 */
export async function replaceFile(
  path: string,
  content: Uint8Array | string | ((beside: string) => Promise<unknown>),
  beside: string = `${path}.new`,
): Promise<void> {
  try {
    await (typeof content === 'function' ? content(beside) : writeFile(beside, content))
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {})
    throw error
  }
}
