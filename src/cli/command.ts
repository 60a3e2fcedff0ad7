// Commands. Each is one `defineCommand`: its tables of flags and examples, and its action.
// Everything else, from --help to the suggestion for a mistyped flag, is shared.
//
// Commands import heavy modules (renderer, sharp, BullMQ) when they run, so that --help, --version
// and flag errors are instant.
import {
  OPTION_NAMES,
  OPTIONS,
  type OptionName,
  type Options,
  resolveOptions,
  type Source,
  unknownVariables,
  variable,
} from '../core/options.ts'
import { type Flags, readFlags, splitWords, type Texts, type Values } from './flag.ts'
import { type CommandText, commandHelp } from './help.ts'
import { nearest } from './suggest.ts'
import { printVersion } from './version.ts'

interface Definition<F extends Flags> extends Omit<CommandText, 'options'> {
  flags: F
  options?: readonly OptionName[]
  run(values: Values<F>, context: Context): Promise<void>
}

/** The options in effect, and where each came from. */
export interface Context {
  options: Options
  sources: Record<OptionName, Source>
}

export interface Command extends CommandText {
  run(words: string[]): Promise<void>
}

const COMMON = {
  help: { kind: 'switch', short: 'h', meaning: 'print this help' },
  version: { kind: 'switch', short: 'V', meaning: 'print the version' },
} as const satisfies Flags

/** A command, with --help and --version. */
export function defineCommand<const F extends Flags>(definition: Definition<F>): Command {
  const { name, options = [], run } = definition
  const flags = { ...definition.flags, ...COMMON }
  const optionFlags: Flags = Object.fromEntries(options.map((option) => [option, OPTIONS[option]]))
  const command: Command = {
    ...definition,
    flags,
    options,
    async run(words) {
      const texts = splitWords(name, words, { ...flags, ...optionFlags })
      if (texts.help) return console.log(commandHelp(command))
      if (texts.version) return printVersion()
      const context = resolveOptions(pick(texts, options), process.env)
      warnOfVariables()
      await run(readFlags(definition.flags, texts), context)
    },
  }
  return command
}

function pick(texts: Texts, names: readonly OptionName[]): Partial<Record<OptionName, string>> {
  return Object.fromEntries(names.flatMap((name) => (texts[name] === undefined ? [] : [[name, String(texts[name])]])))
}

function warnOfVariables(): void {
  const known = OPTION_NAMES.map(variable)
  for (const key of unknownVariables(process.env)) {
    const near = nearest(key, known)
    console.error(
      `mandeltiles: the environment variable ${key} is unknown${near === undefined ? '' : `; did you mean ${near}?`}`,
    )
  }
}
