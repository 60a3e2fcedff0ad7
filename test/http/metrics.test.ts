import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'

let app: FastifyInstance
beforeAll(async () => {
  app = (await buildServer(resolveOptions({ 'log-level': 'silent', threads: '2' }).options)).app
})
afterAll(() => app.close())

/** The samples of /metrics by name and labels, verbatim. */
async function metrics(): Promise<Record<string, number>> {
  const { payload } = await app.inject('/metrics')
  return Object.fromEntries(
    payload
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

test('renders, lookups and answers are counted', async () => {
  const before = await metrics()
  for (const url of ['/tile/5/1/2.png', '/tile/5/1/2.png', '/tile/5/1/2.webp', '/grid?grid=3', '/image.png?width=9']) {
    expect((await app.inject(url)).statusCode).toBe(200)
  }
  expect((await app.inject({ method: 'HEAD', url: '/tile/5/1/3.png' })).statusCode).toBe(200)
  expect((await app.inject('/tile/5/1/99.png')).statusCode).toBe(400)
  expect((await app.inject('/nothing')).statusCode).toBe(404)
  const after = await metrics()
  const more = (name: string) => (after[`mandeltiles_${name}`] ?? 0) - (before[`mandeltiles_${name}`] ?? 0)
  expect(more('renders_total{kind="tile"}')).toBe(1)
  expect(more('renders_total{kind="grid"}')).toBe(1)
  expect(more('renders_total{kind="image"}')).toBe(1)
  expect(more('cache_requests_total{result="hit"}')).toBeGreaterThanOrEqual(1)
  expect(more('requests_total{route="/tile/:z/:x/:y.png",status="200"}')).toBe(3)
  expect(more('requests_total{route="/tile/:z/:x/:y.png",status="400"}')).toBe(1)
  expect(more('requests_total{route="none",status="404"}')).toBe(1)
  expect(more('render_seconds_count{kind="tile"}')).toBe(1)
  expect(after['mandeltiles_cache_bytes{tier="memory"}']).toBeGreaterThan(1000)
  expect(after.mandeltiles_nodejs_eventloop_lag_p99_seconds).toBeGreaterThan(0)
})

test('no label takes its value from a client, and every name has the prefix', async () => {
  await app.inject('/tile/5/1/2.png?palette=xyzzy')
  await app.inject('/xyzzy/1')
  await app.inject({ method: 'GET', url: '/healthz', headers: { 'x-request-id': 'xyzzy' } })
  const names = Object.keys(await metrics())
  expect(names.filter((name) => name.includes('xyzzy'))).toEqual([])
  expect(names.filter((name) => !name.startsWith('mandeltiles_'))).toEqual([])
})

test('metrics follow the Prometheus naming conventions, and gauges do not end in _total', async () => {
  const { payload } = await app.inject('/metrics')
  const types = new Map(
    [...payload.matchAll(/^# TYPE mandeltiles_(\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
  )
  expect(types.get('cache_requests_by_zoom_total')).toBe('counter')
  expect(types.get('cache_tier_errors_total')).toBe('counter')
  expect(types.get('encodes_in_progress')).toBe('gauge')
  expect(types.get('queue_estimated_wait_seconds')).toBe('gauge')
  // promtool: the suffix is a counter's
  for (const [name, type] of types) expect(type === 'counter', name).toBe(name!.endsWith('_total'))
})

test('/readyz renders a tile and checks it', async () => {
  const answer = await app.inject('/readyz')
  expect(answer.statusCode).toBe(200)
  expect(answer.json().status).toBe('ready')
})

test('a request keeps its own id if that is safe to log', async () => {
  const id = async (given?: string) =>
    (await app.inject({ url: '/healthz', headers: given ? { 'x-request-id': given } : {} })).headers['x-request-id']
  expect(await id('abc-1.2')).toBe('abc-1.2')
  const own = [await id(), await id('two words'), await id('x'.repeat(65))]
  for (const one of own) expect(one).toMatch(/^[\w-]{6}-\d+$/)
  expect(new Set(own).size).toBe(3)
})
