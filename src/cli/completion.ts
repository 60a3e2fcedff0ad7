// Completion of commands, flags and their values, as a script for a shell.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of the shell
import { OPTIONS } from '../core/options.ts'
import type { Command } from './command.ts'
import type { Flag, Flags } from './flag.ts'

/** The shells, each with the function that writes its script. */
const WRITERS = { bash, zsh, fish }

export const SHELLS = Object.keys(WRITERS) as (keyof typeof WRITERS)[]

/** The script that completes the command line in a shell. */
export function completion(shell: (typeof SHELLS)[number], commands: readonly Command[]): string {
  return `${WRITERS[shell](commands).join('\n')}\n`
}

/** All words that may follow a command, including the options of the server. */
function flagsOf({ flags, options }: Command): [name: string, flag: Flag][] {
  const shared: Flags = Object.fromEntries(options.map((name) => [name, OPTIONS[name]]))
  return Object.entries({ ...flags, ...shared })
}

/** The values to choose from; none if any text is allowed. */
function choicesOf(flag: Flag): readonly string[] {
  return flag.kind === 'choice' || flag.kind === 'switch' ? (flag.choices ?? []) : []
}

/** A flag as it is written: --out, and -o where it has a letter. */
function spellings(name: string, { short }: Flag): string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]
}

// if nothing matches, bash completes file names
function bash(commands: readonly Command[]): string[] {
  const reply = (words: readonly string[]) => `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$word"))`
  return [
    '# completion for bash: source <(mandeltiles completion --shell bash)',
    '_mandeltiles() {',
    '  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}',
    '  COMPREPLY=()',
    '  if ((COMP_CWORD == 1)); then',
    `    ${reply(commands.map(({ name }) => name))}`,
    '    return',
    '  fi',
    '  case "${COMP_WORDS[1]} $before" in',
    ...commands.flatMap((command) =>
      flagsOf(command).flatMap(([name, flag]) => {
        if (flag.kind === 'switch') return []
        const patterns = spellings(name, flag).map((spelling) => `'${command.name} ${spelling}'`)
        const choices = choicesOf(flag)
        return [`    ${patterns.join('|')}) ${choices.length > 0 ? `${reply(choices)}; ` : ''}return ;;`]
      }),
    ),
    '  esac',
    '  case ${COMP_WORDS[1]} in',
    ...commands.map((command) => {
      const words = flagsOf(command).flatMap(([name, flag]) => [
        ...spellings(name, flag),
        ...(flag.kind === 'switch' ? choicesOf(flag).map((choice) => `--${name}=${choice}`) : []),
      ])
      return `    ${command.name}) ${reply(words)} ;;`
    }),
    '  esac',
    '}',
    'complete -o default -F _mandeltiles mandeltiles',
  ]
}

function zsh(commands: readonly Command[]): string[] {
  // within '…', and within the brackets of _arguments
  const quote = (text: string) => text.replaceAll("'", "'\\''")
  const bracketed = (text: string) => quote(text.replace(/[[\]:\\]/g, '\\$&'))
  const specification = ([name, flag]: [string, Flag]) => {
    const choices = choicesOf(flag)
    const values = choices.length > 0 ? `(${choices.join(' ')})` : '_files'
    const value = flag.kind === 'switch' ? '' : `:value:${values}`
    const written = spellings(name, flag)
    const head = written.length > 1 ? `'(${written.join(' ')})'{${written.join(',')}}` : `${written[0]}`
    return `${head}'[${bracketed(flag.meaning)}]${value}'`
  }
  return [
    '#compdef mandeltiles',
    '# completion for zsh: mandeltiles completion --shell zsh > a folder of $fpath, as _mandeltiles',
    '_mandeltiles() {',
    '  local -a commands line',
    '  commands=(',
    ...commands.map(({ name, summary }) => `    '${name}:${bracketed(summary)}'`),
    '  )',
    "  _arguments -C '1:command:{_describe command commands}' '*::flag:->flags'",
    '  case $line[1] in',
    ...commands.map(
      (command) => `    ${command.name}) _arguments -s ${flagsOf(command).map(specification).join(' \\\n      ')} ;;`,
    ),
    '  esac',
    '}',
    'if [ "$funcstack[1]" = _mandeltiles ]; then _mandeltiles "$@"; else compdef _mandeltiles mandeltiles; fi',
  ]
}

function fish(commands: readonly Command[]): string[] {
  const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`
  const names = commands.map(({ name }) => name).join(' ')
  return [
    '# completion for fish: mandeltiles completion --shell fish > ~/.config/fish/completions/mandeltiles.fish',
    ...commands.map(
      ({ name, summary }) =>
        `complete -c mandeltiles -f -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quote(summary)}`,
    ),
    ...commands.flatMap((command) =>
      flagsOf(command).map(([name, flag]) => {
        const short = flag.short === undefined ? '' : ` -s ${flag.short}`
        const choices = choicesOf(flag)
        const value = flag.kind === 'switch' ? '' : choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : ' -r -F'
        const where = `-n '__fish_seen_subcommand_from ${command.name}'`
        return `complete -c mandeltiles ${where} -l ${name}${short}${value} -d ${quote(flag.meaning)}`
      }),
    ),
  ]
}
