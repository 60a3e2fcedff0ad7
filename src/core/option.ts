// Allowed values, and how to parse them: shared by the option table, the flags of every command,
// and their help.
import { Failure, mustBe } from './errors.ts'
import { readNumber } from './parse.ts'

interface NumberForm {
  kind: 'number'
  min: number
  max: number
  /** 'bytes' also takes 256M and the like */
  unit?: string
  /** are fractions allowed? */
  fraction?: boolean
}
interface TextForm {
  kind: 'text'
  /** the allowed values in words */
  form?: string
  pattern?: RegExp
}
interface ChoiceForm {
  kind: 'choice'
  choices: readonly string[]
}

/** What a value may be. */
export type Form = NumberForm | TextForm | ChoiceForm

/** An option: what it may be, its default and its meaning in one sentence. */
export type Option =
  | (NumberForm & Described<number>)
  | (TextForm & Described<string> & { form: string; pattern: RegExp })
  | (ChoiceForm & Described<string>)

interface Described<T> {
  default: T
  meaning: string
  /** the letter of its flag, as in -p */
  short?: string
  /** is it never shown? */
  secret?: boolean
  /** an earlier name, still read for one release */
  formerly?: string
}

/**
 * Reads a value from its text.
 * @throws Failure `invalid` with the name, the allowed values and the text
 */
export function readValue(name: string, form: Form, text: string): number | string {
  if (form.kind === 'number') {
    const value = form.unit === 'bytes' ? readBytes(text) : readNumber(text)
    const whole = form.fraction || Number.isInteger(value)
    if (whole && value >= form.min && value <= form.max) return value
  } else if (form.kind === 'choice' ? form.choices.includes(text) : (form.pattern?.test(text) ?? true)) {
    return text
  }
  const shown = 'secret' in form && form.secret ? '***' : withoutPassword(text)
  throw new Failure('invalid', mustBe(name, range(form), shown))
}

/** A text without the password of an address in it. */
export function withoutPassword(text: string): string {
  return text.replace(/^(\w+:\/\/[^/@:]*:)[^/]*@/, '$1***@')
}

/** The allowed values in words; empty where every text is allowed. */
export function range(form: Form): string {
  if (form.kind === 'choice') return `one of ${form.choices.join(', ')}`
  if (form.kind === 'text') return form.form ?? ''
  const { min, max, unit, fraction } = form
  if (unit === 'bytes') return `a number of bytes from ${formatBytes(min)} to ${formatBytes(max)}, such as 256M`
  return `a ${fraction ? '' : 'whole '}number from ${min} to ${max}`
}

/** The suffixes of a number of bytes: powers of 1024, as for `docker run --memory`. */
const SUFFIXES = ['', 'K', 'M', 'G', 'T', 'P']

// 268435456, 256M, 256MB, 256MiB and 0.25G are the same number of bytes. NaN for anything else.
function readBytes(text: string): number {
  const [, number = '', suffix = ''] = /^([\d.]+(?:e\d+)?)\s*(?:([KMGTP])(?:i?B)?|B)?$/i.exec(text) ?? []
  return readNumber(number) * 1024 ** SUFFIXES.indexOf(suffix.toUpperCase())
}

/** A number of bytes in the largest unit that divides it: 256M. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && value % 1024 === 0 && unit < SUFFIXES.length - 1; unit++) value /= 1024
  return `${value}${SUFFIXES[unit]}`
}
