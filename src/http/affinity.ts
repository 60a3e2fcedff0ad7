import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../core/errors.ts'
import { neighbourhood } from '../plane/neighbourhood.ts'
import type { RequestedTile } from '../render/tile.ts'

/**
 * Where replicas stand behind a balancer that asks (`X-Neighbourhood: ask`, see docker/nginx.conf), a tile that needs a reference orbit is not
 * rendered where it was asked for, but at its neighbourhood's home: refused with 421 and the neighbourhood's name in the same header. The
 * balancer asks again there, without that header. Everybody else is answered at once.
 */
export function redirectToOwner(request: FastifyRequest, reply: FastifyReply, tile: RequestedTile): void {
  if (request.headers['x-neighbourhood'] !== 'ask' || !tile.spec.deep) return
  const { z, x, y } = neighbourhood(tile.spec.view)
  reply.header('x-neighbourhood', createHash('sha256').update(`${z} ${x} ${y}`).digest('hex').slice(0, 16))
  throw new Failure(
    'misdirected',
    'this tile is rendered where its neighbours are: ask there, as X-Neighbourhood names it',
  )
}
