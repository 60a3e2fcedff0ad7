// Runs all benchmarks, or the named ones, each in its own process. The output replaces the table of
// its page in bench/results/, with machine and date.
//   npm run bench [-- name [argument ...] ...]
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { mustBe } from '../src/core/errors.ts'
import { kernel } from '../src/kernel/binding.ts'

// CPU per request is measured on one core, where the system can say so: on one core no process
// wakes another from sleep, which in virtual machines takes as long as the answer.
const PINNED = runs('taskset') ? ['taskset', '-c', '0'] : []
const ONE_CORE = [...PINNED, process.execPath, '--import', 'tsx']
const SUBJECTS: Record<string, string[]> = {
  tile: ['bench/kernel/tile.ts'],
  deep: ['bench/kernel/deep.ts'],
  islands: ['bench/kernel/islands.ts'],
  dive: ['bench/kernel/dive.ts'],
  limits: ['bench/kernel/limits.ts'],
  film: ['bench/kernel/film.ts'],
  filmcolours: ['bench/kernel/filmcolours.ts'],
  'deep-library': ['sh', 'bench/native/deep.sh'],
  encode: ['bench/kernel/encode.ts'],
  viewport: ['bench/http/viewport.ts'],
  cold: [...ONE_CORE, 'bench/http/cold.ts'],
  cached: [...ONE_CORE, 'bench/http/cached.ts'],
  start: ['bench/http/start.ts'],
  capacity: ['bench/http/capacity.ts'],
  interior: ['bench/kernel/interior.ts'],
  verify: ['bench/kernel/verify.ts'],
  walk: ['bench/kernel/walk.ts'],
  compare: ['bench/kernel/compare.ts'],
  orbits: ['sh', 'bench/native/orbits.sh'],
  gmp: ['sh', 'bench/native/gmp.sh'],
}
/** Subjects that compile programs in C. */
const COMPILED = ['tile', 'compare', 'deep-library', 'orbits', 'gmp']
const RESULTS = new URL('results/', import.meta.url)

const asked = subjects(process.argv.slice(2))
for (const [name, words] of asked) {
  console.log(`\n== ${name} ${words.join(' ')}`)
  const missing = missingTool(name)
  if (missing) {
    console.error(`${missing} was not found: ${name} is left out`)
    continue
  }
  const { output, code } = await run(SUBJECTS[name]!, words)
  // arguments choose a part of a subject: that is not recorded
  if (code === 0 && words.length === 0) record(name, output)
  if (code !== 0) process.exitCode = 1
}

/** The tool that a subject needs and this machine lacks, if any. */
function missingTool(name: string): string | undefined {
  if (!COMPILED.includes(name)) return undefined
  const [compiler = 'cc', ...words] = (process.env.CC ?? 'cc').split(' ')
  if (!runs(compiler)) return `a C compiler (${compiler})`
  const input = '#include <gmp.h>'
  if (name === 'gmp' && spawnSync(compiler, [...words, '-E', '-'], { input }).status !== 0) return 'libgmp-dev'
  return undefined
}

/** Can a program be started? */
function runs(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined
}

/** The named subjects, each with the arguments that follow it; all subjects if none is named. */
function subjects(words: string[]): [string, string[]][] {
  const named: [string, string[]][] = []
  for (const word of words) {
    if (Object.hasOwn(SUBJECTS, word)) named.push([word, []])
    else if (named.length > 0) named.at(-1)![1].push(word)
    else {
      console.error(`bench: ${mustBe('a benchmark', `one of ${Object.keys(SUBJECTS).join(', ')}`, word)}`)
      process.exit(2)
    }
  }
  return named.length > 0 ? named : Object.keys(SUBJECTS).map((name) => [name, []])
}

async function run(command: string[], words: string[]): Promise<{ output: string; code: number }> {
  const [file, ...rest] = command[0]!.endsWith('.ts') ? [process.execPath, '--import', 'tsx', ...command] : command
  const child = spawn(file!, [...rest, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  for await (const part of child.stdout!) {
    process.stdout.write(part)
    output += part
  }
  const code =
    child.exitCode ?? (await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1))))
  return { output, code }
}

/** Replaces the text between the marks of the subject's page. */
function record(name: string, output: string): void {
  const page = new URL(`${name}.md`, RESULTS)
  const text = readFileSync(page, 'utf8')
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const section = `${open}\n\n${stamp()}\n\n\`\`\`\n${output.trimEnd()}\n\`\`\`\n\n${close}`
  const from = text.indexOf(open)
  if (from < 0) throw new Error(`bench/results/${name}.md has no place for its table: add ${open}${close}`)
  const to = text.indexOf(close) + close.length
  writeFileSync(page, text.slice(0, from) + section + text.slice(to))
}

function stamp(): string {
  const day = new Date().toISOString().slice(0, 10)
  return `${day}, ${cpus()[0]!.model.replace(/\s+/g, ' ')}, ${availableParallelism()} cores, ${kernel.isa()}, Node ${process.version}`
}
