// A connection to a Redis that may be wrong, broken or hostile. It closes three gaps of ioredis:
//
//   database   redis://host/99 names a database that may not exist. ioredis reports the error of
//              SELECT, and continues in database 0. Here the client is usable only once the
//              database was selected
//   replies    if a handler of replies throws, ioredis throws it again as an uncaught exception,
//              which ends the process: a nil reply that belongs to no command does that. Here it
//              ends the connection, like every other violation of the protocol
//   length     a reply is kept in memory until it is complete, and may be of any length.
//              Here one that is longer than any record ends the connection
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { Redis, type RedisOptions } from 'ioredis'

interface ReplyHandler {
  dispatch(handle: () => void): void
  returnFatalError(error: unknown): void
}
const require = createRequire(import.meta.url)
const DataHandler: { default: { prototype: ReplyHandler } } = require('ioredis/built/DataHandler.js')
DataHandler.default.prototype.dispatch = function (handle) {
  try {
    handle()
  } catch (error) {
    this.returnFatalError(error)
  }
}

type ClientOptions = Pick<
  RedisOptions,
  'enableOfflineQueue' | 'autoResendUnfulfilledCommands' | 'maxRetriesPerRequest' | 'connectTimeout' | 'retryStrategy'
>

interface Events {
  /** the database is selected: commands may be sent */
  onReady(): void
  onError(error: Error): void
}

export class RedisClient {
  readonly #client: Redis
  #usable = false
  /** bytes received since the last complete reply */
  #received = 0

  /**
   * @param url the server, and its database as the path
   * @param longest bytes of a reply, at most
   */
  constructor(url: string, longest: number, options: ClientOptions, { onReady, onError }: Events) {
    const address = new URL(url)
    const database = Number(address.pathname.slice(1))
    address.pathname = ''
    // ioredis's ready check would parse whatever the server says about itself
    this.#client = new Redis(address.href, { ...options, enableReadyCheck: false })
    this.#client.on('error', onError)
    this.#client.on('close', () => {
      this.#usable = false
    })
    this.#client.on('connect', () => {
      const { stream } = this.#client as unknown as { stream: Socket }
      this.#received = 0
      stream.on('data', ({ length }: Buffer) => {
        this.#received += length
        if (this.#received > longest) stream.destroy(new Error(`a reply of more than ${longest} bytes`))
      })
    })
    this.#client.on('ready', () => {
      const selected = database === 0 ? Promise.resolve() : this.#client.select(database)
      selected.then(
        () => {
          this.#usable = true
          onReady()
        },
        (error: Error) => onError(new Error(`Redis has no database ${database}: ${error.message}`)),
      )
    })
  }

  /** May commands be sent? Between two connections the server is known to be away. */
  get usable(): boolean {
    return this.#usable
  }

  /** Sends one command. It resolves to whatever the server replies, unchecked. */
  async send(command: (client: Redis) => Promise<unknown>): Promise<unknown> {
    const reply = await command(this.#client)
    this.#received = 0
    return reply
  }

  /** Resolves at the first connection, or the first failure. */
  async opened(): Promise<void> {
    if (this.#usable) return
    await new Promise<void>((resolve) => {
      this.#client.once('ready', () => setImmediate(resolve))
      this.#client.once('error', () => resolve())
    })
  }

  close(): void {
    this.#client.disconnect()
  }
}
