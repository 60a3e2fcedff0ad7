// Caching headers: validators, lifetimes, and that one URL is rendered once.
import { describe, expect, test } from 'vitest'
import { RENDERER_VERSION } from '../../src/core/version.ts'
import { get, serveAll, served } from '../served.ts'

serveAll()

describe('caching', () => {
  test('the ETag is known before rendering: 304 and HEAD render nothing', async () => {
    const renders = { ...served.renderer.renders }
    const head = await served.app.inject({ method: 'HEAD', url: '/tile/9/100/200.png' })
    expect(head.statusCode).toBe(200)
    expect(head.payload).toBe('')
    const tag = head.headers.etag as string
    expect(tag).toMatch(/^"[\w-]+"$/)
    for (const header of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const answer = await get('/tile/9/100/200.png', { 'if-none-match': header })
      expect(answer.statusCode).toBe(304)
      expect(answer.headers.etag).toBe(tag)
    }
    expect(served.renderer.renders).toEqual(renders)
    const answer = await get('/tile/9/100/200.png', { 'if-none-match': '"other"' })
    expect([answer.statusCode, answer.headers.etag, answer.headers['x-cache']]).toEqual([200, tag, 'MISS'])
    expect((await get('/tile/9/100/200.png')).headers['x-cache']).toBe('HIT')
  })

  test('the ETag changes with everything that affects the bytes, and with nothing else', async () => {
    const tags = await Promise.all(
      ['0.png', '0.webp', '0@2x.png', '0.png?palette=ember', '0.png?max_iter=77', '0.json', '0.npy'].map(
        async (rest) => (await served.app.inject({ method: 'HEAD', url: `/tile/0/0/${rest}` })).headers.etag,
      ),
    )
    expect(new Set(tags).size).toBe(tags.length)
    const plainTag = (await get('/tile/0/0/0.png')).headers.etag
    expect((await get(`/tile/0/0/0.png?v=${RENDERER_VERSION}`)).headers.etag).toBe(plainTag)
  })

  test('the current version in the URL makes an answer immutable', async () => {
    expect((await get('/tile/0/0/0.png')).headers['surrogate-key']).toBe(`mandeltiles mandeltiles-${RENDERER_VERSION}`)
    expect((await get(`/tile/0/0/0.png?v=${RENDERER_VERSION}`)).headers['cache-control']).toBe(
      'public, max-age=31536000, immutable',
    )
    expect((await get('/tile/0/0/0.png?v=older')).headers['cache-control']).toBe(
      'public, max-age=86400, stale-while-revalidate=604800, stale-if-error=604800',
    )
  })

  test('every answer allows other origins and sets nosniff', async () => {
    for (const url of ['/tile/0/0/0.png', '/tile/0/0/9.png', '/nothing', '/tile.json']) {
      expect((await get(url)).headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'ETag, X-Cache, Server-Timing, Retry-After, X-Request-Id',
        'timing-allow-origin': '*',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'cross-origin',
      })
    }
  })

  test('a repeated request gets the same answer except for the cache tier', async () => {
    for (const [url, deep] of [
      ['/tile/6/21/33.png', false],
      ['/tile/6/21/33.webp?palette=ember', false],
      [`/tile/6/21/33.png?v=${RENDERER_VERSION}`, false],
      [`/tile/44/${2n ** 43n}/${2n ** 43n}.png?max_iter=50`, true],
    ] as const) {
      const answers = [await get(url), await get(url), await get(url)]
      expect(answers.map(({ headers }) => headers['x-cache'])).toEqual([
        url.includes('?v') ? 'HIT' : 'MISS',
        'HIT',
        'HIT',
      ])
      const same = answers.map(({ statusCode, rawPayload, headers }) => {
        const { 'x-request-id': id, 'x-cache': _cache, 'server-timing': timing, date: _date, ...others } = headers
        expect(id).toBeTruthy()
        expect(timing).toMatch(/^queue;dur=[\d.]+, render;dur=[\d.]+, encode;dur=[\d.]+$/)
        return { statusCode, bytes: rawPayload.toString('base64'), others }
      })
      expect(same[1]).toEqual(same[0])
      expect(same[2]).toEqual(same[0])

      const { etag } = answers[0]!.headers
      const unchanged = await get(url, { 'if-none-match': String(etag) })
      expect(unchanged.statusCode).toBe(304)
      expect(unchanged.rawPayload.length).toBe(0)
      expect(unchanged.headers).toMatchObject({ etag, 'access-control-allow-origin': '*' })
      expect(unchanged.headers['content-type']).toBeUndefined()
      const head = await served.app.inject({ method: 'HEAD', url })
      expect([head.statusCode, head.headers.etag, head.rawPayload.length]).toEqual([200, etag, 0])
      expect((await served.app.inject({ method: 'POST', url })).statusCode).toBe(405)
      // a request for the owner is redirected, whether the tile is in memory or not
      expect((await get(url, { 'x-neighbourhood': 'ask' })).statusCode).toBe(deep ? 421 : 200)
    }
  })

  test('200 simultaneous requests for a cold tile share one render', async () => {
    const before = served.renderer.renders.tile
    const answers = await Promise.all(Array.from({ length: 200 }, () => get('/tile/20/380000/524000.png')))
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    expect(served.renderer.renders.tile - before).toBe(1)
    expect(new Set(answers.map(({ rawPayload }) => rawPayload.toString('base64'))).size).toBe(1)
    const how = answers.map(({ headers }) => headers['x-cache'])
    expect(how.filter((x) => x === 'MISS').length).toBe(1)
    expect(how.filter((x) => x === 'COALESCED').length).toBe(199)
  })
})
