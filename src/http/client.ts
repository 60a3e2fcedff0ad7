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
  #unwatch: (() => void) | undefined
  /** Did the deadline, and not the client, end the request? */
  late = false

  constructor(request: FastifyRequest) {
    this.#request = request
  }

  get signal(): AbortSignal {
    if (!this.#end) {
      this.#end = new AbortController()
      this.#deadline = setTimeout(this.#expire, 1000 * this.#request.server.deadline).unref()
      this.#request.raw.once('close', this.#leave)
    }
    return this.#end.signal
  }

  /** The request has to wait: until it is served, `/progress` tells its client what for. */
  waitsFor(awaited: Awaited): void {
    this.#unwatch = this.#request.server.progress.watch(this.#request, awaited)
  }

  /** The request has its answer: nothing ends it any more. */
  served(): void {
    clearTimeout(this.#deadline)
    this.#unwatch?.()
    this.#request.raw.removeListener('close', this.#leave)
  }

  /** What the client gets when its request failed: the cause, or that the deadline has passed. */
  failure(cause: unknown): unknown {
    if (!this.late) return cause
    const { deadline: seconds } = this.#request.server
    const sentence = `rendering this takes longer than the ${seconds} seconds that a request may take: ask for fewer iterations`
    return new Failure('deadline_exceeded', sentence, { cause, retryAfter: seconds })
  }

  spend(): void {
    this.#request.server.rateLimiter?.take(this.#request.ip)
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
