// TOML with its numbers as text: a coordinate of three hundred digits and a zoom of 1e345 do not
// fit a double. The parser keeps the source of each number, so its syntax tree is read, not its
// values.
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser'
import { Failure } from '../../core/errors.ts'

/** A TOML document as text by path, such as `location.real` or `formula.0.power`. */
export type TomlTexts = Map<string, string>

/**
 * Reads a TOML document. Booleans become true and false, dates are left out.
 * @throws Failure `invalid`
 */
export function readToml(text: string): TomlTexts {
  const texts: TomlTexts = new Map()
  for (const node of parse(text).body[0].body) {
    if (node.type === 'TOMLKeyValue') addKeyValue(texts, [], node)
    else for (const entry of node.body) addKeyValue(texts, node.resolvedKey.map(String), entry)
  }
  return texts
}

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text)
  } catch (error) {
    // the parser recurses into nested arrays, and passes a value's characters as arguments
    if (error instanceof RangeError) {
      throw new Failure('invalid', 'the file must not have a value of 100,000 characters, or as many nested brackets')
    }
    if (!(error instanceof ParseError)) throw error
    throw new Failure('invalid', `the file must be TOML, line ${error.lineNumber} is not: ${error.message}`)
  }
}

function addKeyValue(texts: TomlTexts, path: string[], { key, value }: AST.TOMLKeyValue): void {
  const names = key.keys.map((name) => (name.type === 'TOMLBare' ? name.name : name.value))
  addValue(texts, [...path, ...names], value)
}

function addValue(texts: TomlTexts, path: string[], value: AST.TOMLContentNode): void {
  if (value.type === 'TOMLArray') {
    value.elements.forEach((element, k) => {
      addValue(texts, [...path, String(k)], element)
    })
  } else if (value.type === 'TOMLInlineTable') {
    for (const entry of value.body) addKeyValue(texts, path, entry)
  } else if (value.kind === 'integer' || value.kind === 'float') {
    const digits = value.number.replaceAll('_', '')
    // JavaScript's hexadecimal, octal and binary numbers are TOML's
    texts.set(path.join('.'), /^0[xob]/.test(digits) ? String(BigInt(digits)) : digits)
  } else if (value.kind === 'string' || value.kind === 'boolean') {
    texts.set(path.join('.'), String(value.value))
  }
}
