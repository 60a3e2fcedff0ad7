import { Failure } from '../../core/errors.ts'
import { type OptionName, resolveOptions } from '../../core/options.ts'
import type { Command } from '../command.ts'
import { optionFlags, readFlags } from '../flags.ts'

const NAMES: readonly OptionName[] = ['host', 'port']
const PATIENCE = 3000 // milliseconds

/** Asks a running server whether it is well: the container's HEALTHCHECK. Ends with 1 when it is not. */
export const health: Command = {
  summary: 'ask a running server whether it is well',

  async run(words) {
    const flags = readFlags(words, { ...optionFlags(NAMES), help: { type: 'boolean' } })
    if (flags.help) return console.log('usage: mandeltiles health [--host HOST] [--port PORT]')
    const { host, port } = resolveOptions(flags as Partial<Record<OptionName, string>>, process.env).options
    // a server that listens everywhere is asked on the loopback address
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
    const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}/healthz`
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) }).catch((cause) => {
      throw new Failure('unknown', `no answer from ${url}`, { cause })
    })
    if (!response.ok) throw new Failure('internal', `${url} answered ${response.status}`)
    console.log(await response.text())
  },
}
