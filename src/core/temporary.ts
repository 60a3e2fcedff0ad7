// Folders in the system's temporary folder, for files that only one answer needs. A killed process
// leaves its folders behind: up to 600 MB for one large picture. So the name of each folder
// contains the machine and the process, and the next server on the machine removes the folders of
// processes that have ended.
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from './errors.ts'

// containers may share a temporary folder, and then process ids are not unique
const MACHINE = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const NAME = new RegExp(`^mandeltiles-${MACHINE}-(\\d+)-`)
const RETRY = 60 // seconds

/** Makes a folder. @throws Failure `no_storage` with the reason */
export async function temporaryFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), `mandeltiles-${MACHINE}-${process.pid}-`)).catch((error) => {
    throw storageFailure(error) ?? error
  })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** The Failure for an error about a temporary file; undefined for any other error. */
export function storageFailure(error: NodeJS.ErrnoException): Failure | undefined {
  const reason = REASONS[error.code ?? '']
  if (!reason) return undefined
  const sentence = `this needs a temporary file, and the server's temporary folder ${reason}`
  return new Failure('no_storage', sentence, { cause: error, retryAfter: RETRY })
}

const REASONS: Record<string, string> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a folder',
  EACCES: 'may not be written',
  EPERM: 'may not be written',
  EROFS: 'is read-only',
  ENOSPC: 'is full',
  EDQUOT: 'is full',
}

/**
 * Removes the folders of processes that have ended, and tries to make one.
 * @returns the reason why that fails, if it does
 */
export async function openTemporary(): Promise<string | undefined> {
  try {
    for (const name of await readdir(tmpdir())) {
      const [, process] = NAME.exec(name) ?? []
      if (process && hasEnded(Number(process))) await rm(join(tmpdir(), name), { recursive: true, force: true })
    }
    const { remove } = await temporaryFolder()
    await remove()
    return undefined
  } catch (error) {
    const { message, cause } = error as Error
    return cause instanceof Error ? cause.message : message
  }
}

// this process has made none yet: in a restarted container it has the same id as before
function hasEnded(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
