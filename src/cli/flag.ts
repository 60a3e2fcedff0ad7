// Flags: one table per command, from which parsing, help, manual page and completion derive.
import { parseArgs } from 'node:util'
import { Failure } from '../core/errors.ts'
import { type Form, readValue } from '../core/option.ts'
import { nearest } from './suggest.ts'

interface Described {
  meaning: string
  /** its letter, as in -o */
  short?: string
  /** an earlier name, still read for one release */
  formerly?: string
  /** the placeholder for its value in the help, such as FILE */
  value?: string
  /** the default in words, if it is decided elsewhere */
  otherwise?: string
}
/** A flag without a value; with `choices` it may have one of these: --print-config=json. */
interface Switch extends Described {
  kind: 'switch'
  choices?: readonly string[]
}
/** A flag with a value. */
type Valued = Form & Described & { default?: number | string }

export type Flag = Switch | Valued
export type Flags = Readonly<Record<string, Flag>>

type ValueOf<F extends Flag> = F extends { kind: 'number' }
  ? number
  : F extends { kind: 'switch'; choices: readonly (infer Choice)[] }
    ? boolean | Choice
    : F extends { kind: 'switch' }
      ? boolean
      : F extends { kind: 'choice'; choices: readonly (infer Choice)[] }
        ? Choice
        : string

/** The values of a table of flags: undefined if a flag was left out and has no default. */
export type Values<F extends Flags> = {
  [Name in keyof F]: F[Name] extends { kind: 'switch' } | { default: unknown }
    ? ValueOf<F[Name]>
    : ValueOf<F[Name]> | undefined
}

/** The text of each flag that was given; true for a switch. */
export type Texts = Record<string, string | true>

/**
 * Splits the words after a command into flags. A value may be a negative number: --re -0.75.
 * @throws Failure that names the flag, and suggests a known one if it is unknown
 */
export function splitWords(command: string, words: string[], flags: Flags): Texts {
  const names = new Map(
    Object.entries(flags).flatMap(([name, { formerly }]) => [
      [name, name],
      ...(formerly ? [[formerly, name]] : []),
    ]) as [string, string][],
  )
  const specs = Object.fromEntries(
    [...names].map(([written, name]) => {
      const { kind, short } = flags[name]!
      const type = kind === 'switch' ? ('boolean' as const) : ('string' as const)
      return [written, { type, ...(short !== undefined && written === name && { short }) }]
    }),
  )
  // not strict, because its own messages know neither the nearest flag nor the form of a value
  const { tokens } = parseArgs({ args: words, options: specs, strict: false, tokens: true })
  const texts: Texts = {}
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') {
      throw new Failure('invalid', `${command} takes flags only, not ${JSON.stringify(token.value)}${seeHelp(command)}`)
    }
    const name = names.get(token.name)
    if (name === undefined) throw unknownFlag(command, token.rawName, [...names.keys()])
    texts[name] = textOf(token, name, flags[name]!)
  }
  return texts
}

function textOf(
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
  name: string,
  flag: Flag,
) {
  const { rawName, value, inlineValue } = token
  if (flag.kind === 'switch') {
    if (value === undefined) return true
    if (flag.choices?.includes(value)) return value
    const form = flag.choices ? `may have one of ${flag.choices.join(', ')} as its value` : 'has no value'
    throw new Failure('invalid', `--${name} ${form}, it was ${JSON.stringify(value)}`)
  }
  // a flag is not a value; a negative number and a lone dash (standard output) are
  if (value === undefined || (!inlineValue && /^-[^\d.]/.test(value))) {
    throw new Failure('invalid', `${rawName} needs a value: ${rawName} ${placeholder(flag)}`)
  }
  return value
}

function unknownFlag(command: string, written: string, names: readonly string[]): Failure {
  const near = written.startsWith('--') ? nearest(written.slice(2), names) : undefined
  const hint = near === undefined ? seeHelp(command) : `; did you mean --${near}?`
  return new Failure('invalid', `${command} has no flag ${written}${hint}`)
}

function seeHelp(command: string): string {
  return `; see mandeltiles ${command} --help`
}

/** The values of flags, defaults included. @throws Failure with a message that names the flag */
export function readFlags<F extends Flags>(flags: F, texts: Texts): Values<F> {
  const values = Object.entries(flags).map(([name, flag]) => {
    const text = texts[name]
    if (flag.kind === 'switch') return [name, text ?? false]
    return [name, text === undefined ? flag.default : readValue(`--${name}`, flag, String(text))]
  })
  return Object.fromEntries(values) as Values<F>
}

/** The placeholder for the value of a flag in its help; empty for a switch. */
export function placeholder(flag: Flag): string {
  if (flag.kind === 'switch') return ''
  if (flag.value !== undefined) return flag.value
  if (flag.kind === 'number') return flag.unit === 'bytes' ? 'SIZE' : 'N'
  return flag.kind === 'choice' ? 'NAME' : 'TEXT'
}
