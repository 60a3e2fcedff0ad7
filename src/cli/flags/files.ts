// Files that flags name.
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure, mustBe } from '../../core/errors.ts'
import { FAULTS } from '../exit.ts'

/** The failure for a file that cannot be read, with the system's reason in words. */
export function unreadable(flag: string, form: string, file: string, cause: unknown): Failure {
  const { code = '', message } = cause as NodeJS.ErrnoException
  return new Failure('invalid', `${mustBe(flag, form, file)}: ${FAULTS[code] ?? message}`, { cause })
}

/**
 * Makes sure, before anything is rendered, that a file or folder can be written where --out says.
 * @throws Failure that names the folder
 */
export async function checkOut(out: string): Promise<void> {
  const folder = dirname(out)
  try {
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' })
    await access(folder, constants.W_OK)
  } catch (cause) {
    throw unreadable('--out', 'in an existing, writable folder', out, cause)
  }
}
