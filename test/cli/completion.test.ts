// Completion, as the shells themselves do it, and the manual page.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { loadCommands } from '../../src/cli/commands/index.ts'
import { completion, SHELLS } from '../../src/cli/completion.ts'
import { EXIT_CODES } from '../../src/cli/exit.ts'
import { manual } from '../../src/cli/manual.ts'
import { ROOT } from '../../src/core/package.ts'

const commands = await loadCommands()
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-completion-'))
afterAll(() => rmSync(folder, { recursive: true }))
for (const shell of SHELLS) writeFileSync(join(folder, shell), completion(shell, commands))

const CASES = [
  ['rend', 'render'],
  ['render --wid', '--width'],
  ['serve --log-level sil', 'silent'],
  ['pyramid --resu', '--resume'],
] as const

test.each(CASES)('bash completes %j with %s', (line, completed) => {
  const words = ['mandeltiles', ...line.split(' ')]
  const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mandeltiles; printf '%s\\n' "\${COMPREPLY[@]}"`
  expect(String(execFileSync('bash', ['-c', script, join(folder, 'bash'), ...words]))).toBe(`${completed}\n`)
})

test.each(CASES)('fish completes %j with %s', (line, completed) => {
  const script = `source ${join(folder, 'fish')}; complete -C 'mandeltiles ${line}'`
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
  const said = String(execFileSync('fish', ['--no-config', '-c', script], { env }))
  expect(said.split('\n').map((line) => line.split('\t')[0])).toEqual([completed, ''])
})

test('zsh completes like bash and fish', () => {
  // zsh completes only in a terminal: it gets one, and a tab. Then the completed line is run, and
  // prints its last word. One session completes all lines, because its start takes seconds
  const out = join(folder, 'completed')
  const complete = CASES.map(
    ([line]) => `: > ${out}
zpty -w -n t $'mandeltiles ${line}\\t\\n'
until [[ -s ${out} ]]; do sleep 0.02; done
cat ${out}`,
  )
  const script = `zmodload zsh/zpty
zpty t zsh -f -i
zpty -w t 'autoload -U compinit; compinit -u -D; source ${join(folder, 'zsh')}'
zpty -w t 'mandeltiles() { print -r -- "$@[-1]" > ${out} }; mandeltiles ready'
until [[ -s ${out} ]]; do sleep 0.02; done
${complete.join('\n')}`
  const said = String(execFileSync('zsh', ['-f', '-c', script], { env: { ...process.env, TERM: 'dumb' } }))
  expect(said.split('\n')).toEqual([...CASES.map(([, completed]) => completed), ''])
})

test('the manual page has all commands, flags, variables and exit codes, and no accidental roff request', () => {
  const page = manual(commands, EXIT_CODES)
  expect(readFileSync(new URL('dist/mandeltiles.1', ROOT), 'utf8')).toBe(page)
  for (const { name, flags } of commands) {
    expect(page).toContain(`.SS mandeltiles ${name} `)
    for (const flag of Object.keys(flags)) expect(page).toContain(`\\-\\-${flag.replaceAll('-', '\\-')}`)
  }
  expect(page).toContain('MANDELTILES_CACHE_BYTES')
  for (const code of Object.keys(EXIT_CODES)) expect(page).toContain(`.B ${code}\n`)
  const requests = page.split('\n').filter((line) => /^[.']/.test(line))
  for (const line of requests) expect(line).toMatch(/^\.(TH|SH|SS|TP|PP|B|I|RI|RS|RE|EX|EE)( |$)/)
})

test('the command line writes both completions and manual page, and asks for the shell', () => {
  const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
  const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })
  expect(run('completion', '--shell', 'bash').stdout).toBe(completion('bash', commands))
  expect(run('completion').stderr).toBe('mandeltiles: --shell must be one of bash, zsh, fish, it was ""\n')
  expect(run('manual').stdout).toMatch(/^\.TH MANDELTILES 1 /)
})
