// 22,000 requests on a real socket, 20,000 with random paths and queries and 2,000 that are
// malformed HTTP: no 5xx, every error is problem+json, and the server keeps serving, even with slow
// clients. With FUZZ_REQUESTS there are so many random ones, other ones each time.
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'

const { FUZZ_REQUESTS } = process.env

let app: FastifyInstance
let port: number

beforeAll(async () => {
  // a low cost limit, so that requests which happen to be valid are answered quickly
  const { options } = resolveOptions({
    'log-level': 'silent',
    port: '0',
    'max-cost': '1e8',
    'max-image': '128',
    'request-timeout': String(PATIENCE),
  })
  app = (await buildServer(options)).app
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port
})
afterAll(() => app.close())

interface Reply {
  status: number
  head: string
  body: Buffer
}

// the server waits this long for a complete request; and a client that writes to a closed socket
// may lose the answer in its buffer
const PATIENCE = 2 // seconds

/**
 * Sends bytes on one connection, then `drip` every 100 ms until shortly before the server has had
 * enough, and reads answers until `count` came or it was closed.
 */
async function exchange(bytes: string | Buffer, count: number, drip?: string): Promise<Reply[]> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const replies: Reply[] = []
  let buffer = Buffer.alloc(0)
  socket.on('data', (data) => {
    buffer = Buffer.concat([buffer, data])
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = buffer.subarray(0, end).toString('latin1')
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      if (buffer.length < end + 4 + length) return
      replies.push({ status: Number(head.slice(9, 12)), head, body: buffer.subarray(end + 4, end + 4 + length) })
      buffer = buffer.subarray(end + 4 + length)
      if (replies.length === count) socket.end()
    }
  })
  const closed = once(socket, 'close')
  socket.on('error', () => {})
  socket.write(bytes)
  const enough = performance.now() + 900 * PATIENCE
  const dripping = drip !== undefined && setInterval(() => performance.now() < enough && socket.write(drip), 100)
  await closed
  if (dripping) clearInterval(dripping)
  return replies
}

// pieces of request targets: good ones, bad ones, and characters that HTTP allows
const piece = fc.oneof(
  fc.constantFrom(
    'tile',
    'grid',
    'grid.npy',
    'plot.png',
    'image.png',
    'tile.json',
    'healthz',
    '..',
    '.',
    '',
    '%',
    '%00',
    '%2e%2e',
    '%c3%28',
    '%ff',
  ),
  fc.constantFrom(
    '0.png',
    '0@2x.png',
    '0.json',
    '0@3x.png',
    '-1.png',
    '1e9.png',
    '0.webp.png',
    '.png',
    '0x0.png',
    'NaN',
    'null',
    '𝟘.png'.normalize('NFC'),
  ),
  fc.bigInt({ min: -(1n << 80n), max: 1n << 80n }).map(String),
  fc.stringMatching(/^[!-~]{0,12}$/),
  fc.nat(300).map((n) => '9'.repeat(n)),
)
const value = fc.oneof(
  piece,
  fc.double().map(String),
  fc.constantFrom('auto', '1e400', '-0', '+1', '0.1.2', '1e-999999', 'grey', '[]', '__proto__', 'true', '%00', '٣'),
)
const pair = fc
  .tuple(
    fc.constantFrom(
      'max_iter',
      'palette',
      'x0',
      'x1',
      'y0',
      'y1',
      'grid',
      'precision',
      'width',
      'height',
      'zoom',
      're',
      'im',
      'v',
      '__proto__',
      'constructor',
      '',
      'a[b]',
    ),
    value,
  )
  .map(([name, text]) => `${name}=${text}`)
const target = fc
  .tuple(fc.array(piece, { maxLength: 6 }), fc.array(pair, { maxLength: 5 }))
  .map(([path, query]) => `/${path.join('/')}${query.length > 0 ? `?${query.join('&')}` : ''}`)
  .map((text) => text.replace(/[^!-~]/gu, (character) => encodeURIComponent(character)))

const BATCH = 200

test('pipelined random targets all get an answer, and none a 5xx', { timeout: 600_000 }, async () => {
  const seen = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(target, { minLength: BATCH, maxLength: BATCH }), async (targets) => {
      const bytes = targets.map((text) => `GET ${text} HTTP/1.1\r\nHost: fuzz\r\n\r\n`).join('')
      const replies = await exchange(Buffer.from(bytes, 'latin1'), BATCH)
      for (const [k, { status, head, body }] of replies.entries()) {
        seen.set(status, (seen.get(status) ?? 0) + 1)
        if (status >= 500) throw new Error(`${status} for ${targets[k]}: ${body}`)
        if (status >= 400 && !/^content-type: application\/problem\+json/im.test(head))
          throw new Error(`no problem+json for ${targets[k]}`)
      }
      return replies.length === BATCH
    }),
    {
      numRuns: Math.ceil(Number(FUZZ_REQUESTS ?? 20_000) / BATCH),
      endOnFailure: true,
      ...(FUZZ_REQUESTS ? {} : { seed: 1 }),
    },
  )
  expect([...seen.keys()].sort()).toEqual(expect.arrayContaining([200, 400, 404]))
})

test('2,000 malformed requests are refused or cut off, and the next client is served', {
  timeout: 600_000,
}, async () => {
  const noise = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.concat([bytes, Buffer.from('\r\n\r\n')])),
    target.map((text) => Buffer.from(`GET ${text}\u0001 HTTP/1.1\r\n\r\n`, 'latin1')),
    target.map((text) => Buffer.from(`get ${text} HTTP/9.9\r\nHost: x\r\n\r\n`, 'latin1')),
    fc.constant(Buffer.from(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)),
    fc.constant(Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`)),
    fc.constant(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n')),
    fc.constant(Buffer.from('POST /grid HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n')),
  )
  await fc.assert(
    fc.asyncProperty(noise, async (bytes) => {
      const replies = await exchange(bytes, 1)
      for (const { status, body } of replies) if (status >= 500) throw new Error(`${status}: ${body}`)
    }),
    { numRuns: 2000, seed: 2, endOnFailure: true },
  )
  const [reply] = await exchange('GET /tile/0/0/0.png HTTP/1.1\r\nHost: x\r\n\r\n', 1)
  expect(reply?.status).toBe(200)
})

test('a request line or header that is too long gets 431, one that fits is accepted', async () => {
  const long = 'x'.repeat(70_000)
  for (const [line, header, status] of [
    [`/${long}`, 'x', 431],
    ['/healthz', long, 431],
    [`/healthz?${long}`, 'x', 431],
    [`/${'x'.repeat(60_000)}`, 'x', 404],
    ['/healthz', 'x'.repeat(60_000), 200],
  ] as const) {
    const [reply] = await exchange(`GET ${line} HTTP/1.1\r\nHost: x\r\nX: ${header}\r\n\r\n`, 1)
    expect(reply?.status).toBe(status)
    if (status >= 400) expect(reply?.head).toMatch(/^content-type: application\/problem\+json/im)
    if (status !== 431) continue
    const { detail, ...rest } = JSON.parse(String(reply!.body))
    expect(rest).toEqual({ type: 'about:blank', title: 'Request Header Fields Too Large', status })
    expect(detail).toBe("the request's URL and headers must be at most 65536 bytes together, they were more")
  }
})

test('50 clients that never finish their headers get 408, and others are served meanwhile', async () => {
  const slow = Array.from({ length: 50 }, () => exchange('GET /tile/0/0/0.png HTTP/1.1\r\nHost: x\r\nX-Slow: ', 1, 'z'))
  let waiting = true
  const ended = Promise.all(slow).finally(() => (waiting = false))
  let served = 0
  while (waiting) {
    const [reply] = await exchange('GET /tile/0/0/0.png HTTP/1.1\r\nHost: x\r\n\r\n', 1)
    expect(reply?.status).toBe(200)
    served++
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect((await ended).map(([reply]) => reply?.status)).toEqual(slow.map(() => 408))
  expect(served).toBeGreaterThan(5)
})
