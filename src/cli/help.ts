// The help of commands, in lines of at most 80 columns.

import { formatBytes, range } from '../core/option.ts'
import { OPTIONS, type OptionName, variable } from '../core/options.ts'
import { type Flag, type Flags, placeholder } from './flag.ts'

const WIDTH = 80
/** The column of the descriptions, after most flags. */
const COLUMN = 26

/** An example command line, without `mandeltiles`, and what it does. */
export type Example = readonly [words: string, meaning: string]

/** The help of a command. */
export interface CommandText {
  name: string
  /** one line for the list of commands */
  summary: string
  /** the arguments after the name, in short */
  usage: string
  /** paragraphs of the help */
  about: readonly string[]
  flags: Flags
  /** options of the server that apply here too */
  options: readonly OptionName[]
  examples: readonly Example[]
}

/** The help of a command: what it does, its flags, examples. */
export function commandHelp({ name, usage, about, flags, options, examples }: CommandText): string {
  const own = Object.entries(flags)
  return [
    `usage: mandeltiles ${name} ${usage}`,
    '',
    ...about.flatMap((paragraph) => [...wrap(paragraph), '']),
    ...(own.length > 0 ? ['flags:', ...own.flatMap(([flag, spec]) => describe(flag, spec)), ''] : []),
    ...(options.length > 0
      ? ['options, also set by environment variables:', ...options.flatMap(describeOption), '']
      : []),
    'examples:',
    ...examples.flatMap(([words, meaning]) => [...wrap(`# ${meaning}`, 2), ...wrapWords(`mandeltiles ${words}`)]),
  ].join('\n')
}

/** The list of commands, and the exit codes. */
export function overview(commands: readonly CommandText[], exitCodes: Readonly<Record<number, string>>): string {
  const entry = (name: string, text: string) => hang(`  ${name}`, text, 14)
  return [
    'mandeltiles: a tile server for the Mandelbrot set',
    '',
    'usage: mandeltiles COMMAND [flags]',
    '',
    'commands:',
    ...commands.flatMap(({ name, summary }) => entry(name, summary)),
    '',
    'mandeltiles COMMAND --help describes the flags of a command, with examples.',
    '-h and -V stand for --help and --version, -o for --out, -p for --port.',
    '',
    'exit codes:',
    ...Object.entries(exitCodes).flatMap(([code, meaning]) => entry(code, meaning)),
  ].join('\n')
}

function describeOption(name: OptionName): string[] {
  return describe(name, OPTIONS[name], [`or ${variable(name)}`])
}

function describe(name: string, flag: Flag, more: string[] = []): string[] {
  return hang(flagHead(name, flag), `${flag.meaning}${details(flag, more)}`, COLUMN)
}

/** A flag as it is written: `  -o, --out FILE`. */
export function flagHead(name: string, flag: Flag): string {
  const short = flag.short === undefined ? '  ' : `-${flag.short}`
  const choices = flag.kind === 'switch' && flag.choices ? `[=${flag.choices.join('|')}]` : ''
  return `  ${short}${flag.short === undefined ? ' ' : ','} --${name}${choices} ${placeholder(flag)}`.trimEnd()
}

/** A flag's allowed values and its default, in brackets; empty if there are none. */
export function details(flag: Flag, more: readonly string[] = []): string {
  const formerly = flag.formerly === undefined ? '' : `formerly --${flag.formerly}`
  const own = flag.kind === 'switch' ? [] : [formOf(flag), defaultOf(flag)]
  const all = [...own, ...more, formerly].filter(Boolean)
  return all.length > 0 ? ` (${all.join('; ')})` : ''
}

function formOf(flag: Exclude<Flag, { kind: 'switch' }>): string {
  if (flag.kind !== 'number') return range(flag)
  const { min, max, unit = '' } = flag
  if (unit === 'bytes') return `${formatBytes(min)} to ${formatBytes(max)}`
  return `${short(min)} to ${short(max)} ${unit}`.trimEnd()
}

// 1000000000000000000 as 1e18
function short(value: number): string {
  return value >= 1e9 && value % 1e9 === 0 ? value.toExponential().replace('+', '') : String(value)
}

function defaultOf(flag: Exclude<Flag, { kind: 'switch' }>): string {
  if (flag.otherwise !== undefined) return `default ${flag.otherwise}`
  if (flag.default === undefined) return ''
  if (flag.default === '') return 'default empty'
  if (flag.kind !== 'number') return `default ${flag.default}`
  const value = Number(flag.default)
  return `default ${flag.unit === 'bytes' ? formatBytes(value) : short(value)}`
}

/** A text beside or below its head, with its lines indented equally. */
function hang(head: string, text: string, column: number): string[] {
  const lines = wrap(text, column)
  if (head.length + 2 > column) return [head, ...lines]
  return [head.padEnd(column) + lines[0]!.trimStart(), ...lines.slice(1)]
}

function wrap(text: string, indent = 0): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((line) => ' '.repeat(indent) + line)
}

// a command over several lines, as a shell accepts it
function wrapWords(command: string): string[] {
  const lines: string[] = []
  let line = ' '
  // a flag and its value stay together
  for (const part of command.split(/ (?=--?\w)/)) {
    if (line.length + part.length + 3 > WIDTH) {
      lines.push(`${line} \\`)
      line = `     ${part}`
    } else line = `${line} ${part}`
  }
  return [...lines, line]
}
