import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../core/errors.ts'
import { neighbourhood } from '../plane/neighbourhood.ts'
import type { RequestedTile } from '../render/tile.ts'
import { isForeign } from './headers.ts'

/**
 * Sends a tile that needs a reference orbit to the replica that owns its neighbourhood, if a load
 * balancer in front of the replicas requests that with `X-Neighbourhood: ask` (docker/nginx.conf).
 * The answer is 421 with the neighbourhood's name in the same header. The balancer repeats the
 * request there without the header. Requests without the header are answered here.
 */
export function redirectToOwner(request: FastifyRequest, reply: FastifyReply, tile: RequestedTile): void {
  if (request.headers['x-neighbourhood'] !== 'ask' || !tile.spec.deep) return
  const { z, x, y } = neighbourhood(tile.spec.view)
  const name = createHash('sha256').update(`${z} ${x} ${y}`).digest('hex').slice(0, 16)
  reply.header('x-neighbourhood', name)
  throw new Failure(
    'misdirected',
    'another replica renders this neighbourhood: send the request to the one in X-Neighbourhood',
  )
}

/**
 * Redirects a request through such a balancer to the address without `v` if its `v` is not this
 * version's. The picture is the same under every `v`, and the balancer would keep a copy for each.
 */
export function redirectForeignVersion({ url, query, headers }: FastifyRequest, reply: FastifyReply): boolean {
  if (headers['x-neighbourhood'] !== 'ask' || !isForeign((query as { v?: string }).v)) return false
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  searchParams.delete('v')
  // relative, so that it holds below any base path
  const file = pathname.slice(pathname.lastIndexOf('/') + 1)
  const rest = searchParams.size > 0 ? `?${searchParams}` : ''
  reply.code(307).headers({ location: file + rest, 'cache-control': 'no-store' })
  return true
}
