// Documents that are the same for all clients: serialised at the first request; all later ones get
// the same bytes, or 304.
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { matches } from './headers.ts'
import { MEDIA_TYPES } from './mediatypes.ts'

/** A handler that answers with a document as JSON; `create` is called once. */
export function documentHandler(create: () => object): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  let document: { body: Buffer; etag: string } | undefined
  return (request, reply) => {
    document ??= serialise(create())
    const { body, etag } = document
    reply.headers({ 'cache-control': 'no-cache', etag })
    if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
    return reply.type(MEDIA_TYPES.json).send(body)
  }
}

function serialise(document: object): { body: Buffer; etag: string } {
  const body = Buffer.from(JSON.stringify(document))
  const hash = createHash('sha256').update(body).digest('base64url')
  return { body, etag: `"${hash.slice(0, 22)}"` }
}
