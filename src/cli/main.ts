// The command line: picks the command to run, and reports its failure.
import { Failure } from '../core/errors.ts'
import { COMMANDS, FORMER_COMMANDS, loadCommands } from './commands/index.ts'
import { EXIT_CODES, fail } from './exit.ts'
import { overview } from './help.ts'
import { nearest } from './suggest.ts'
import { printVersion } from './version.ts'

async function main([first, ...words]: string[]): Promise<void> {
  if (first === '--version' || first === '-V') return printVersion()
  if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && words.length === 0)) {
    return console.log(overview(await loadCommands(), EXIT_CODES))
  }
  // `help render` is `render --help`
  const [name, rest] = first === 'help' ? [words[0]!, ['--help']] : [first, words]
  const load = COMMANDS[FORMER_COMMANDS[name] ?? name]
  if (load) return (await load()).run(rest)
  const near = nearest(name, Object.keys(COMMANDS))
  const hint = near === undefined ? `the commands are ${Object.keys(COMMANDS).join(', ')}` : `did you mean ${near}?`
  throw new Failure('invalid', `there is no command ${name}; ${hint}`)
}

// a reader that closes early, such as `head`, is not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : fail(error))
})

main(process.argv.slice(2)).catch((error) => {
  process.exitCode = fail(error)
})
