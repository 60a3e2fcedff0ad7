// HTTP/1.1 pipelining: a client may send its next requests before the first answer arrives. Node
// hands all of them out at once, so 38 KB of GETs would start a thousand answers. Here a connection
// has at most IN_FLIGHT requests in progress; the others wait, and nothing more is read from the
// connection meanwhile. If the client leaves, the waiting requests never start.
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Browsers do not pipeline at all, and curl and proxies send one request at a time. */
const IN_FLIGHT = 8

interface Connection {
  active: number
  waiting: (() => void)[]
}

const connections = new WeakMap<Socket, Connection>()

/** Fastify's onRequest, to be added before all others. */
export function limitPipeline(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const { socket } = request.raw
  const connection = connections.get(socket) ?? { active: 0, waiting: [] }
  if (connection.active === 0) connections.set(socket, connection)
  const begin = () => {
    connection.active++
    reply.raw.once('close', () => end(socket, connection))
    done()
  }
  if (connection.active < IN_FLIGHT) begin()
  else if (connection.waiting.push(begin) === 1) socket.pause()
}

function end(socket: Socket, connection: Connection): void {
  connection.active--
  const next = connection.waiting.shift()
  if (!next) return
  if (socket.destroyed) {
    connection.waiting.length = 0
    return
  }
  if (connection.waiting.length === 0) socket.resume()
  next()
}
