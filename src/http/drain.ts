// How the server stops: requests in flight finish, new ones are sent to another server, and all of
// that within a time limit.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { Failure } from '../core/errors.ts'
import type { Renderer } from '../render/renderer.ts'

// Milliseconds that kept-alive connections stay open, since a request may be on its way on them:
// it gets 503 and "Connection: close". Half of this passes between two readiness checks of a load
// balancer
const LINGER = 1000
const POLL = 20 // milliseconds

/**
 * Prepares a server for draining, and returns the function that does it. New requests except
 * /healthz get 503 with "Connection: close", and renders in flight finish; those that take longer
 * than `timeout` milliseconds get 503. Then the server closes.
 *
 * A load balancer would pass that 503 on, as it does when a server is busy. One that sends
 * `X-Draining: close` has its connection closed instead, and asks another server.
 */
export function drainable(app: FastifyInstance, renderer: Renderer): (timeout: number) => Promise<void> {
  let closing = false
  app.addHook('onRequest', ({ url, headers, raw }, reply, done) => {
    if (!closing || url === '/healthz') return done()
    if (headers['x-draining'] === 'close') {
      reply.hijack()
      raw.socket.destroy()
      return
    }
    reply.header('connection', 'close')
    done(closed())
  })
  // the last answer of each connection: the ones before it are finished when it is
  const last = new Map<Socket, ServerResponse | undefined>()
  app.server.on('connection', (socket) => {
    last.set(socket, undefined)
    socket.once('close', () => last.delete(socket))
  })
  app.server.on('request', ({ socket }, response) => last.set(socket, response))
  // A connection that becomes idle while the server closes would keep it open for as long as it is
  // kept alive. One that sent nothing, or half a request, would keep it open for ever: Node does
  // not count it as idle, and Node's own timeouts stop with listening
  app.addHook('preClose', async () => {
    closing = true
    const silent = performance.now() + LINGER
    const sweep = setInterval(() => {
      app.server.closeIdleConnections()
      if (performance.now() < silent) return
      for (const [socket, answer] of last) if (!answer || answer.writableFinished) socket.destroy()
    }, POLL)
    app.server.once('close', () => clearInterval(sweep))
  })

  return async (timeout) => {
    closing = true
    const began = performance.now()
    const since = () => performance.now() - began
    const lingering = async () => since() < LINGER && (await connections(app)) > 0
    while (since() < timeout && (renderer.working || (await lingering()))) await setTimeout(POLL)
    renderer.stop(closed())
    await app.close()
  }
}

function closed(): Failure {
  return new Failure('closing', 'this server is shutting down: try again, another will answer', {
    retryAfter: 1,
  })
}

function connections({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)))
}
