// What clients have not read yet. An answer that is being sent stays in memory until its client has
// read it, so clients that do not read could hold any amount of it, forever. Two rules bound that:
//
//   time    a connection on which an answer has made no progress for `timeout` ms is cut
//   bytes   answers being sent take at most `maxBytes` together. If the next one does not fit, the
//           connections that have made no progress for longest are cut first, and only if there are
//           none is it refused with 503
//
// Progress is what the operating system accepts. A large answer is written in pieces, so that its
// progress is visible, and counts in full until it is sent: a piece holds the memory of the whole.
// A small one counts with what is left of it.
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { Failure } from '../core/errors.ts'

/** An answer of at least this many bytes is written in pieces of this size. */
export const LARGE = 2 ** 18
/** Milliseconds between two checks of all connections: 10,000 of them take about a millisecond. */
const SWEEP = 1000

interface Connection {
  /** the last answer on it; those before it are finished when it is begun */
  answer: ServerResponse | undefined
  /** bytes of large answers that are not sent yet */
  large: number
  /** bytes that the operating system had accepted at the last progress, and when that was */
  taken: number
  since: number
}

export class Connections {
  /** connections cut, by reason: no progress for too long, or others needed the bytes */
  readonly cut = { stalled: 0, bytes: 0 }
  readonly #connections = new Map<Socket, Connection>()
  readonly #timeout: number
  readonly #maxBytes: number

  /** Watches all connections of a server until it closes. */
  constructor(server: Server, limits: { timeout: number; maxBytes: number }) {
    this.#timeout = limits.timeout
    this.#maxBytes = limits.maxBytes
    server.on('connection', (socket: Socket) => {
      this.#connections.set(socket, { answer: undefined, large: 0, taken: 0, since: performance.now() })
      socket.once('close', () => this.#connections.delete(socket))
    })
    server.on('request', ({ socket }, answer) => {
      const connection = this.#connections.get(socket)
      if (connection) connection.answer = answer
    })
    const sweep = setInterval(() => this.#sweep(), SWEEP).unref()
    server.once('close', () => clearInterval(sweep))
  }

  /** Bytes of answers that clients have not read yet. */
  get bytes(): number {
    let sum = 0
    for (const [socket, connection] of this.#connections) sum += held(socket, connection)
    return sum
  }

  /** Connections that are open. */
  get open(): number {
    return this.#connections.size
  }

  /** Is an answer being made or sent? */
  get busy(): boolean {
    for (const { answer } of this.#connections.values()) if (answer && !answer.writableFinished) return true
    return false
  }

  /**
   * The body of an answer: as it is if it is small, otherwise a stream of its pieces.
   * @throws Failure `busy` if the answers being sent leave no room for it
   */
  body(answer: ServerResponse, bytes: Buffer): Buffer | Readable {
    if (bytes.length < LARGE || !answer.socket) return bytes
    this.hold(answer, bytes.length)
    return Readable.from(pieces(bytes), { objectMode: false, highWaterMark: LARGE })
  }

  /**
   * Counts bytes that an answer holds until it is sent: all of it, or, if it is sent while it is
   * made, the part that is ready ahead of its client.
   * @throws Failure `busy` if the answers being sent leave no room for it
   */
  hold(answer: ServerResponse, bytes: number): void {
    const connection = answer.socket && this.#connections.get(answer.socket)
    if (!connection) return
    this.#makeRoom(bytes)
    connection.large += bytes
    connection.since = performance.now()
    answer.once('close', () => {
      connection.large -= bytes
    })
  }

  /**
   * Closes connections on which no answer is being sent: all of them, or only those kept alive.
   */
  closeIdle(all: boolean): void {
    for (const [socket, { answer }] of this.#connections) {
      if (answer ? answer.writableFinished : all) socket.destroy()
    }
  }

  /** Cuts every connection. */
  closeAll(): void {
    for (const socket of this.#connections.keys()) socket.destroy()
  }

  #sweep(): void {
    const now = performance.now()
    for (const [socket, connection] of this.#connections) {
      const taken = socket.bytesWritten - socket.writableLength
      // an answer that is still being made makes no progress, which is not its client's fault
      if (taken !== connection.taken || socket.writableLength === 0) {
        connection.taken = taken
        connection.since = now
      }
      this.#watch(socket)
    }
    this.#makeRoom(0)
  }

  // Node's own timer sees progress within one write too. It is set only while something waits to be
  // read: a render may keep a connection silent for longer
  #watch(socket: Socket): void {
    const { timeout = 0 } = socket
    if (socket.writableLength > 0 && timeout === 0) {
      socket.setTimeout(this.#timeout)
      socket.once('timeout', this.#onTimeout)
    } else if (socket.writableLength === 0 && timeout === this.#timeout) {
      socket.setTimeout(0)
      socket.removeListener('timeout', this.#onTimeout)
    }
  }

  // if nobody listens to this event, Node's HTTP server destroys the socket
  readonly #onTimeout = (): void => {
    this.cut.stalled++
  }

  /**
   * Cuts connections without progress until `bytes` more fit. @throws Failure `busy` if they don't
   */
  #makeRoom(bytes: number): void {
    let excess = this.bytes + bytes - this.#maxBytes
    if (excess <= 0) return
    const before = performance.now() - SWEEP
    const stalled = [...this.#connections]
      .filter(([socket, { since }]) => since < before && socket.writableLength > 0)
      .sort(([, a], [, b]) => a.since - b.since)
    for (const [socket, connection] of stalled) {
      if (excess <= 0) return
      excess -= held(socket, connection)
      this.cut.bytes++
      socket.destroy()
    }
    if (excess <= 0 || bytes === 0) return
    const sentence = `answers being sent already take ${this.#maxBytes} bytes: try again in 1 s`
    throw new Failure('busy', sentence, { retryAfter: 1 })
  }
}

function held(socket: Socket, { large }: Connection): number {
  return Math.max(large, socket.writableLength)
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += LARGE) yield bytes.subarray(at, at + LARGE)
}
