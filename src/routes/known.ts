// Addresses that were asked for before: what one means hangs on it alone, so that a cached tile is read, checked and hashed once, and from then on
// costs little more than its bytes' way to the socket (bench/cached.ts).
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { type Asked, answer } from './answer.ts'

// about what an entry weighs beside its address, in characters: the request that was read, its keys, headers and colours
const ENTRY = 1500
const MOST = 2 ** 22 // characters

export class Known {
  readonly #addresses = new LRUCache<string, Asked>({ maxSize: MOST, sizeCalculation: (_, url) => url.length + ENTRY })

  add({ url }: FastifyRequest, asked: Asked): void {
    this.#addresses.set(url, asked)
  }

  /** A route's onRequest: answers what is known, before anything is parsed. */
  readonly hook = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const asked = this.#addresses.get(request.url)
    if (!asked) return done()
    const sent = answer(request, reply, asked)
    if (sent instanceof Promise) sent.catch((error) => reply.send(error))
  }
}
