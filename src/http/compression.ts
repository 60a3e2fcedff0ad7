// JSON, the page and its assets are sent as brotli or gzip if the client accepts one of them.
// Pictures are compressed already, and arrays of numbers hardly become smaller.
//
// A compressed answer has other bytes, so its ETag becomes weak: it still says whether the content
// has changed, but no longer identifies the bytes, so it cannot be used for range requests.
import type { Readable } from 'node:stream'
import zlib from 'node:zlib'
import { negotiate } from '@fastify/accept-negotiator'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

// an answer that fits into one packet does not arrive sooner if it is compressed
const LEAST = 1024 // bytes

// at its default quality brotli takes fifty times as long, for a tenth less
const BROTLI = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }

type Done = (error: Error | null, bytes: Buffer) => void
const ENCODINGS = {
  br: {
    bytes: (bytes: Buffer, done: Done) => zlib.brotliCompress(bytes, BROTLI, done),
    stream: () => zlib.createBrotliCompress(BROTLI),
  },
  gzip: { bytes: (bytes: Buffer, done: Done) => zlib.gzip(bytes, done), stream: () => zlib.createGzip() },
}
const NAMES = Object.keys(ENCODINGS)
type Encoding = keyof typeof ENCODINGS

const COMPRESSIBLE = /^(text\/|application\/(json|javascript|[a-z]{1,9}\+json)|image\/svg\+xml)/

/** Compresses answers; to be added before the routes. */
export function compression(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    if (!COMPRESSIBLE.test(String(reply.getHeader('content-type') ?? ''))) {
      done(null, payload)
      return
    }
    reply.header('vary', [reply.getHeader('vary'), 'Accept-Encoding'].filter(Boolean).join(', '))
    const encoding = payload ? encodingFor(request, reply) : undefined
    if (encoding === undefined) {
      done(null, payload)
    } else if (typeof payload === 'string' || Buffer.isBuffer(payload)) {
      sendBytes(reply, Buffer.from(payload as string), encoding, done)
    } else {
      mark(reply, encoding)
      done(null, piped(payload as Readable, ENCODINGS[encoding].stream()))
    }
  })
}

// not for an answer without a body, with a part, or already encoded
function encodingFor({ method, headers }: FastifyRequest, reply: FastifyReply): Encoding | undefined {
  const whole = method !== 'HEAD' && reply.statusCode !== 206 && !reply.hasHeader('content-encoding')
  const accepted = headers['accept-encoding']
  if (!whole || accepted === undefined) return undefined
  return (negotiate(accepted, NAMES) as Encoding | null) ?? undefined
}

function sendBytes(reply: FastifyReply, bytes: Buffer, encoding: Encoding, done: Done): void {
  if (bytes.length < LEAST) {
    done(null, bytes)
    return
  }
  ENCODINGS[encoding].bytes(bytes, (error, compressed) => {
    if (!error) mark(reply, encoding).header('content-length', compressed.length)
    done(error, compressed)
  })
}

function mark(reply: FastifyReply, encoding: Encoding): FastifyReply {
  const tag = reply.getHeader('etag')
  if (typeof tag === 'string' && !tag.startsWith('W/')) reply.header('etag', `W/${tag}`)
  return reply.removeHeader('content-length').removeHeader('accept-ranges').header('content-encoding', encoding)
}

function piped(source: Readable, compressing: zlib.BrotliCompress | zlib.Gzip): Readable {
  source.once('error', (error) => compressing.destroy(error))
  compressing.once('close', () => source.destroy())
  return source.pipe(compressing)
}
