import closeWithGrace from 'close-with-grace'
import type { Command } from '../cli.ts'
import { OPTIONS, type OptionName, type Options, resolveOptions } from '../options.ts'
import { buildServer } from '../server.ts'
import { describeOptions, optionFlags, readFlags } from './flags.ts'

const NAMES = Object.keys(OPTIONS) as OptionName[]
// requests in flight have this long to finish once the process is asked to end, in milliseconds
const GRACE = 20_000

// what a fault in native code raises: such a process can close nothing, and must end at once for its supervisor to see
const CRASHES = ['SIGILL', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGABRT', 'SIGTRAP'] as const satisfies NodeJS.Signals[]

/** Serves the map and the tiles until it is told to stop. */
export const serve: Command = {
  summary: 'serve the map, the tiles and the grid over HTTP',

  async run(words) {
    const flags = readFlags(words, {
      ...optionFlags(NAMES),
      help: { type: 'boolean' },
      'print-config': { type: 'boolean' },
    })
    if (flags.help) {
      console.log(`usage: mandeltiles serve [options]\n\n${describeOptions(NAMES)}`)
      console.log('  --print-config\n      print what holds and where it came from, then end')
      return
    }
    const { options, sources } = resolveOptions(flags as Partial<Record<OptionName, string>>, process.env)
    if (flags['print-config']) {
      for (const name of NAMES) console.log(`${name.padEnd(16)}${String(options[name]).padEnd(16)}${sources[name]}`)
      return
    }
    await listen(options)
  },
}

async function listen(options: Options): Promise<void> {
  const { app } = await buildServer(options)
  // SIGINT and SIGTERM drain: no new connection is taken, what is in flight finishes; a second signal ends at once
  closeWithGrace({ delay: GRACE, logger: app.log as never, skip: CRASHES }, async ({ err }) => {
    if (err) app.log.fatal({ err }, 'ending after an error that nobody caught')
    await app.close()
  })
  const address = await app.listen({ port: options.port, host: options.host })
  if (process.stdout.isTTY) console.log(`mandeltiles: the map is at ${address}`)
}
