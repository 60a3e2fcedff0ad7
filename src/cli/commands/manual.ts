import { defineCommand } from '../command.ts'
import { EXIT_CODES } from '../exit.ts'
import { OUT_TEXT_FLAG, writeText } from '../flags/text.ts'
import { manual as page } from '../manual.ts'

/** Writes the manual page. */
export const manual = defineCommand({
  name: 'manual',
  summary: 'the manual page, mandeltiles(1)',
  usage: '[flags]',
  about: ['Writes the manual page. npm install --global installs it: man mandeltiles.'],
  flags: OUT_TEXT_FLAG,
  examples: [['manual -o mandeltiles.1', 'the page as a file; man -l mandeltiles.1 shows it']],

  async run(flags) {
    const { loadCommands } = await import('./index.ts')
    await writeText(page(await loadCommands(), EXIT_CODES), flags.out)
  },
})
