// How an answer leaves: validators and caching headers before anything is rendered, then the bytes: at once where memory has them, and only
// else with all that waiting takes, a deadline, a signal that the client has left, and a line in the log of its own.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Budget } from '../budget.ts'
import { Failure } from '../errors.ts'
import { etag } from '../key.ts'
import type { Answer } from '../renderer.ts'
import type { Caller } from '../request.ts'
import { RENDERER_VERSION } from '../version.ts'

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
    budget: Budget | null
  }
}

/** What an answer hangs on: known from the address alone, and the same whenever that is asked for. */
export class Asked {
  readonly tag: string
  readonly validators: Record<string, string>
  readonly headers: Record<string, string>
  readonly find: (caller: Client) => Answer | Promise<Answer>

  /**
   * @param key all that shapes the bytes
   * @param version the `v` that the address carries, if any
   */
  constructor(key: string, type: string, version: string | undefined, find: Asked['find']) {
    this.tag = etag(key)
    this.validators = {
      etag: this.tag,
      'cache-control': version === RENDERER_VERSION ? IMMUTABLE : CACHEABLE,
      'surrogate-key': SURROGATE_KEY,
    }
    this.headers = { ...this.validators, 'content-type': type }
    this.find = find
  }
}

/** Answers: 304 where the client has the bytes, headers alone for HEAD, else what `find` gives. In neither of the first two does anything run. */
export function answer(request: FastifyRequest, reply: FastifyReply, asked: Asked): FastifyReply | Promise<FastifyReply> {
  const { tag, validators, headers, find } = asked
  if (matches(request.headers['if-none-match'], tag)) return reply.headers(validators).code(304).send()
  reply.headers(headers)
  if (request.method === 'HEAD') return reply.send()

  const client = new Client(request, reply)
  const found = find(client)
  if (!(found instanceof Promise)) {
    if (++hits % SAMPLED === 0) log(request, found, SAMPLED)
    return send(reply, found)
  }
  return found.then(
    (answer) => {
      log(request, answer)
      return send(reply, answer)
    },
    (error) => {
      throw client.late ? late(request, error) : error
    },
  )
}

function send(reply: FastifyReply, { bytes, cache, timing }: Answer): FastifyReply {
  const { queue, render, encode } = timing
  return reply
    .header('x-cache', cache.toUpperCase())
    .header(
      'server-timing',
      cache === 'hit' ? NO_TIME : `queue;dur=${ms(queue)}, render;dur=${ms(render)}, encode;dur=${ms(encode)}`,
    )
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

const NO_TIME = 'queue;dur=0.00, render;dur=0.00, encode;dur=0.00'

/** A request as the pipeline sees it: its signal, made when somebody asks for it, aborts when the client leaves or the deadline passes. */
export class Client implements Caller {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  #deadline: AbortSignal | undefined
  #signal: AbortSignal | undefined

  constructor(request: FastifyRequest, reply: FastifyReply) {
    this.request = request
    this.reply = reply
  }

  get signal(): AbortSignal {
    if (!this.#signal) {
      this.#deadline = AbortSignal.timeout(1000 * this.request.server.deadline)
      this.#signal = AbortSignal.any([this.request.signal, this.#deadline])
    }
    return this.#signal
  }

  /** Was it the deadline, and not the client, that ended it? */
  get late(): boolean {
    return this.#deadline?.aborted === true && !this.request.signal.aborted
  }

  spend(): void {
    this.request.server.budget?.spend(this.request.ip)
  }
}

function late({ server: { deadline: seconds } }: FastifyRequest, cause: unknown): Failure {
  const sentence = `rendering this takes longer than the ${seconds} seconds that a request may take: ask for fewer iterations`
  return new Failure('late', sentence, { cause, retryAfter: seconds })
}

// a line costs more than a hit: one stands for so many
const SAMPLED = 1000
let hits = 0

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
