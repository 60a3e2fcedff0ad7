import { type ParseArgsConfig, parseArgs } from 'node:util'
import { OPTIONS, type Option, type OptionName, range, variable } from '../core/options.ts'

type FlagSpecs = NonNullable<ParseArgsConfig['options']>

/** Flags of the option table, for parseArgs. */
export function optionFlags(names: readonly OptionName[]): FlagSpecs {
  return Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
}

/** Splits the words behind a command into flags; an unknown one is refused by parseArgs with a sentence. */
export function readFlags(words: string[], specs: FlagSpecs): Record<string, string | boolean | undefined> {
  // parseArgs takes "--re -0.75" for two flags: join a flag and the negative number behind it
  const args = words.reduce<string[]>((joined, word) => {
    const last = joined.at(-1)
    if (/^-[\d.]/.test(word) && last !== undefined && /^--[\w-]+$/.test(last))
      joined[joined.length - 1] = `${last}=${word}`
    else joined.push(word)
    return joined
  }, [])
  return parseArgs({ args, options: specs, strict: true, allowPositionals: false }).values as Record<
    string,
    string | boolean | undefined
  >
}

/** The option table's part of a --help: flag, meaning, range, default and environment variable. */
export function describeOptions(names: readonly OptionName[]): string {
  return names
    .map((name) => {
      const option: Option = OPTIONS[name]
      const unit = option.kind === 'number' && option.unit ? ` (${option.unit})` : ''
      const fallback = option.default === '' ? 'empty' : option.default
      return [
        `  --${name}${unit}`,
        `      ${option.meaning}`,
        `      ${range(option)}; default ${fallback}; or ${variable(name)}`,
      ].join('\n')
    })
    .join('\n')
}
