// Each error names the field, the allowed values and the value received.
import { describe, expect, test } from 'vitest'
import { appearance } from '../../src/http/schemas.ts'
import { get, serveAll, served } from '../served.ts'

serveAll()

describe('bad input', () => {
  const cases: [url: string, status: number, detail: RegExp][] = [
    ['/tile/a/0/0.png', 400, /^z must be a whole number, 0 or more, it was "a"$/],
    ['/tile/0/-1/0.png', 400, /^x must be a whole number, 0 or more, it was "-1"$/],
    ['/tile/0/0/0.5.png', 400, /^y must be a whole number, 0 or more, it was "0.5"$/],
    ['/tile/0/0/zero.png', 400, /^y must be/],
    ['/tile/3/8/0.png', 400, /^x must be below 2\^3 at zoom 3, it was "8"$/],
    ['/tile/3/0/8@2x.png', 400, /^y must be below 2\^3 at zoom 3, it was "8"$/],
    ['/tile/10001/0/0.png', 404, /^z must be at most 10000, the deepest zoom served, it was "10001"$/],
    ['/tile/99999999999999999999/0/0.png', 404, /^z must be at most 10000/],
    ['/tile/0/0/0.gif', 404, /nothing at/],
    ['/tile/0/0/0', 404, /nothing at/],
    ['/nope', 404, /nothing at/],
    ['/tile/0/0/0.png?max_iter=0', 400, /^max_iter must be a whole number from 1 to \d+, or auto, it was "0"$/],
    ['/tile/0/0/0.png?max_iter=1e3', 400, /^max_iter must be/],
    ['/tile/0/0/0.png?max_iter=99999999999', 400, /^max_iter must be a whole number from 1 to/],
    ['/tile/0/0/0.png?palette=garish', 400, /^palette must be one of tidal, .*, it was "garish"$/],
    [
      '/tile/0/0/0.png?colour=red',
      400,
      new RegExp(`^a parameter must be one of max_iter, ${Object.keys(appearance).join(', ')}, v, it was "colour"$`),
    ],
    ['/tile/0/0/0.png?palette=grey&palette=ember', 400, /^palette must be one of/],
    ['/tile/0/0/0.json?palette=grey', 400, /^a parameter must be one of max_iter, v/],
    [
      '/tile/0/0/0.png?max_iter=90000000',
      400,
      /^the cost, samples times max_iter, must be at most 100000000000, it was/,
    ],
    ['/grid?grid=0', 400, /^grid must be a whole number from 1 to/],
    ['/grid?grid=100000', 400, /^grid must be/],
    ['/grid?grid=', 400, /^grid must be/],
    ['/grid?x0=abc', 400, /^x0 must be a decimal number such as -1.25 or 3e-7, at most 1e\+30 in size, it was "abc"$/],
    ['/grid?x1=1e400', 400, /^x1 must be a decimal number/],
    ['/image.png?re=1e31', 400, /^re must be a decimal number/],
    ['/grid?x0=NaN', 400, /^x0 must be/],
    ['/grid?x0=1e9999999', 400, /^x0 must be/],
    [`/grid?x0=0.${'1'.repeat(30_000)}`, 400, /^x0 must be at most 20000 characters long/],
    ['/grid?precision=float16', 400, /^precision must be one of auto, float64, float32, it was "float16"$/],
    ['/grid?max_iter=auto', 400, /^max_iter must be/],
    ['/grid?grid=2000&max_iter=1000000', 400, /^the cost/],
    ['/image.png?zoom=10001', 400, /^zoom must be a number from 0 to 10000/],
    ['/image.png?zoom=-8.5', 400, /^zoom must be a number from 0 to 10000, .* below 0 down to -8/],
    ['/image.png?width=0', 400, /^width must be/],
    ['/palettes.json?x=1', 400, /^a parameter must be left out: this route does not know it, it was "x"$/],
    ['/tile/%/0/0.png', 400, /cannot be read/],
    ['/tile/%c0/0/0.png', 400, /cannot be read|z must be/],
  ]
  test.each(cases.map((each) => [each[0].slice(0, 60), ...each] as const))(
    '%s',
    async (_title, url, status, detail) => {
      const answer = await get(url)
      expect(answer.statusCode).toBe(status)
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
      expect(answer.headers['cache-control']).toBe('no-store')
      // about:blank has the status's own title
      const title = status === 404 ? 'Not Found' : 'Bad Request'
      expect(answer.json()).toMatchObject({ type: 'about:blank', title, status })
      expect(answer.json().detail).toMatch(detail)
    },
  )

  test('every other method gets 405 with Allow', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
      for (const url of ['/tile/0/0/0.png', '/grid', '/healthz', '/']) {
        const answer = await served.app.inject({ method, url, ...(method === 'POST' ? { payload: 'x' } : {}) })
        expect(answer.statusCode, `${method} ${url}`).toBe(405)
        expect(answer.headers.allow).toBe('GET, HEAD')
        expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
      }
    }
  })
})
