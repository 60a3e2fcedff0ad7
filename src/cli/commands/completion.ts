import { type Command, defineCommand } from '../command.ts'
import { SHELLS, completion as script } from '../completion.ts'
import { OUT_TEXT_FLAG, requireChoice, writeText } from '../flags/text.ts'

/** Writes the completion script of a shell. `load` loads all commands, of which this is one. */
export const completion = (load: () => Promise<Command[]>): Command =>
  defineCommand({
    name: 'completion',
    summary: 'a script with which a shell completes commands and flags',
    usage: `--shell ${SHELLS.join('|')} [flags]`,
    about: ['Writes a script with which a shell completes commands, flags and their values.'],
    flags: {
      shell: { kind: 'text', value: 'NAME', form: `one of ${SHELLS.join(', ')}`, meaning: 'the shell' },
      ...OUT_TEXT_FLAG,
    },
    examples: [
      ['completion --shell bash -o ~/.local/share/bash-completion/completions/mandeltiles', 'for bash'],
      ['completion --shell zsh -o ~/.zfunc/_mandeltiles', 'for zsh, where ~/.zfunc is a folder of $fpath'],
      ['completion --shell fish -o ~/.config/fish/completions/mandeltiles.fish', 'for fish'],
    ],

    async run(flags) {
      const shell = requireChoice('--shell', SHELLS, flags.shell)
      await writeText(script(shell, await load()), flags.out)
    },
  })
