// The manual page, mandeltiles(1), in the man macros of roff.
import { OPTIONS, variable } from '../core/options.ts'
import { PACKAGE_VERSION } from '../core/package.ts'
import type { Command } from './command.ts'
import type { Flag } from './flag.ts'
import { details, flagHead } from './help.ts'

/** The manual page of all commands. */
export function manual(commands: readonly Command[], exitCodes: Readonly<Record<number, string>>): string {
  const lines = [
    `.TH MANDELTILES 1 "" "mandeltiles ${PACKAGE_VERSION}" "User Commands"`,
    '.SH NAME',
    'mandeltiles \\- a tile server for the Mandelbrot set',
    '.SH SYNOPSIS',
    '.B mandeltiles',
    '.I COMMAND',
    '.RI [ flags ]',
    '.SH DESCRIPTION',
    text('A map of the Mandelbrot set at any depth for the browser, and its tiles, images, films and numbers.'),
    '.SH COMMANDS',
    ...commands.flatMap(describe),
    '.SH ENVIRONMENT',
    text(
      'Each option of the server can be set by the environment variable listed with it. A flag overrides a ' +
        'variable, and a variable overrides the default. NODE_DEBUG=mandeltiles shows the stacks of errors.',
    ),
    '.SH EXIT STATUS',
    ...Object.entries(exitCodes).flatMap(([code, meaning]) => ['.TP', `.B ${code}`, text(meaning)]),
    '.SH EXAMPLES',
    ...commands.flatMap(({ examples }) =>
      examples.flatMap(([words, meaning]) => [
        '.PP',
        text(`${meaning}:`),
        '.PP',
        '.RS 4',
        '.EX',
        text(`mandeltiles ${words}`),
        '.EE',
        '.RE',
      ]),
    ),
  ]
  return `${lines.join('\n')}\n`
}

function describe({ name, usage, about, flags, options }: Command): string[] {
  return [
    `.SS ${text(`mandeltiles ${name} ${usage}`)}`,
    ...about.flatMap((paragraph) => [text(paragraph), '.PP']),
    ...Object.entries(flags).flatMap(([flag, spec]) => entry(flag, spec)),
    ...options.flatMap((option) => entry(option, OPTIONS[option], [`or ${variable(option)}`])),
  ]
}

function entry(name: string, flag: Flag, more: readonly string[] = []): string[] {
  return ['.TP', `.B ${text(flagHead(name, flag).trim())}`, text(`${flag.meaning}${details(flag, more)}`)]
}

/** A line of text, escaped so that roff finds no escape, hyphen or request in it. */
function text(line: string): string {
  return line.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&')
}
