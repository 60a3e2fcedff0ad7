import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { RateLimiter } from '../../src/http/ratelimit.ts'
import { buildServer } from '../../src/http/server.ts'

const takes = (limiter: RateLimiter, address: string, now: number) => {
  try {
    limiter.take(address, now)
    return true
  } catch {
    return false
  }
}

test('a bucket allows its burst at once, then its rate', () => {
  const limiter = new RateLimiter(2, 5)
  expect(Array.from({ length: 7 }, () => takes(limiter, 'a', 0))).toEqual([true, true, true, true, true, false, false])
  expect([0.4, 0.5, 0.6, 1].map((now) => takes(limiter, 'a', now))).toEqual([false, true, false, true])
  // never more than the burst, however long it was idle
  expect(Array.from({ length: 6 }, () => takes(limiter, 'a', 1000)).filter(Boolean).length).toBe(5)
  expect(takes(limiter, 'b', 0)).toBe(true)
  expect(limiter.refused).toBe(5)
})

test('a bucket says when to retry', () => {
  const limiter = new RateLimiter(1, 1)
  limiter.take('a', 0)
  expect(() => limiter.take('a', 0.1)).toThrow('try again in 1 s')
  const slow = new RateLimiter(1, 10)
  for (let k = 0; k < 10; k++) slow.take('a', 0)
  expect(() => slow.take('a', 0)).toThrow(/^this client has used up its burst of 10 renders/)
})

test('a render pays its expected cost up front, and its actual cost at the end', () => {
  const limiter = new RateLimiter(1, 5)
  const now = performance.now() / 1000
  // 1 for the render, and 30 for its seconds
  const settle = limiter.begin('a', 30)
  expect([1, 20, 26.5].map((later) => takes(limiter, 'a', now + later))).toEqual([false, false, false])
  // it was cancelled after four seconds
  settle(4.2)
  expect(limiter.refused).toBe(3)
  expect(takes(limiter, 'a', now + 1.5)).toBe(true)
  // a render of unknown cost pays afterwards
  limiter.begin('b', 0)(60)
  expect([1, 50, 57.5].map((later) => takes(limiter, 'b', now + later))).toEqual([false, false, true])
  expect(() => limiter.begin('b', 0)).toThrow('this client has used up its burst of 5 renders')
  // less than a second counts as one render, whatever its length
  const quick = new RateLimiter(1, 2)
  quick.begin('c', 0)(0.9)
  expect(takes(quick, 'c', now + 0.5)).toBe(true)
})

test('an IPv6 client is its /64 prefix, and an IPv4-mapped address is IPv4', () => {
  const limiter = new RateLimiter(1, 1)
  limiter.take('2001:db8:1:2:3:4:5:6', 0)
  for (const same of ['2001:db8:1:2::1', '2001:0db8:1:2:ffff::']) expect(takes(limiter, same, 0), same).toBe(false)
  for (const other of ['2001:db8:1:3::1', '2001:db8::1', '::1']) expect(takes(limiter, other, 0), other).toBe(true)
  limiter.take('10.0.0.1', 0)
  expect(takes(limiter, '::ffff:10.0.0.1', 0)).toBe(false)
})

let app: FastifyInstance
beforeAll(async () => {
  const set = { 'log-level': 'silent', 'client-rate': '1', 'client-burst': '3', 'trust-proxy': '127.0.0.1' }
  app = (await buildServer(resolveOptions(set).options)).app
  // its clock stands still: on a busy machine a second passes between two requests, and a small
  // tile may take another one
  const limiter = app.rateLimiter!
  const take = limiter.take.bind(limiter)
  limiter.take = (address) => take(address, 0)
  limiter.begin = (address) => {
    limiter.take(address)
    return () => {}
  }
})
afterAll(() => app.close())

test('only renders count: cached tiles, 304 and HEAD are free, and other clients are not affected', async () => {
  const get = (url: string, client = '192.0.2.1', headers = {}) => app.inject({ url, remoteAddress: client, headers })
  const first = await get('/tile/3/1/1.png')
  for (let k = 0; k < 5; k++) expect((await get('/tile/3/1/1.png')).statusCode).toBe(200)
  expect((await app.inject({ method: 'HEAD', url: '/tile/3/2/1.png', remoteAddress: '192.0.2.1' })).statusCode).toBe(
    200,
  )
  expect((await get('/tile/3/5/5.png', '192.0.2.1', { 'if-none-match': '*' })).statusCode).toBe(304)
  expect(first.statusCode).toBe(200)
  const more = await Promise.all([2, 3, 4, 5].map((x) => get(`/tile/3/${x}/1.png`)))
  expect(more.map(({ statusCode }) => statusCode)).toEqual([200, 200, 429, 429])
  const refused = more[2]!
  expect(refused.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  expect((await get('/tile/3/4/1.png', '192.0.2.2')).statusCode).toBe(200)
  // another client rendered it, so it is free now
  expect((await get('/tile/3/4/1.png')).statusCode).toBe(200)
})

test('a forwarded address counts only behind a trusted proxy', async () => {
  const ask = (x: number, remoteAddress: string, from: string) =>
    app.inject({ url: `/tile/5/${x}/3.png`, remoteAddress, headers: { 'x-forwarded-for': from } })
  const through = await Promise.all([0, 1, 2, 3].map((x) => ask(x, '127.0.0.1', `198.51.100.${x}`)))
  expect(through.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
  const forged = await Promise.all([4, 5, 6, 7].map((x) => ask(x, '203.0.113.9', `198.51.100.${x}`)))
  expect(forged.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 200, 429])
})

test('TileJSON uses the host that a trusted proxy names, and otherwise the request’s own', async () => {
  const tiles = async (remoteAddress: string) =>
    (
      await app.inject({
        url: '/tile.json',
        remoteAddress,
        headers: { host: 'inner:8080', 'x-forwarded-host': 'maps.example', 'x-forwarded-proto': 'https' },
      })
    ).json().tiles[0]
  expect(await tiles('127.0.0.1')).toMatch(/^https:\/\/maps\.example\/tile\//)
  expect(await tiles('203.0.113.9')).toMatch(/^http:\/\/inner:8080\/tile\//)
})
