import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../core/errors.ts'
import type { TileRequest } from '../kernel/request.ts'
import { neighbourhood } from '../plane/neighbourhood.ts'
import { isDeep } from '../plane/precision.ts'
import { tileView } from '../plane/view.ts'

/**
 * Where replicas stand behind a balancer that asks (`X-Neighbourhood: ask`, see docker/nginx.conf), a tile that needs a reference orbit is not
 * rendered where it was asked for, but at its neighbourhood's home: refused with 421 and the neighbourhood's name in the same header. The
 * balancer asks again there, without that header. Everybody else is answered at once.
 */
export function redirectToOwner(
  request: FastifyRequest,
  reply: FastifyReply,
  { tile, size, julia }: TileRequest,
): void {
  if (request.headers['x-neighbourhood'] !== 'ask' || julia) return
  const view = tileView(tile, size)
  if (!isDeep(view)) return
  const { z, x, y } = neighbourhood(view)
  reply.header('x-neighbourhood', createHash('sha256').update(`${z} ${x} ${y}`).digest('hex').slice(0, 16))
  throw new Failure(
    'misdirected',
    'this tile is rendered where its neighbours are: ask there, as X-Neighbourhood names it',
  )
}
