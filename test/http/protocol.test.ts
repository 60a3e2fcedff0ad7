// What other HTTP clients expect: raw sockets for requests that fetch does not allow, and a base
// path.

import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import { listenAll, served } from '../served.ts'

listenAll({ threads: '1' })

/**
 * Sends these lines, and returns everything that the server sends until it closes the connection.
 */
function say(...lines: string[]): Promise<{ status: number; head: string; body: string }> {
  return new Promise((resolve, reject) => {
    let said = ''
    const socket = connect(served.port, '127.0.0.1', () =>
      socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`),
    )
    socket.on('data', (data) => (said += data))
    socket.once('error', reject)
    socket.once('close', () => {
      const [head = '', body = ''] = said.split('\r\n\r\n')
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body })
    })
  })
}

describe('a request that violates HTTP gets a problem+json answer', () => {
  test.each([
    ['no Host', 400, /^the Host header must be a name or an address, maybe with a port, it was "missing"$/, []],
    ['an empty Host', 400, /^the Host header must be .*, it was ""$/, ['Host:']],
    ['a Host that is none', 400, /^the Host header must be .*, it was "a b"$/, ['Host: a b']],
    ['markup as Host', 400, /^the Host header must be/, ['Host: a"><script>']],
    [
      'an Expect that nobody knows',
      417,
      /^the Expect header must be 100-continue, it was "wonders"$/,
      ['Host: a', 'Expect: wonders'],
    ],
  ] as const)('%s', async (_title, status, detail, headers) => {
    for (const path of ['/tile.json', '/tile/0/0/0.png']) {
      const answer = await say(`GET ${path} HTTP/1.1`, ...headers)
      expect(answer.status, path).toBe(status)
      expect(answer.head.toLowerCase()).toContain('content-type: application/problem+json')
      expect(JSON.parse(answer.body).detail).toMatch(detail)
    }
  })

  test('a browser’s Host header is accepted, and HTTP/1.0 needs none for a tile', async () => {
    for (const host of ['localhost', '127.0.0.1:8080', '[::1]:8080', 'tiles.example-1.org:81']) {
      expect((await say('GET /tile.json HTTP/1.1', `Host: ${host}`)).status, host).toBe(200)
    }
    expect((await say('GET /tile/0/0/0.png HTTP/1.0')).status).toBe(200)
    const { status, body } = await say('GET /tile.json HTTP/1.0')
    expect([status, JSON.parse(body).detail]).toEqual([
      400,
      expect.stringMatching(/^the Host or X-Forwarded-Host header must/),
    ])
    expect((await say('GET /tile/0/0/0.png HTTP/1.1', 'Host: a', 'Expect: 100-continue')).head).toContain(
      '100 Continue',
    )
  })

  test('a range past the end of a file gets 416', async () => {
    const page = await served.app.inject({ url: '/index.html', headers: { range: 'bytes=99999999-' } })
    expect([page.statusCode, page.headers['content-type']]).toEqual([416, 'application/problem+json; charset=utf-8'])
    expect(page.json().detail).toMatch(/^the Range header must be/)
    expect((await served.app.inject({ url: '/index.html', headers: { range: 'bytes=0-9' } })).statusCode).toBe(206)
  })
})

test('a preflight allows any header, and a plain OPTIONS gets 405', async () => {
  const headers = { origin: 'https://maps.example', 'access-control-request-method': 'GET' }
  for (const url of ['/tile/0/0/0.png', '/tile.json', '/grid', '/progress']) {
    const asked = { ...headers, 'access-control-request-headers': 'x-client-id,x-map' }
    const answer = await served.app.inject({ method: 'OPTIONS', url, headers: asked })
    expect([answer.statusCode, answer.payload]).toEqual([204, ''])
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.headers['access-control-allow-methods']).toBe('GET, HEAD')
    expect(answer.headers['access-control-allow-headers']).toBe('*, Authorization')
  }
  expect((await served.app.inject({ method: 'OPTIONS', url: '/tile/0/0/0.png' })).statusCode).toBe(405)
})

test('/docs and everything it loads lie below the page, whatever the base path', async () => {
  const base = 'http://example.org/fractals'
  const page = await served.app.inject('/docs')
  const parts = [...page.payload.matchAll(/(?:src|href)="([^"]+)"/g)].map(
    ([, part]) => new URL(part!, `${base}/docs`).href,
  )
  expect(parts.length).toBeGreaterThan(3)
  for (const part of parts) {
    expect(part.startsWith(`${base}/docs/`), part).toBe(true)
    expect((await served.app.inject(part.slice(base.length))).statusCode, part).toBe(200)
  }
})

test('documents are serialised once, and revalidation gets 304', async () => {
  for (const url of ['/openapi.json', '/palettes.json']) {
    const first = await served.app.inject(url)
    expect(first.headers['content-type']).toBe('application/json; charset=utf-8')
    const again = await served.app.inject({ url, headers: { 'if-none-match': String(first.headers.etag) } })
    expect([again.statusCode, again.payload], url).toEqual([304, ''])
  }
})

test('the page’s content security policy allows no inline script and no other host', async () => {
  const policy = String((await served.app.inject('/')).headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
})

test('a tile outside the pyramid gets 400, or 404 on request', async () => {
  const { app: lenient } = await buildServer(
    resolveOptions({ 'log-level': 'silent', threads: '1', outside: '404' }).options,
  )
  try {
    for (const url of ['/tile/3/8/0.png', '/tile/3/0/8@2x.png', '/julia/0.1,0.2/tile/1/2/0.png']) {
      const [strict, mild] = [await served.app.inject(url), await lenient.inject(url)]
      expect([strict.statusCode, mild.statusCode], url).toEqual([400, 404])
      expect(mild.json().detail).toBe(strict.json().detail)
    }
    expect((await lenient.inject('/tile/3/a/0.png')).statusCode).toBe(400)
  } finally {
    await lenient.close()
  }
})
