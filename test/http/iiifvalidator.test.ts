// What the IIIF Image Validator requires of a server of version 3, level 2, following its tests.
// Where it looks for the squares of its own picture, regions are compared with the full image.
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { get, serveAll } from '../served.ts'

serveAll({ threads: '1', 'max-image': '1000' })

// 100 pixels a side, where the validator's picture has 1000
const ID = '3,-0.75,0.1,100,100;max_iter=200'
const BASE = `/iiif/${encodeURIComponent(ID)}`
const random = () => Math.random().toString(36).slice(2, 8)
const asked = (words: string) => get(`${BASE}/${words}`)

async function size(words: string): Promise<[number, number]> {
  const { statusCode, rawPayload, payload } = await asked(words)
  expect(statusCode, `${words}: ${payload.slice(0, 200)}`).toBe(200)
  const { width, height } = await sharp(rawPayload).metadata()
  return [width, height]
}

describe('info.json', () => {
  test('has its fields, its own URL as id, and any page may read it', async () => {
    const { headers, ...answer } = await get(`${BASE}/info.json`, { host: 'tiles.example' })
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(answer.json()).toMatchObject({
      '@context': 'http://iiif.io/api/image/3/context.json',
      id: `http://tiles.example${BASE}`,
      width: 100,
      height: 100,
    })
  })

  test('is JSON-LD on request', async () => {
    const { headers } = await get(`${BASE}/info.json`, { accept: 'application/ld+json' })
    expect(headers['content-type']).toMatch(/^application\/ld\+json/)
  })

  test('is the target of the base URL', async () => {
    const { statusCode, headers } = await get(BASE)
    expect(statusCode).toBeGreaterThanOrEqual(301)
    expect(statusCode).toBeLessThan(400)
    expect(headers.location).toMatch(/\/info\.json$/)
  })
})

describe('pictures', () => {
  test('name their profile', async () => {
    const { headers } = await asked('full/max/0/default.jpg')
    expect(headers.link).toMatch(/<http:\/\/iiif\.io\/api\/image\/3\/[^>]+>;\s*rel="profile"/)
  })

  test.each([
    ['jpg', 'jpeg'],
    ['png', 'png'],
    ['webp', 'webp'],
  ])('come as %s', async (ending, format) => {
    expect((await sharp((await asked(`full/max/0/default.${ending}`)).rawPayload).metadata()).format).toBe(format)
  })

  test.each([
    ['full/50,/0/default.jpg', 50, 50],
    ['full/,40/0/default.jpg', 40, 40],
    ['full/30,60/0/default.jpg', 30, 60],
    ['full/!60,30/0/default.jpg', 30, 30],
    ['full/pct:70/0/default.jpg', 70, 70],
    ['full/^120,/0/default.jpg', 120, 120],
    ['square/max/0/default.jpg', 100, 100],
    ['10,20,30,40/max/0/default.jpg', 30, 40],
    ['10,20,30,40/15,/0/default.jpg', 15, 20],
    ['pct:10,20,9,9/max/0/default.jpg', 9, 9],
    ['10,20,30,40/max/90/default.jpg', 40, 30],
    ['full/max/!180/color.jpg', 100, 100],
    ['full/max/0/gray.jpg', 100, 100],
  ] as const)('%s is %d x %d', async (words, width, height) => {
    expect(await size(words)).toEqual([width, height])
  })

  test('select the same region by percentage and by pixels', async () => {
    const [percent, pixels] = await Promise.all(
      ['pct:30,50,20,10/max/0/default.png', '30,50,20,10/max/0/default.png'].map(asked),
    )
    expect(percent!.rawPayload.equals(pixels!.rawPayload)).toBe(true)
  })

  test('accept an identifier with more percent-encoding than necessary', async () => {
    const { statusCode } = await get(`${BASE.replaceAll('-', '%2D')}/full/max/0/default.jpg`)
    expect(statusCode).toBe(200)
  })
})

describe('what is wrong is refused', () => {
  test.each<[string, () => string, number[]]>([
    ['a format', () => `${BASE}/full/max/0/default.${random()}`, [400]],
    ['a quality', () => `${BASE}/full/max/0/${random()}.jpg`, [400]],
    ['a region', () => `${BASE}/${random()}/max/0/default.jpg`, [400]],
    ['a size', () => `${BASE}/full/${random()}/0/default.jpg`, [400]],
    ['a rotation', () => `${BASE}/full/max/${random()}/default.jpg`, [400]],
    ['the size of version 2', () => `${BASE}/full/full/0/default.jpg`, [400]],
    ['a larger size without ^', () => `${BASE}/full/200,/0/default.jpg`, [400]],
    ['an identifier', () => `/iiif/${random()}/full/max/0/default.jpg`, [404]],
    ['an identifier with a slash', () => '/iiif/a%2Fb/full/max/0/default.jpg', [404]],
    ['an identifier with brackets', () => '/iiif/[frob]/full/max/0/default.jpg', [400, 404]],
  ])('%s', async (_, url, statuses) => {
    expect(statuses).toContain((await get(url())).statusCode)
  })
})
