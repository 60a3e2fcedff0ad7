// --print-config: the options in effect and where each came from.
import { formatBytes, type Option, withoutPassword } from '../core/option.ts'
import { OPTION_NAMES, OPTIONS, type OptionName, type Options, type Source } from '../core/options.ts'

/** Prints a table, or JSON: { "port": { "value": 8080, "source": "default" }, … }. */
export function printConfig(options: Options, sources: Record<OptionName, Source>, asJson: boolean): void {
  if (asJson) {
    const entries = OPTION_NAMES.map((name) => [name, { value: masked(name, options[name]), source: sources[name] }])
    console.log(JSON.stringify(Object.fromEntries(entries), undefined, 2))
    return
  }
  const rows = OPTION_NAMES.map((name) => [name, shown(name, options[name]), sources[name]] as const)
  const [first, second] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length))) as [
    number,
    number,
  ]
  for (const [name, value, source] of rows) console.log(`${name.padEnd(first)}  ${value.padEnd(second)}  ${source}`)
}

function shown(name: OptionName, value: number | string): string {
  const option: Option = OPTIONS[name]
  return option.kind === 'number' && option.unit === 'bytes' ? formatBytes(Number(value)) : String(masked(name, value))
}

/** A value without a secret, or the password in an address. */
function masked(name: OptionName, value: number | string): number | string {
  const option: Option = OPTIONS[name]
  if (option.secret && value !== '') return '***'
  return typeof value === 'number' ? value : withoutPassword(value)
}
