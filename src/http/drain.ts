// How the server stops: requests in flight finish and new ones go to another server, within a time
// limit.
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { Failure } from '../core/errors.ts'
import type { Renderer } from '../render/renderer.ts'
import type { Connections } from './connections.ts'

// Milliseconds that kept-alive connections stay open, since a request may be on its way on them:
// it gets 503 and "Connection: close". Half of this passes between two readiness checks of a load
// balancer
const LINGER = 1000
const POLL = 20 // milliseconds

/**
 * Prepares a server for draining, and returns the function that does it. New requests except
 * /healthz get 503 with "Connection: close". Renders in flight finish, and answers are sent; after
 * `timeout` milliseconds renders get 503 and downloads are cut. Then the server closes.
 *
 * A load balancer would pass that 503 on, as it does when a server is busy. One that sends
 * `X-Draining: close` has its connection closed instead, and asks another server.
 *
 * `onClosing` is called before any of that.
 */
export function drainable(
  app: FastifyInstance,
  renderer: Renderer,
  connections: Connections,
  onClosing: () => void,
): (timeout: number) => Promise<void> {
  let closing = false
  const close = () => {
    closing = true
    onClosing()
  }
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
  // A connection that becomes idle while the server closes would keep it open for as long as it is
  // kept alive. One that sent nothing, or half a request, would keep it open forever: Node does
  // not count it as idle, and Node's own timeouts stop with listening
  app.addHook('preClose', async () => {
    close()
    const silent = performance.now() + LINGER
    const sweep = setInterval(() => connections.closeIdle(performance.now() >= silent), POLL).unref()
    app.server.once('close', () => clearInterval(sweep))
  })

  return async (timeout) => {
    close()
    const began = performance.now()
    const since = () => performance.now() - began
    const lingering = () => since() < LINGER && connections.open > 0
    while (since() < timeout && (renderer.working || connections.busy || lingering())) await setTimeout(POLL)
    // renders in progress get 503, and downloads that clients have not read by then are cut
    renderer.stop(closed())
    const stopped = since()
    while (connections.busy && since() < stopped + LINGER) await setTimeout(POLL)
    connections.closeAll()
    await app.close()
  }
}

function closed(): Failure {
  return new Failure('closing', 'this server is shutting down: try again, another will answer', {
    retryAfter: 1,
  })
}
