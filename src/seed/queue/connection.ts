// Connections to the Redis of a queue. While it is away, commands wait for it, and one line says so.
import { Redis } from 'ioredis'
import { Failure } from '../../core/errors.ts'

/** Called with a sentence: Redis goes away, it is back, or what is waited for. */
export type OnQueue = (sentence: string) => void

/** @throws Failure where no Redis answers */
export async function connect(url: string, onQueue: OnQueue = () => {}): Promise<Redis> {
  const { host } = new URL(url)
  // commands sent while it is away wait for it
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, connectTimeout: 5000 })
  let [fault, opened, away] = ['no answer', false, false]
  client.on('error', (error) => {
    fault = error.message
  })
  client.on('close', () => {
    if (!opened || away) return
    away = true
    onQueue(`Redis at ${host} is away; waiting for it`)
  })
  client.on('ready', () => {
    if (away) onQueue(`Redis at ${host} is back`)
    away = false
  })
  try {
    await client.connect()
    opened = true
    return client
  } catch {
    client.disconnect()
    throw new Failure('not_ready', `--queue: no Redis answers at ${host}: ${fault}`)
  }
}

/** Ends a connection, whether Redis is there or not. */
export function disconnect(client: Redis): void {
  client.removeAllListeners('close')
  client.disconnect()
}
