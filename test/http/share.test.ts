// Links with previews: what a preview program finds in the page, and that the picture shows the
// view.
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { decode, get, pixels, serveAll } from '../served.ts'

serveAll()

const unescaped = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))

/** A page's metadata by name or property. */
async function metadata(url: string): Promise<Record<string, string>> {
  const { statusCode, payload, headers } = await get(url)
  expect(statusCode, payload.slice(0, 300)).toBe(200)
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  const found = [...payload.matchAll(/<meta (?:name|property)="([^"]+)" content="([^"]*)" \/>/g)]
  const title = /<title>([^<]*)<\/title>/.exec(payload)![1]!
  const link = (rel: string) => new RegExp(`<link rel="${rel}"[^>]* href="([^"]*)"`).exec(payload)![1]!
  return {
    ...Object.fromEntries(found.map(([, name, content]) => [name!, unescaped(content!)])),
    title: unescaped(title),
    canonical: unescaped(link('canonical')),
    oembed: unescaped(link('alternate')),
  }
}

const DEEP_RE = '-0.743643887037158704752191506114774'
const DEEP_IM = '0.131825904205311970493132056385139'

test.each([
  ['/at/0/-0.5/0', 'The Mandelbrot set'],
  ['/at/10/-0.745/0.11', 'Seahorse valley, 10^3'],
  ['/at/9/-0.745/-0.11', 'Seahorse valley, 10^3'],
  ['/at/12/-1.7549/0.001', 'The airplane, 10^4'],
  [`/at/40/${DEEP_RE}/${DEEP_IM}?palette=ember&max_iter=20000`, 'Seahorse valley, 10^12'],
])('%s has the title "%s" for every kind of reader', async (url, title) => {
  const found = await metadata(url)
  expect(found).toMatchObject({
    title,
    'og:title': title,
    'twitter:title': title,
    'twitter:card': 'summary_large_image',
  })
  expect(found['og:image']).toBe(found['twitter:image'])
  expect([found['og:image:width'], found['og:image:height']]).toEqual(['1200', '630'])
  expect(found.canonical).toBe(found['og:url'])
  // the canonical link leads to the same page
  const { pathname, search } = new URL(found.canonical!)
  expect(await metadata(pathname + search)).toEqual(found)
})

test('the picture shows the view, and is small enough for a preview', async () => {
  const found = await metadata('/at/9/-0.745/0.11?palette=ember&style=slopes')
  const address = new URL(found['og:image']!)
  const picture = await get(address.pathname + address.search)
  expect(picture.headers['content-type']).toBe('image/webp')
  expect(picture.rawPayload.length).toBeLessThan(300_000)
  const shown = await decode(picture.rawPayload)
  const direct = await get('/image.webp?re=-0.745&im=0.11&zoom=9&width=1200&height=630&aa=2&palette=ember&style=slopes')
  expect(shown.length).toBe(3 * 1200 * 630)
  expect(shown.equals(await decode(direct.rawPayload))).toBe(true)
})

test('a rotated view has a rotated picture', async () => {
  const found = await metadata('/at/2/-0.5/0?rotation=30')
  expect(found['mandeltiles-view']).toBe('2/-0.5/0&palette=tidal&rotation=30')
  const address = new URL(found['og:image']!)
  const shown = await pixels(address.pathname + address.search)
  const direct = await pixels('/image.webp?re=-0.5&im=0&zoom=2&rotation=30&width=1200&height=630&aa=2')
  expect(shown.equals(direct)).toBe(true)
})

test('a URL too long for previews becomes an id that any server can read', async () => {
  // the tip of the antenna and points near it show little, so their pictures are cheap
  const digits = `${'0'.repeat(1190)}${'123456789'.repeat(6)}`
  const long = `/at/4000/-1.${'9'.repeat(1200)}/0.${digits}?palette=ember&max_iter=2000`
  const found = await metadata(long)
  expect(found.canonical!.length).toBeLessThan(2000)
  expect(found['og:image']!.length).toBeLessThan(2000)
  expect(new URL(found.canonical!).pathname).toMatch(/^\/at\/~[\w-]+$/)
  const { pathname } = new URL(found.canonical!)
  expect(await metadata(pathname)).toEqual(found)
  expect(found['mandeltiles-view']).toBe(`4000/-1.${'9'.repeat(1200)}/0.${digits}&palette=ember&iter=2000`)
  const address = new URL(found['og:image']!)
  const picture = await get(address.pathname + address.search)
  expect([picture.statusCode, picture.headers['content-type']]).toEqual([200, 'image/webp'])
  const oembed = new URL(found.oembed!)
  expect((await get(oembed.pathname + oembed.search)).json()).toMatchObject({ url: found['og:image'] })
})

// beyond the cost of any request, and of a preview alone: 3,024,000 samples
test.each([100_000_000, 10_000])(
  'a picture of %i iterations is too expensive and is replaced by the whole set',
  async (iterations) => {
    const expensive = await get(`/at/3/-0.5/0/preview.webp?palette=ember&max_iter=${iterations}`)
    const { etag, 'cache-control': kept } = expensive.headers
    expect([expensive.statusCode, etag, kept]).toEqual([200, undefined, 'public, max-age=300'])
    const direct = await pixels('/image.webp?re=-0.75&im=0&zoom=1.2&width=1200&height=630&aa=2&palette=ember')
    expect((await decode(expensive.rawPayload)).equals(direct)).toBe(true)
  },
)

test('oEmbed gives the same picture, in the size that fits the page', async () => {
  const found = await metadata('/at/9/-0.745/0.11?palette=ember')
  const { pathname, search } = new URL(found.oembed!)
  const whole = (await get(pathname + search)).json()
  expect(whole).toMatchObject({
    version: '1.0',
    type: 'photo',
    title: 'Seahorse valley, 10^3',
    width: 1200,
    height: 630,
  })
  expect(whole.url).toBe(found['og:image'])
  const small = (await get(`${pathname}${search}&maxwidth=300&maxheight=300&format=json`)).json()
  expect([small.width, small.height]).toEqual([300, 157])
  const address = new URL(small.url)
  const { width, height } = await sharp((await get(address.pathname + address.search)).rawPayload).metadata()
  expect([width, height]).toEqual([300, 157])
})

test('a wrong part is named, and no part of a URL gets into the page as markup', async () => {
  const refused = async (url: string) => {
    const { statusCode, payload } = await get(url)
    expect(statusCode).toBe(400)
    return JSON.parse(payload).detail
  }
  expect(await refused('/at/3/abc/0')).toMatch(/^re must be /)
  expect(await refused('/at/abc/0/0')).toMatch(/^zoom must be /)
  expect(await refused('/at/~abc')).toMatch(/^the id of a view must be /)
  expect(await refused('/at/3/0/0/preview.webp?width=1201')).toMatch(/^width must be /)
  expect(await refused('/at/3/0/0?palette=nosuch')).toMatch(/^palette must be /)
  expect(await refused('/oembed?url=https://example.org/')).toMatch(/^url must be /)
  expect(await refused('/oembed')).toBe('url must be given, it was missing')
  expect(await refused('/at/3/0/0?gradient=%22%3E%3Cscript%3E')).toMatch(/^gradient must be /)
})
