// How the process ends: by a signal, without losing requests in flight; by an uncaught error, which
// it logs. The tests run concurrently, because most of their time is waiting.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { endAll, serve } from '../cluster/processes.ts'
import { ask, crowd, dearGrid, type Reply } from './client.ts'

afterAll(endAll)

describe.concurrent('the process', () => {
  test('SIGTERM under load loses no request in flight: each gets 200, or 503 with Retry-After', async () => {
    const { url, child, log } = await serve({ threads: 2 })
    const agent = crowd()
    const replies: (Reply & { began: number })[] = []
    let loading = true
    let next = 0
    const client = async (path: () => string) => {
      while (loading) {
        const began = performance.now()
        const reply = await ask(url + path(), agent)
        replies.push({ ...reply, began })
        // it is gone
        if (reply.status === 0) return
      }
    }
    await ask(`${url}/tile/0/0/0.png`, agent)
    const cold = () => `/tile/14/${3000 + (next++ % 500)}/${7900 + Math.floor(next / 500)}.png?max_iter=30000`
    const clients = [
      ...Array.from({ length: 30 }, () => client(cold)),
      ...Array.from({ length: 5 }, () => client(() => '/tile/0/0/0.png')),
    ]
    await sleep(1500)
    const told = performance.now()
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const [code, signal] = await ended
    const took = performance.now() - told
    loading = false
    await Promise.all(clients)
    agent.destroy()
    expect([code, signal]).toEqual([0, null])
    expect(took).toBeLessThan(20_000)
    // a signal takes a moment to arrive, and so does a request
    const before = replies.filter(({ began }) => began < told - 50)
    expect(before.length).toBeGreaterThan(50)
    expect(before.filter(({ status }) => status !== 200)).toEqual([])
    // requests from then on, until it is gone, go to another server
    const after = replies.filter(({ began, status }) => began > told + 50 && status !== 0)
    expect(after.length).toBeGreaterThan(10)
    for (const { status, retryAfter } of after) expect([status, retryAfter]).toEqual([503, '1'])
    expect(log.filter(({ level }) => level >= 50)).toEqual([])
  })

  test('a render that outlasts the grace period gets 503, and the process ends in time', {
    timeout: 40_000,
  }, async () => {
    const { url, child } = await serve({ threads: 1 })
    const agent = crowd()
    const long = ask(url + dearGrid(), agent)
    await sleep(1000)
    const ended = once(child, 'exit')
    const told = performance.now()
    child.kill('SIGTERM')
    await sleep(300)
    // load balancers learn it from readiness, and from "Connection: close" on every answer
    for (const path of ['/readyz', '/tile/0/0/0.png', '/tile.json']) {
      const { status, headers } = await fetch(url + path)
      expect([path, status, headers.get('connection'), headers.get('retry-after')]).toEqual([path, 503, 'close', '1'])
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await long).status).toBe(503)
    expect((await ended)[0]).toBe(0)
    expect(performance.now() - told).toBeLessThan(20_000)
    agent.destroy()
  })

  test('SIGHUP ends the server as SIGTERM does', async () => {
    const { child } = await serve({ threads: 1 })
    const ended = once(child, 'exit')
    child.kill('SIGHUP')
    expect(await ended).toEqual([0, null])
  })

  test('a download in progress at SIGTERM completes, and a stalled reader does not delay the exit', {
    timeout: 60_000,
  }, async () => {
    const { url, child, log } = await serve({ threads: 1 })
    const open = async (path: string) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').pause()
      socket.on('error', () => {})
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      await once(socket, 'readable')
      return socket
    }
    // 32 MB each, far more than the buffers between the two ends
    const grid = (limit: number) => `/grid.npy?x0=10&x1=11&y0=10&y1=11&grid=2000&max_iter=${limit}`
    const [slow, still] = [await open(grid(100)), await open(grid(101))]
    const ended = once(child, 'exit')
    const began = performance.now()
    child.kill('SIGTERM')
    await sleep(4000)
    let bytes = 0
    slow.on('data', (data: Buffer) => {
      bytes += data.length
    })
    slow.resume()
    await once(slow, 'close')
    expect(bytes).toBeGreaterThan(8 * 2000 ** 2)
    expect((await ended)[0]).toBe(0)
    expect(performance.now() - began).toBeLessThan(20_000)
    expect(log.filter(({ level }) => level >= 50)).toEqual([])
    still.destroy()
  })

  test('an uncaught error is logged, and the process exits with 1', async ({ expect }) => {
    const program = `import { isMainThread } from 'node:worker_threads'
    if (isMainThread) setTimeout(() => { throw new Error('out of the blue') }, 10_000)`
    const thrower = `--import=data:text/javascript,${encodeURIComponent(program)}`
    const { url, child, log } = await serve({ threads: 1 }, ['env', `NODE_OPTIONS=${thrower}`])
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const [code] = await once(child, 'exit')
    expect(code).toBe(1)
    await expect
      .poll(() => log.find(({ level }) => level === 60))
      .toMatchObject({
        msg: 'exiting after an uncaught error',
        err: { message: 'out of the blue' },
      })
  })
})
