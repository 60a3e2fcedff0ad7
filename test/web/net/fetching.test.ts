import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { FetchFailure, fetchWithRetry, retryDelay } from '../../../src/web/net/fetching.ts'

describe('the pause before a retry', () => {
  test('doubles each time, with up to 50 % jitter', () => {
    expect([0, 1, 2, 3].map((attempt) => retryDelay(attempt, null, 0))).toEqual([500, 1000, 2000, 4000])
    expect(retryDelay(2, null, 1)).toBe(3000)
  })

  test('follows Retry-After, up to a maximum', () => {
    expect(retryDelay(0, '3', 0)).toBe(3000)
    expect(retryDelay(4, '1', 0)).toBe(8000)
    expect(retryDelay(0, '86400', 0)).toBe(30_000)
    expect(retryDelay(0, 'tomorrow', 0)).toBe(500)
  })
})

describe('a retrying fetch', () => {
  let server: Server
  afterEach(() => server.close())

  /** A server that answers with these statuses in turn, then with the last one again. */
  async function answering(...statuses: number[]): Promise<{ url: string; seen: () => number }> {
    let seen = 0
    server = createServer((_request, response) => {
      response.statusCode = statuses[Math.min(seen++, statuses.length - 1)]!
      response.end('body')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen: () => seen }
  }

  test('retries after a 503', async () => {
    const { url, seen } = await answering(503, 200)
    let paused = 0
    const body = await fetchWithRetry(url, new AbortController().signal, () => paused++)
    expect(await body.text()).toBe('body')
    expect([seen(), paused]).toEqual([2, 1])
  })

  test('does not retry after a 400, which is permanent', async () => {
    const { url, seen } = await answering(400)
    await expect(fetchWithRetry(url, new AbortController().signal)).rejects.toThrow(FetchFailure)
    expect(seen()).toBe(1)
  })

  test('stops when it is aborted, even in the middle of a pause', async () => {
    const { url, seen } = await answering(503)
    const flight = new AbortController()
    const fetching = fetchWithRetry(url, flight.signal, () => setTimeout(() => flight.abort(), 20))
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError' })
    expect(seen()).toBe(1)
  })
})
