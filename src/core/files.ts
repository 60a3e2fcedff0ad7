// Files that are whole or not there, whenever the process ends.
import { rename, rm, writeFile } from 'node:fs/promises'

/**
 * Puts a file in its place once it is whole: it is written beside it first, then renamed, which
 * replaces what was there in one step. The half-written file is removed when writing fails.
 * @param content the file's bytes, or a function that writes them to the path that it is given
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
