// How an answer leaves: validators and caching headers before anything is rendered, then the bytes.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../errors.ts'
import { etag } from '../key.ts'
import type { Answer } from '../renderer.ts'
import { RENDERER_VERSION } from '../version.ts'

const DAY = 86_400
const CACHEABLE = `public, max-age=${DAY}, stale-while-revalidate=${7 * DAY}, stale-if-error=${7 * DAY}`
const IMMUTABLE = `public, max-age=${365 * DAY}, immutable`

/**
 * Answers a request whose bytes its key determines: 304 where the client has them, headers alone for HEAD, else what
 * `render` gives. In neither of the first two does anything run.
 */
export async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  key: string,
  type: string,
  render: (signal: AbortSignal) => Promise<Answer>,
): Promise<FastifyReply> {
  const tag = etag(key)
  const version = (request.query as { v?: string }).v
  reply.header('etag', tag).header('cache-control', version === RENDERER_VERSION ? IMMUTABLE : CACHEABLE)
  if (matches(request.headers['if-none-match'], tag)) return reply.code(304).send()
  reply.type(type)
  if (request.method === 'HEAD') return reply.send()

  const { bytes, cache, timing } = await inTime(request, render)
  const { queue, render: kernel, encode } = timing
  return reply
    .header('x-cache', cache.toUpperCase())
    .header('server-timing', `queue;dur=${ms(queue)}, render;dur=${ms(kernel)}, encode;dur=${ms(encode)}`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}

/** What `render` gives, unless the client leaves or the deadline passes first: either stops the work, unless others wait for it. */
async function inTime(request: FastifyRequest, render: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const seconds = request.server.deadline
  const deadline = AbortSignal.timeout(1000 * seconds)
  try {
    return await render(AbortSignal.any([request.signal, deadline]))
  } catch (error) {
    if (!deadline.aborted || request.signal.aborted) throw error
    const sentence = `rendering this takes longer than the ${seconds} seconds that a request may take: ask for fewer iterations`
    throw new Failure('late', sentence, { cause: error, retryAfter: seconds })
  }
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
