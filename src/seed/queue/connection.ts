// Connections to the Redis of a queue. While Redis cannot be reached, commands wait, and one line
// says so.
import { Redis } from 'ioredis'
import { Failure, mustBe } from '../../core/errors.ts'

/** Called with a message: Redis is gone, it is back, or what the command waits for. */
export type OnQueue = (sentence: string) => void

/** @throws Failure if no Redis answers */
export async function connect(url: string, onQueue: OnQueue = () => {}): Promise<Redis> {
  const { host, pathname } = new URL(url)
  // commands sent during an outage wait for its end
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, connectTimeout: 5000 })
  let [fault, opened, away] = ['no answer', false, false]
  client.on('error', (error) => {
    fault = error.message
  })
  client.on('close', () => {
    if (!opened || away) return
    away = true
    onQueue(`Redis at ${host} is unreachable; waiting for it`)
  })
  client.on('ready', () => {
    if (away) onQueue(`Redis at ${host} is back`)
    away = false
  })
  try {
    await client.connect()
    opened = true
  } catch {
    client.disconnect()
    throw new Failure('not_ready', `--queue: no Redis answers at ${host}: ${fault}`)
  }
  try {
    await selectDatabase(client, Number(pathname.slice(1)))
    await warnOfEviction(client, host, onQueue)
    return client
  } catch (error) {
    disconnect(client)
    throw error
  }
}

// ioredis reports that a database does not exist, and continues in database 0
async function selectDatabase(client: Redis, database: number): Promise<void> {
  if (database === 0) return
  await client.select(database).catch((cause: Error) => {
    throw new Failure('not_ready', mustBe('--queue', 'a database that Redis has', `${database} (${cause.message})`), {
      cause,
    })
  })
}

// Jobs are not cached answers: a Redis that evicts keys to make room loses some of them, or parts
async function warnOfEviction(client: Redis, host: string, onQueue: OnQueue): Promise<void> {
  const memory = String(await client.info('memory').catch(() => ''))
  const policy = /^maxmemory_policy:(allkeys-\w+)/m.exec(memory)?.[1]
  if (policy === undefined || /^maxmemory:0\r?$/m.test(memory)) return
  onQueue(
    `Redis at ${host} may evict jobs (maxmemory-policy ${policy}): lost ones are repeated, but give the queue a Redis with noeviction`,
  )
}

/** Ends a connection, whether Redis is reachable or not. */
export function disconnect(client: Redis): void {
  client.removeAllListeners('close')
  client.disconnect()
}
