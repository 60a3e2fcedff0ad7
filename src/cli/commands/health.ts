import { Failure } from '../../core/errors.ts'
import { defineCommand } from '../command.ts'

const TIMEOUT = 3000 // milliseconds

/** Asks a running server whether it is healthy: the HEALTHCHECK of the container. */
export const health = defineCommand({
  name: 'health',
  summary: 'ask a running server whether it is healthy',
  usage: '[--host HOST] [--port PORT]',
  about: ['Asks a running server for /healthz, and prints the answer. Exits with 2 if there is no answer.'],
  flags: {},
  options: ['host', 'port'],
  examples: [
    ['health', 'ask the server on this machine'],
    ['health -p 8081', 'ask a server on another port'],
  ],

  async run(_, { options: { host, port } }) {
    // a server that listens on all interfaces is asked on the loopback address
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
    const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}/healthz`
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) }).catch((cause) => {
      throw new Failure('unknown', `no answer from ${url}`, { cause })
    })
    if (!response.ok) throw new Failure('internal', `${url} answered ${response.status}`)
    console.log(await response.text())
  },
})
