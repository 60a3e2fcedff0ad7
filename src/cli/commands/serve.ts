import closeWithGrace from 'close-with-grace'
import { written } from '../../core/log.ts'
import { OPTIONS, type OptionName, type Options, resolveOptions } from '../../core/options.ts'
import { buildServer } from '../../http/server.ts'
import type { Command } from '../command.ts'
import { describeOptions, optionFlags, readFlags } from '../flags.ts'

const NAMES = Object.keys(OPTIONS) as OptionName[]
// once the process is asked to end it has this long, in milliseconds; renders in flight a little less, so that those that take longer can
// still be answered
const GRACE = 20_000
const PATIENCE = 18_000
const READING = 1000 // milliseconds for the last lines of the log

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
      for (const name of NAMES) console.log(`${name.padEnd(18)}${String(options[name]).padEnd(18)}${sources[name]}`)
      return
    }
    await listen(options)
  },
}

async function listen(options: Options): Promise<void> {
  const { app, renderer, drain } = await buildServer(options)
  // native code that hangs would hold up the end for ever, and so would a log that nobody takes
  let taken = true
  process.prependOnceListener('exit', (code) => {
    const { stuckThreads } = renderer.pool
    // which writes what waits, too
    if (stuckThreads > 0 && taken)
      app.log.fatal({ threads: stuckThreads, code }, 'a thread hangs in native code: killed')
    if (stuckThreads > 0 || !taken) process.kill(process.pid, 'SIGKILL')
  })
  // SIGINT and SIGTERM drain; a second signal ends at once
  closeWithGrace({ delay: GRACE, logger: app.log as never, skip: CRASHES }, async ({ err }) => {
    if (err) app.log.fatal({ err }, 'ending after an error that nobody caught')
    await drain(PATIENCE)
    taken = await written(READING)
  })
  const address = await app.listen({ port: options.port, host: options.host })
  if (process.stdout.isTTY) console.log(`mandeltiles: the map is at ${address}`)
}
