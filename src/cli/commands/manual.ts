import { type Command, defineCommand } from '../command.ts'
import { EXIT_CODES } from '../exit.ts'
import { OUT_TEXT_FLAG, writeText } from '../flags/text.ts'
import { manual as page } from '../manual.ts'

/** Writes the manual page. `load` loads all commands, of which this is one. */
export const manual = (load: () => Promise<Command[]>): Command =>
  defineCommand({
    name: 'manual',
    summary: 'the manual page, mandeltiles(1)',
    usage: '[flags]',
    about: ['Writes the manual page. npm install --global installs it: man mandeltiles.'],
    flags: OUT_TEXT_FLAG,
    examples: [['manual -o mandeltiles.1', 'the page as a file; man -l mandeltiles.1 shows it']],

    async run(flags) {
      await writeText(page(await load(), EXIT_CODES), flags.out)
    },
  })
