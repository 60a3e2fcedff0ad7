// URLs that are answered before Fastify sees them: every header and byte equals the route's answer.
// A header that only load balancers send leads to the route.
import diagnostics from 'node:diagnostics_channel'
import { Agent, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { RENDERER_VERSION } from '../../src/core/version.ts'
import { buildServer, type Server } from '../../src/http/server.ts'

let server: Server
let app: FastifyInstance
let port: number
let handled = 0
const onHandler = () => {
  handled++
}
beforeAll(async () => {
  server = await buildServer(resolveOptions({ 'log-level': 'silent', threads: '1' }).options)
  app = server.app
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port
  diagnostics.subscribe('tracing:fastify.request.handler:start', onHandler)
})
afterAll(() => {
  diagnostics.unsubscribe('tracing:fastify.request.handler:start', onHandler)
  return app.close()
})

interface Reply {
  status: number | undefined
  headers: string[]
  body: string
  /** did its route answer? */
  routed: boolean
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
afterAll(() => agent.destroy())

/** All headers as they were sent, in order, without the date and an id that the server chose. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  const before = handled
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    request({ port, path, headers, method, agent }, resolve).on('error', reject).end(),
  )
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part as Buffer)
  const { rawHeaders, statusCode } = answer
  const sent = rawHeaders.map((text, at) => {
    const name = rawHeaders[at - 1]?.toLowerCase()
    const own = at % 2 === 1 && (name === 'date' || (name === 'x-request-id' && text !== headers[name]))
    return own ? 'some' : text
  })
  return { status: statusCode, headers: sent, body: Buffer.concat(parts).toString('base64'), routed: handled > before }
}

const TILE = '/tile/5/13/14'
const ROUTED = { 'x-neighbourhood': 'any' }

test.each([
  [`${TILE}.png`, {}],
  [`${TILE}.png?palette=grey&density=2`, {}],
  [`${TILE}@2x.png?v=${RENDERER_VERSION}`, {}],
  [`${TILE}.webp`, { 'accept-encoding': 'gzip, br' }],
  [`/julia/-0.8,0.156/tile/3/2/5.png`, { accept: 'image/*', 'accept-encoding': 'gzip' }],
  [`${TILE}.png`, { 'x-request-id': 'of-a-proxy.7' }],
  [`${TILE}.png`, { 'x-request-id': 'not one of ours' }],
  [`${TILE}.png`, { connection: 'close' }],
  [`${TILE}.png`, { connection: 'keep-alive', origin: 'https://elsewhere.example' }],
  [`${TILE}.png`, { 'if-none-match': '"another"' }],
  [`${TILE}.png`, { 'if-none-match': '*' }],
  [`${TILE}.png`, { 'if-none-match': '*', connection: 'close' }],
])('%s with %j gets the same answer on both paths, whatever was served before', async (path, headers) => {
  await ask(path)
  await ask(path)
  const routed = await ask(path, { ...headers, ...ROUTED })
  expect(routed.routed).toBe(true)
  // Node writes the first answer for a URL, and later ones reuse its text
  for (const round of [1, 2, 3]) {
    expect(await ask(path, headers), `round ${round}`).toEqual({ ...routed, routed: false })
  }
})

test('an ETag is recognised in lists and in its weak form, and both paths give the same 304', async () => {
  const path = `${TILE}.png`
  await ask(path)
  const { headers } = await ask(path)
  const tag = headers[headers.indexOf('etag') + 1]!
  for (const list of [tag, `W/${tag}`, `"a", W/${tag} , "b"`]) {
    const routed = await ask(path, { 'if-none-match': list, ...ROUTED })
    expect([routed.status, routed.routed, routed.body]).toEqual([304, true, ''])
    for (const _ of [1, 2]) expect(await ask(path, { 'if-none-match': list })).toEqual({ ...routed, routed: false })
  }
})

test('range requests, HEAD and invalid requests take the route', async () => {
  const path = `${TILE}.png`
  await ask(path)
  await ask(path)
  const part = await ask(path, { range: 'bytes=0-9' })
  expect([part.status, part.routed, part.body.length]).toEqual([206, true, 16])
  expect(await ask(path, {}, 'HEAD')).toMatchObject({ status: 200, routed: true, body: '' })
  expect(await ask(path, { host: 'no host' })).toMatchObject({ status: 400, routed: false })
  expect(await ask(path, { expect: 'miracles' })).toMatchObject({ status: 417, routed: false })
})

test('HTTP/1.0 and pipelined requests get the same answers as from the route', async () => {
  const path = `${TILE}.png`
  await ask(path)
  await ask(path)
  const raw = async (text: string, answers: number) => {
    const socket = connect(port, '127.0.0.1')
    socket.end(text)
    const parts: Buffer[] = []
    for await (const part of socket) parts.push(part as Buffer)
    const received = Buffer.concat(parts).toString('latin1')
    expect(received.split('HTTP/1.1 200 OK\r\n').length - 1).toBe(answers)
    return received.replace(/(date|x-request-id): .*/gi, '$1: some')
  }
  for (const head of ['HTTP/1.0\r\n', 'HTTP/1.0\r\nConnection: keep-alive\r\n', 'HTTP/1.1\r\nHost: a\r\n']) {
    const known = await raw(`GET ${path} ${head}\r\n`, 1)
    expect(known).toBe(await raw(`GET ${path} ${head}X-Neighbourhood: any\r\n\r\n`, 1))
    const both = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\nGET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
    expect(await raw(both + both, 4)).toContain('x-cache: HIT')
  }
})

test('both paths count as requests of their route and as cache hits', async () => {
  const path = `${TILE}.png`
  const counted = async () => {
    const { payload } = await app.inject('/metrics')
    const one = (name: string) => Number(new RegExp(`^mandeltiles_${name} (\\d+)`, 'm').exec(payload)?.[1] ?? 0)
    const route = 'requests_total{route="/tile/:z/:x/:y.png",status='
    return [`${route}"200"}`, `${route}"304"}`, 'cache_requests_total{result="hit"}'].map((name) =>
      one(name.replace(/[{}.*+?]/g, '\\$&')),
    )
  }
  const asked = async (headers: Record<string, string>) => {
    const before = await counted()
    await ask(path, headers)
    return (await counted()).map((count, at) => count - before[at]!)
  }
  await ask(path)
  for (const way of [{}, ROUTED]) {
    expect(await asked(way)).toEqual([1, 0, 1])
    expect(await asked({ 'if-none-match': '*', ...way })).toEqual([0, 1, 0])
  }
})

test('a draining server refuses known URLs too, and closes their connections', async () => {
  const path = `${TILE}.png`
  await ask(path)
  expect((await ask(path)).routed).toBe(false)
  const drained = server.drain(5000)
  const answer = await ask(path)
  expect(answer.status).toBe(503)
  expect(answer.headers.map((text) => text.toLowerCase())).toContain('retry-after')
  expect(answer.headers).toContain('close')
  await drained
})
