import { Failure } from '../../core/errors.ts'
import { OPTION_NAMES, type Options } from '../../core/options.ts'
import { defineCommand } from '../command.ts'
import { printConfig } from '../config.ts'

/** Milliseconds that the process has to end after a signal. */
const GRACE = 20_000
/**
 * Of these, the time for renders in progress to finish; longer ones then still get an answer.
 */
const DRAIN = 18_000
/** The time limit for the last lines of the log, in milliseconds. */
const LOG_FLUSH = 1000

// faults in native code raise these: such a process cannot clean up, and must end at once so that
// its supervisor notices
const CRASHES = ['SIGILL', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGABRT', 'SIGTRAP'] as const satisfies NodeJS.Signals[]

/** Serves the map and the tiles until a signal ends it. */
export const serve = defineCommand({
  name: 'serve',
  summary: 'serve the map, the tiles and the grid over HTTP',
  usage: '[options]',
  about: [
    'Serves the map, tiles, images and the grid over HTTP. SIGTERM, SIGINT and SIGHUP drain the server: renders in ' +
      'progress finish, everything else is rejected, and the process ends within 20 seconds. A second signal ends it ' +
      'at once. The log goes to standard output, so there is no file that SIGHUP could reopen.',
  ],
  flags: {
    'print-config': {
      kind: 'switch',
      choices: ['json'],
      meaning: 'print the values in effect and where each came from, as a table or as JSON, then exit',
    },
  },
  options: OPTION_NAMES,
  examples: [
    ['serve', 'serve at http://127.0.0.1:8080'],
    [
      'serve --host 0.0.0.0 -p 80 --cache-dir tiles --cache-bytes 1G',
      'listen on all interfaces, and keep tiles in a folder',
    ],
    ['serve --print-config', 'see which options are in effect'],
  ],

  async run(flags, { options, sources }) {
    if (flags['print-config']) printConfig(options, sources, flags['print-config'] === 'json')
    else await listen(options)
  },
})

async function listen(options: Options): Promise<void> {
  const [{ default: closeWithGrace }, { written }, { openTemporary }, { buildServer }] = await Promise.all([
    import('close-with-grace'),
    import('../../core/log.ts'),
    import('../../core/temporary.ts'),
    import('../../http/server.ts'),
  ])
  const { app, renderer, drain } = await buildServer(options)
  const fault = await openTemporary()
  if (fault)
    app.log.warn(`requests for large pictures other than PNG will get 503: the temporary folder fails: ${fault}`)
  const { port, host } = options
  const address = await app.listen({ port, host }).catch(async (error: NodeJS.ErrnoException) => {
    await app.close()
    throw new Failure(
      'internal',
      `cannot listen on ${host}, port ${port}: ${LISTEN_FAULTS[error.code!] ?? error.message}`,
      {
        cause: error,
      },
    )
  })
  // neither hanging native code nor an unread log may delay the end
  let logged = true
  process.prependOnceListener('exit', (code) => {
    const { stuckThreads } = renderer.pool
    // this also writes the pending lines
    if (stuckThreads > 0 && logged)
      app.log.fatal({ threads: stuckThreads, code }, 'a thread hangs in native code: killed')
    if (stuckThreads > 0 || !logged) process.kill(process.pid, 'SIGKILL')
  })
  // only once it listens: if listening fails, this would make the exit code 0
  closeWithGrace({ delay: GRACE, logger: app.log as never, skip: CRASHES }, async ({ err }) => {
    if (err) app.log.fatal({ err }, 'exiting after an uncaught error')
    await drain(DRAIN)
    logged = await written(LOG_FLUSH)
  })
  if (process.stdout.isTTY) console.log(`mandeltiles: the map is at ${address}`)
}

/** Why a server cannot listen, in words. */
const LISTEN_FAULTS: Record<string, string> = {
  EADDRINUSE: 'another program is already listening there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'permission denied; ports below 1024 need a privilege',
  ENOTFOUND: 'there is no host with that name',
}
