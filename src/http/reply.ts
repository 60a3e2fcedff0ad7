// How an answer leaves: validators and caching headers before anything is rendered, then the bytes: at once where memory has them, and only
// else with all that waiting takes, a deadline, a signal that the client has left, and a line in the log of its own.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../core/errors.ts'
import { RENDERER_VERSION } from '../core/version.ts'
import type { Answer, Caller } from '../render/handle.ts'
import type { RateLimiter } from './ratelimit.ts'

const DAY = 86_400
const CACHEABLE = `public, max-age=${DAY}, stale-while-revalidate=${7 * DAY}, stale-if-error=${7 * DAY}`
const IMMUTABLE = `public, max-age=${365 * DAY}, immutable`
/** What a content delivery network purges by: a version's pictures go without the next one's. */
const SURROGATE_KEY = `mandeltiles mandeltiles-${RENDERER_VERSION}`

declare module 'fastify' {
  interface FastifyInstance {
    /** seconds that one request may take */
    deadline: number
    /** what one client may have rendered, where that is bounded */
    budget: RateLimiter | null
  }
}

/**
 * Answers a request whose bytes its tag stands for: 304 where the client has them, headers alone for HEAD, else what
 * `find` gives. In neither of the first two does anything run.
 */
export function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  tag: string,
  type: string,
  find: (caller: Caller) => Answer | Promise<Answer>,
): FastifyReply | Promise<FastifyReply> {
  if (isNotModified(request, reply, tag, type)) return reply.send()

  const client = new Client(request)
  const found = find(client)
  if (!(found instanceof Promise)) {
    logHit(request, found)
    return send(reply, found)
  }
  return found.then(
    (answer) => {
      client.served()
      log(request, answer)
      return send(reply, answer)
    },
    (error) => {
      client.served()
      throw client.late ? client.tooLate(error) : error
    },
  )
}

/** Sets what is known before anything runs. Is that the whole answer, 304 or headers alone? */
export function isNotModified(request: FastifyRequest, reply: FastifyReply, tag: string, type: string): boolean {
  const validators = validatorsOf(tag, (request.query as { v?: string }).v)
  reply.headers(validators)
  if (matches(request.headers['if-none-match'], validators.etag)) {
    reply.code(304)
    return true
  }
  reply.type(type)
  return request.method === 'HEAD'
}

/** What a client or a cache before us keeps an answer by; `version` is the `v` of its address. */
export function validatorsOf(tag: string, version: string | undefined) {
  return {
    etag: tag,
    'cache-control': version === RENDERER_VERSION ? IMMUTABLE : CACHEABLE,
    'surrogate-key': SURROGATE_KEY,
  }
}

function send(reply: FastifyReply, { bytes, cache, timing }: Answer): FastifyReply {
  return reply.headers(timingHeaders(cache, timing)).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

/** Where an answer came from, and where its time went. */
export function timingHeaders(cache: Answer['cache'], { queue, render, encode }: Answer['timing']) {
  return {
    'x-cache': cache.toUpperCase(),
    'server-timing': `queue;dur=${ms(queue)}, render;dur=${ms(render)}, encode;dur=${ms(encode)}`,
  }
}

/**
 * A request as the pipeline sees it: its signal, made when somebody asks for it, aborts when the client leaves or the deadline passes. One signal and a
 * timer: AbortSignal.any of the two would take a tenth of what a tile takes here.
 */
export class Client implements Caller {
  readonly #request: FastifyRequest
  #end: AbortController | undefined
  #deadline: NodeJS.Timeout | undefined
  /** Was it the deadline, and not the client, that ended it? */
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

  /** It has its answer: nothing ends it any more. */
  served(): void {
    clearTimeout(this.#deadline)
    this.#request.raw.removeListener('close', this.#leave)
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

  /** What a client is told whose deadline has passed. */
  tooLate(cause: unknown): Failure {
    const { deadline: seconds } = this.#request.server
    const sentence = `rendering this takes longer than the ${seconds} seconds that a request may take: ask for fewer iterations`
    return new Failure('deadline_exceeded', sentence, { cause, retryAfter: seconds })
  }

  spend(): void {
    this.#request.server.budget?.spend(this.#request.ip)
  }
}

// a line costs more than a hit: one stands for so many
const SAMPLED = 1000
let hits = 0

/** One hit in a thousand has its line. */
export function logHit(request: FastifyRequest, answer: Answer): void {
  if (++hits % SAMPLED === 0) log(request, answer, SAMPLED)
}

/** `sampled` is how many answers the line stands for, where that is not one. */
function log({ log, id, url }: FastifyRequest, { cache, timing, limit }: Answer, sampled?: number): void {
  log.info({ reqId: id, url: url.slice(0, 300), cache, timing, limit, sampled }, 'answered')
}

/** If-None-Match against one strong tag: `*`, lists and weak forms too (RFC 9110, 13.1.2: weak comparison). */
export function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === tag)
}

function ms(duration: number): string {
  return duration.toFixed(2)
}
