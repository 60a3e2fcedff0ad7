import type { FastifyRequest } from 'fastify'
import { Failure } from '../core/errors.ts'
import type { Caller } from '../render/handle.ts'
import type { Awaited } from './progress.ts'

/**
 * A request as the renderer sees it. Its signal aborts when the client leaves or the deadline
 * passes, and is created when it is first read: most requests never need it. One controller and a
 * timer, because AbortSignal.any of two signals would take a tenth of the time of a cached tile.
 */
export class Client implements Caller {
  readonly #request: FastifyRequest
  #end: AbortController | undefined
  #deadline: NodeJS.Timeout | undefined
  // milliseconds that are left to the deadline, counted from `since`
  #left = 0
  #since = 0
  #unwatch: (() => void) | undefined
  /** Did the deadline end the request, rather than the client? */
  late = false

  constructor(request: FastifyRequest) {
    this.#request = request
  }

  get seconds(): number {
    return this.#request.server.deadline
  }

  get signal(): AbortSignal {
    if (!this.#end) {
      this.#end = new AbortController()
      this.#left = 1000 * this.seconds
      this.#startDeadline()
      this.#request.raw.once('close', this.#leave)
    }
    return this.#end.signal
  }

  /** The request has to wait: until it is served, `/progress` tells its client why. */
  waitsFor(awaited: Awaited): void {
    this.#unwatch = this.#request.server.progress.watch(this.#request, awaited)
  }

  /** The request has its answer: nothing ends it any more. */
  served(): void {
    clearTimeout(this.#deadline)
    this.#unwatch?.()
    this.#request.raw.removeListener('close', this.#leave)
  }

  /** The client's error after a failure: the cause, or that the deadline has passed. */
  failure(cause: unknown): unknown {
    if (!this.late) return cause
    const { seconds } = this
    const sentence = `rendering this takes longer than the ${seconds} seconds that a request may take: request fewer iterations`
    return new Failure('deadline_exceeded', sentence, { cause, retryAfter: seconds })
  }

  spend(seconds: number): (used: number) => void {
    const { server, ip } = this.#request
    return server.rateLimiter?.begin(ip, seconds) ?? (() => {})
  }

  /** The deadline pauses while the client reads, because that time is the client's own. */
  pause(): void {
    if (this.late || this.#deadline === undefined) return
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    this.#left -= performance.now() - this.#since
  }

  resume(): void {
    if (this.late || this.#deadline !== undefined || this.#end === undefined) return
    this.#startDeadline()
  }

  #startDeadline(): void {
    this.#since = performance.now()
    this.#deadline = setTimeout(this.#expire, Math.max(0, this.#left)).unref()
  }

  readonly #leave = (): void => {
    clearTimeout(this.#deadline)
    this.#end!.abort()
  }

  readonly #expire = (): void => {
    this.late = true
    this.served()
    this.#end!.abort(new DOMException('the deadline has passed', 'TimeoutError'))
  }
}
