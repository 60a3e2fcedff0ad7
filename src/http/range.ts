// Range requests, for clients that resume a download or read a part of a file (RFC 9110, 14). Only
// finished pictures support them: the length of an answer that is sent while it is rendered is not
// known.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure, mustBe } from '../core/errors.ts'

/** The first and the last byte, or how many of the last ones. Units are case-insensitive. */
const SINGLE = /^bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*$/i

/**
 * The requested bytes, and the headers that say which they are. A request for several ranges, or
 * for anything but bytes, gets the whole, as the standard allows.
 * @throws Failure `range` if the range lies past the end
 */
export function partOf(request: FastifyRequest, reply: FastifyReply, bytes: Uint8Array): Uint8Array {
  reply.header('accept-ranges', 'bytes')
  const { range, 'if-range': condition } = request.headers
  if (range === undefined || (condition !== undefined && condition !== reply.getHeader('etag'))) return bytes
  const [, first, last, suffix] = SINGLE.exec(range) ?? []
  if (first === undefined && suffix === undefined) return bytes
  // a range that ends before it begins is no range
  if (last && Number(last) < Number(first)) return bytes
  const size = bytes.length
  const start = first === undefined ? Math.max(0, size - Number(suffix)) : Number(first)
  const end = Math.min(last ? Number(last) + 1 : size, size)
  if (start >= size) {
    reply.header('content-range', `bytes */${size}`)
    throw new Failure('range', mustBe('Range', `within the ${size} bytes of this picture`, range))
  }
  reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${size}`)
  return bytes.subarray(start, end)
}
