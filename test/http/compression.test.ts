// Compressed answers and range requests, as clients make them.
import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { listenAll, served } from '../served.ts'

listenAll({ threads: '1' })

interface Got {
  status: number
  headers: Record<string, string | undefined>
  body: Buffer
}

// not fetch, which would decompress
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    request({ port: served.port, path, headers, method, agent: false }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part) => parts.push(part))
      answer.once('end', () => {
        const headers = answer.headers as Got['headers']
        resolve({ status: answer.statusCode!, headers, body: Buffer.concat(parts) })
      })
      answer.once('error', reject)
    })
      .once('error', reject)
      .end()
  })
}

const decoded = ({ headers, body }: Got) =>
  headers['content-encoding'] === 'br'
    ? brotliDecompressSync(body)
    : headers['content-encoding'] === 'gzip'
      ? gunzipSync(body)
      : body

const TEXTS = [
  '/',
  '/tile/3/4/2.json',
  '/tile/0/0/0.geojson',
  '/grid?grid=60',
  '/openapi.json',
  '/palettes.json',
  '/metrics',
]
const OTHERS = [
  '/tile/3/4/2.png',
  '/tile/3/4/2.webp',
  '/image.png?width=64&height=64',
  '/tile/3/4/2.npy',
  '/grid.npy?grid=9',
]

describe('texts', () => {
  test.each(TEXTS)('%s is compressed as the client accepts, with Vary for caches', async (path) => {
    const plain = await get(path)
    expect([plain.status, plain.headers['content-encoding']]).toEqual([200, undefined])
    expect(plain.headers.vary).toContain('Accept-Encoding')
    for (const [accepted, encoding] of [
      ['br', 'br'],
      ['gzip', 'gzip'],
      ['gzip, deflate, br', 'br'],
      ['br;q=0.1, gzip;q=1', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
    ] as const) {
      const got = await get(path, { 'accept-encoding': accepted })
      expect([got.headers['content-encoding'], got.headers.vary], accepted).toEqual([encoding, plain.headers.vary])
      expect(got.body.length).toBeLessThan(plain.body.length)
      // metrics change from one answer to the next
      if (path !== '/metrics') expect(decoded(got).equals(plain.body)).toBe(true)
    }
    for (const accepted of ['identity', 'deflate', 'gzip;q=0, br;q=0', 'nonsense,,;q']) {
      const got = await get(path, { 'accept-encoding': accepted })
      expect([got.status, got.headers['content-encoding']], accepted).toEqual([200, undefined])
    }
  })

  test('a compressed answer has a weak ETag, which revalidates', async () => {
    const path = '/tile/3/4/2.json'
    const [plain, packed] = [await get(path), await get(path, { 'accept-encoding': 'br' })]
    expect(packed.headers.etag).toBe(`W/${plain.headers.etag}`)
    const headers = { 'if-none-match': packed.headers.etag!, 'accept-encoding': 'br' }
    expect(await get(path, headers)).toMatchObject({ status: 304, body: Buffer.alloc(0) })
    const head = await get(path, { 'accept-encoding': 'br' }, 'HEAD')
    expect([head.status, head.body.length, head.headers['content-encoding']]).toEqual([200, 0, undefined])
  })

  test('a short text is sent uncompressed', async () => {
    const { headers, status } = await get('/tile/1/2/0.json', { 'accept-encoding': 'br' })
    expect([status, headers['content-encoding']]).toEqual([400, undefined])
  })

  test('the first paint stays under 100 KB with gzip', async () => {
    const page = await get('/', { 'accept-encoding': 'gzip' })
    const parts = [
      ...decoded(page)
        .toString()
        .matchAll(/(?:src|href)="(?:\.?\/)?(assets\/[^"]+\.(?:js|css))"/g),
    ]
    expect(parts.length).toBeGreaterThan(1)
    const got = await Promise.all(parts.map(([, path]) => get(`/${path}`, { 'accept-encoding': 'gzip' })))
    expect(got.every(({ headers }) => headers['content-encoding'] === 'gzip')).toBe(true)
    expect([page, ...got].reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(100_000)
  })
})

test.each(OTHERS)('%s is never compressed', async (path) => {
  for (let k = 0; k < 2; k++) {
    const { status, headers } = await get(path, { 'accept-encoding': 'gzip, br' })
    expect([status, headers['content-encoding'], headers.vary]).toEqual([200, undefined, undefined])
  }
})

describe('a finished picture', () => {
  const path = '/image.png?width=300&height=200'

  test('supports range requests', async () => {
    const whole = await get(path)
    const { length } = whole.body
    expect([whole.headers['accept-ranges'], length > 2000]).toEqual(['bytes', true])
    const part = (range: string, more = {}) => get(path, { range, ...more })
    for (const [range, from, to] of [
      ['bytes=0-99', 0, 100],
      ['bytes=100-', 100, length],
      ['bytes=-50', length - 50, length],
      [`bytes=1000-${10 * length}`, 1000, length],
      // more of the last bytes than there are: all
      [`bytes=-${10 * length}`, 0, length],
      ['Bytes=7-7', 7, 8],
    ] as const) {
      const got = await part(range)
      expect([got.status, got.headers['content-range']]).toEqual([206, `bytes ${from}-${to - 1}/${length}`])
      expect(got.headers['content-length']).toBe(String(to - from))
      expect(got.body.equals(whole.body.subarray(from, to))).toBe(true)
    }
    // several ranges, another unit, and what is no range
    for (const range of ['bytes=0-1,5-9', 'lines=1-2', 'nonsense', 'bytes=5-1', 'bytes=-', 'bytes=1-2-3', 'bytes=']) {
      expect(await part(range)).toMatchObject({ status: 200, body: whole.body })
    }
    const same = { 'if-range': whole.headers.etag! }
    expect((await part('bytes=0-9', same)).status).toBe(206)
    expect((await part('bytes=0-9', { 'if-range': '"another"' })).status).toBe(200)
    expect((await part('bytes=-0')).status).toBe(416)
    const behind = await part(`bytes=${length}-`)
    expect([behind.status, behind.headers['content-range']]).toEqual([416, `bytes */${length}`])
    expect(JSON.parse(behind.body.toString())).toMatchObject({ status: 416, title: 'Range Not Satisfiable' })
  })

  test('supports range requests even as a tile in memory', async () => {
    const tile = '/tile/2/1/1.png'
    const whole = await get(tile)
    for (let k = 0; k < 3; k++) {
      const got = await get(tile, { range: 'bytes=8-15' })
      expect([got.status, got.body.equals(whole.body.subarray(8, 16))]).toEqual([206, true])
      expect((await get(tile)).headers['accept-ranges']).toBe('bytes')
    }
  })
})
