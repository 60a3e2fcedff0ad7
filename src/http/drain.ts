// How the server ends: what is in flight finishes, what comes from then on is sent to another server, and all of it within a bound.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { Failure } from '../core/errors.ts'
import type { Renderer } from '../render/renderer.ts'

// Connections that are kept alive are not cut while a request may be on its way on them: each has this long to bring it, is answered 503 and
// told to close. Half of it is what balancers take between two looks at readiness
const LINGER = 1000 // milliseconds
const LOOK = 20

/**
 * Makes a server that can be drained; gives what does it. New requests are answered 503 with "Connection: close", all but /healthz, renders
 * in flight finish, those that take longer than `patience` milliseconds are answered 503, and then the server closes. A balancer would hand that 503
 * on, as it does that of a server too busy: one that says `X-Draining: close` has its connection closed instead, and asks another server.
 */
export function drainable(app: FastifyInstance, renderer: Renderer): (patience: number) => Promise<void> {
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
  // each connection's last answer: those before it are finished when it is
  const last = new Map<Socket, ServerResponse | undefined>()
  app.server.on('connection', (socket) => {
    last.set(socket, undefined)
    socket.once('close', () => last.delete(socket))
  })
  app.server.on('request', ({ socket }, response) => last.set(socket, response))
  // A connection that falls idle while the server closes would hold it open for as long as it is kept alive; and one that never said anything, or
  // half a request, for ever, since Node does not call it idle and its own timeouts end with the listening
  app.addHook('preClose', async () => {
    closing = true
    const silent = performance.now() + LINGER
    const sweep = setInterval(() => {
      app.server.closeIdleConnections()
      if (performance.now() < silent) return
      for (const [socket, answer] of last) if (!answer || answer.writableFinished) socket.destroy()
    }, LOOK)
    app.server.once('close', () => clearInterval(sweep))
  })

  return async (patience) => {
    closing = true
    const began = performance.now()
    const since = () => performance.now() - began
    while (since() < patience && (renderer.working || (since() < LINGER && (await connections(app)) > 0))) {
      await setTimeout(LOOK)
    }
    renderer.stop(closed())
    await app.close()
  }
}

function closed(): Failure {
  return new Failure('closing', 'this server is about to end: ask again, another will answer', { retryAfter: 1 })
}

function connections({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)))
}
