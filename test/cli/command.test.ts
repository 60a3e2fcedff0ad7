// What all commands have in common: help, version, old names of flags, and one-line errors.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadCommands } from '../../src/cli/commands/index.ts'
import { splitWords } from '../../src/cli/flag.ts'
import { commandHelp, overview } from '../../src/cli/help.ts'
import { nearest } from '../../src/cli/suggest.ts'
import { OPTIONS, type OptionName } from '../../src/core/options.ts'
import { ROOT } from '../../src/core/package.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const run = (words: string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8', env: { ...process.env, ...env } })
const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
const commands = await loadCommands()
const config = (words: string[], env: NodeJS.ProcessEnv = {}) => {
  const { stdout, stderr, status } = run(['serve', '--print-config=json', ...words], env)
  expect(status, stderr).toBe(0)
  return { stderr, config: JSON.parse(stdout) as Record<OptionName, { value: number | string; source: string }> }
}

test('every help text fits 80 columns, and names each flag and option with its range', () => {
  for (const command of commands) {
    const help = commandHelp(command)
    for (const line of help.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    const names = [...Object.keys(command.flags), ...command.options]
    for (const name of names) expect(help).toMatch(new RegExp(`^ +(-\\w, )?--${name}\\b`, 'm'))
    expect(command.examples.length).toBeGreaterThan(0)
  }
  for (const line of overview(commands, {}).split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('the examples in the help parse: every flag exists, and has a value', () => {
  for (const { name, flags, options, examples } of commands) {
    const table = { ...flags, ...Object.fromEntries(options.map((option) => [option, OPTIONS[option]])) }
    for (const [line] of examples) {
      const [first, ...words] = line.split(' | ')[0]!.split(' ')
      expect(first).toBe(name)
      expect(() => splitWords(name, words, table), line).not.toThrow()
    }
  }
})

test('-h and -V, --help and --version work for every command, and print the renderer’s version', () => {
  const whole = run(['--version']).stdout
  expect(whole).toMatch(new RegExp(`^${version}\nrenderer [\\w-]{12}\n$`))
  for (const words of [['-V'], ['serve', '-V'], ['health', '--version']]) expect(run(words).stdout).toBe(whole)
  const help = run(['render', '--help']).stdout
  expect(help).toMatch(/^usage: mandeltiles render /)
  for (const words of [
    ['render', '-h'],
    ['help', 'render'],
    ['render', '-o', 'a.png', '-h'],
  ]) {
    expect(run(words).stdout).toBe(help)
  }
})

test.each([
  [['rendr'], 'there is no command rendr; did you mean render?'],
  [['render', '--widht', '9'], 'render has no flag --widht; did you mean --width?'],
  [['render', '--iter', '9'], 'render has no flag --iter; did you mean --max-iter?'],
  [['serve', '--cache-byts=1'], 'serve has no flag --cache-byts; did you mean --cache-bytes?'],
  [['render', '-x'], 'render has no flag -x; see mandeltiles render --help'],
  [['render', '--out'], '--out needs a value: --out FILE'],
  [['render', '--out', '--resume'], '--out needs a value: --out FILE'],
  [['render', '-o', 'a.png', '--resume=yes'], '--resume has no value, it was "yes"'],
  [['serve', '--print-config=xml'], '--print-config may have one of json as its value, it was "xml"'],
  [['health', 'now'], 'health takes flags only, not "now"; see mandeltiles health --help'],
] as const)('the error for %j says what to do', (words, message) => {
  const { status, stderr } = run([...words])
  expect([status, stderr]).toEqual([2, `mandeltiles: ${message}\n`])
})

test('the suggested word is a plausible one, or none', () => {
  const names = Object.keys(OPTIONS)
  for (const [word, meant] of [
    ['prot', 'port'],
    ['hosts', 'host'],
    ['chace-dir', 'cache-dir'],
    ['maxzoom', 'max-zoom'],
    ['colour', undefined],
    ['x', undefined],
  ]) {
    expect(nearest(word!, names), word).toBe(meant)
  }
})

test('sizes may have a suffix, in powers of 1024; numbers may have an exponent', () => {
  const { config: read } = config(['--cache-bytes', '256M', '--orbit-bytes', '1.5GiB'], {
    MANDELTILES_SAMPLE_CACHE_BYTES: '512k',
    MANDELTILES_MAX_COST: '2e12',
  })
  expect(read['cache-bytes']).toEqual({ value: 256 * 2 ** 20, source: 'flag' })
  expect(read['orbit-bytes'].value).toBe(1.5 * 2 ** 30)
  expect(read['sample-cache-bytes']).toEqual({ value: 512 * 1024, source: 'environment' })
  expect(read['max-cost'].value).toBe(2e12)
  for (const wrong of ['256X', 'M', '-1M', '1e99', '0.3']) {
    const { status, stderr } = run(['serve', '--print-config', `--cache-bytes=${wrong}`])
    expect(status, wrong).toBe(2)
    expect(stderr).toBe(
      `mandeltiles: --cache-bytes must be a number of bytes from 0 to 16T, such as 256M, it was ${JSON.stringify(wrong)}\n`,
    )
  }
})

test('old names of commands, flags and variables still work', () => {
  const flag = config(['--counts-bytes', '7M'])
  expect(flag.config['sample-cache-bytes']).toEqual({ value: 7 * 2 ** 20, source: 'flag' })
  const variable = config([], { MANDELTILES_COUNTS_BYTES: '8M' })
  expect(variable.config['sample-cache-bytes']).toEqual({ value: 8 * 2 ** 20, source: 'environment' })
  const kfr = ['--format', 'kfr', '--re', '-1', '--im', '0']
  expect(run(['place', ...kfr]).stdout).toBe(run(['location', ...kfr]).stdout)
  expect(run(['seed', '--help']).stdout).toContain('formerly --places')
})

test('unknown variables cause a warning with the nearest name, except those of Kubernetes', () => {
  const { stderr } = config([], {
    MANDELTILES_CACHE_BYTS: '1',
    MANDELTILES_SERVICE_HOST: '10.0.0.1',
    MANDELTILES_SERVICE_PORT_HTTP: '80',
    MANDELTILES_PORT: 'tcp://10.0.0.1:80',
    MANDELTILES_PORT_80_TCP_ADDR: '10.0.0.1',
  })
  expect(stderr).toBe(
    'mandeltiles: the environment variable MANDELTILES_CACHE_BYTS is unknown; did you mean MANDELTILES_CACHE_BYTES?\n',
  )
})

test('--print-config prints an aligned table, and hides passwords', () => {
  const secret = ['--redis', 'redis://user:hunter2@10.0.0.5:6379/1']
  const { stdout } = run(['serve', '--print-config', ...secret])
  expect(stdout).not.toContain('hunter2')
  expect(stdout).toContain('redis://user:***@10.0.0.5:6379/1')
  const lines = stdout.trimEnd().split('\n')
  expect(lines.length).toBe(Object.keys(OPTIONS).length)
  const columns = new Set(lines.map((line) => line.search(/(flag|environment|default)$/)))
  expect(columns.size).toBe(1)
  const { config: read } = config(secret)
  expect(read.redis).toEqual({ value: 'redis://user:***@10.0.0.5:6379/1', source: 'flag' })
})
