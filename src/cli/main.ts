// The command line: which command, and how a failure reads on a terminal.
import { Failure } from '../core/errors.ts'
import { PACKAGE_VERSION } from '../core/package.ts'
import type { Command } from './command.ts'

// loaded when asked for, so that `health` starts neither sharp nor the kernel
const COMMANDS: Record<string, () => Promise<Command>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  seed: async () => (await import('./commands/seed.ts')).seed,
  work: async () => (await import('./commands/work.ts')).work,
  render: async () => (await import('./commands/render.ts')).render,
  zoom: async () => (await import('./commands/zoom.ts')).zoom,
  pyramid: async () => (await import('./commands/pyramid.ts')).pyramid,
  palette: async () => (await import('./commands/palette.ts')).palette,
  place: async () => (await import('./commands/place.ts')).place,
  health: async () => (await import('./commands/health.ts')).health,
}

async function main([name, ...words]: string[]): Promise<void> {
  if (name === '--version') return console.log(PACKAGE_VERSION)
  const load = name === undefined ? undefined : COMMANDS[name]
  if (load) return (await load()).run(words)
  if (name !== undefined && name !== '--help' && name !== 'help') {
    throw new Failure('invalid', `there is no command ${name}: it may be ${Object.keys(COMMANDS).join(', ')}`)
  }
  console.log('mandeltiles: a tile server for the Mandelbrot set\n\nusage: mandeltiles COMMAND [--help]\n')
  for (const [name, load] of Object.entries(COMMANDS)) console.log(`  ${name.padEnd(8)}${(await load()).summary}`)
}

main(process.argv.slice(2)).catch((error) => {
  const said = error instanceof Failure || error.code?.startsWith('ERR_PARSE_ARGS')
  console.error(`mandeltiles: ${said ? error.message : error.stack}`)
  process.exitCode = said ? 2 : 1
})
