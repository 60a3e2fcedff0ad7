// Range requests, for clients that resume a download or read a part of a file (RFC 9110, 14). Only
// finished pictures support them: the length of an answer that is sent while it is rendered is not
// known.
import type { FastifyReply, FastifyRequest } from 'fastify'
import parseRange from 'range-parser'
import { Failure, mustBe } from '../core/errors.ts'

/**
 * The requested bytes, and the headers that say which they are. A request for several ranges, or
 * for anything but bytes, gets the whole, as the standard allows.
 * @throws Failure `range` if the range lies past the end
 */
export function partOf(request: FastifyRequest, reply: FastifyReply, bytes: Uint8Array): Uint8Array {
  reply.header('accept-ranges', 'bytes')
  const { range, 'if-range': condition } = request.headers
  if (range === undefined || (condition !== undefined && condition !== reply.getHeader('etag'))) return bytes
  const parts = parseRange(bytes.length, range)
  if (parts === -1) {
    reply.header('content-range', `bytes */${bytes.length}`)
    throw new Failure('range', mustBe('Range', `within the ${bytes.length} bytes of this picture`, range))
  }
  if (parts === -2 || parts.type !== 'bytes' || parts.length !== 1) return bytes
  const { start, end } = parts[0]!
  reply.code(206).header('content-range', `bytes ${start}-${end}/${bytes.length}`)
  return bytes.subarray(start, end + 1)
}
