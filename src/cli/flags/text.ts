// Shared by the commands that write a text for other programs.
import { writeFile } from 'node:fs/promises'
import { Failure, mustBe } from '../../core/errors.ts'
import type { Flags } from '../flag.ts'
import { checkOut } from './files.ts'

export const OUT_TEXT_FLAG = {
  out: {
    kind: 'text',
    short: 'o',
    value: 'FILE',
    otherwise: 'standard output',
    meaning: 'where to write; - is standard output',
  },
} as const satisfies Flags

/** One of some names, which must be given. @throws Failure with all of them */
export function requireChoice<T extends string>(flag: string, choices: readonly T[], text: string | undefined): T {
  const found = choices.find((choice) => choice === text)
  if (found !== undefined) return found
  throw new Failure('invalid', mustBe(flag, `one of ${choices.join(', ')}`, text ?? ''))
}

/** Writes a text to a file, or to standard output. */
export async function writeText(text: string, out: string | undefined): Promise<void> {
  if (out === undefined || out === '-') {
    process.stdout.write(text)
    return
  }
  await checkOut(out)
  await writeFile(out, text)
}
