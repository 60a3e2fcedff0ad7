// What third-party link preview programs find in our links.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extract, setProviderList } from 'oembed-parser'
import ogs from 'open-graph-scraper'
import { unfurl } from 'unfurl.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decode, listenAll, served } from '../served.ts'

listenAll()

// oembed-parser asks its providers by HTTPS only, directly or through a relay
let relay: Server
beforeAll(async () => {
  relay = createServer(async ({ url }, reply) => {
    const answer = await fetch(decodeURIComponent(url!.slice(1)).replace(/^https:/, 'http:'))
    reply.end(await answer.text())
  })
  await new Promise<void>((listening) => void relay.listen(0, '127.0.0.1', listening))
  const endpoints = [{ schemes: [`${served.url}/at/*`], url: `${served.url}/oembed` }]
  setProviderList([{ provider_name: 'mandeltiles', provider_url: served.url, endpoints }])
})
afterAll(() => void relay.close())

const RE = '-0.743643887037158704752191506114774'
const IM = '0.131825904205311970493132056385139'
const LINKS = [
  ['/at/0/-0.5/0', 'The Mandelbrot set'],
  ['/at/3.5/-0.5/0?palette=grey', 'The Mandelbrot set, 10^1'],
  ['/at/10/-0.745/0.11?density=16', 'Seahorse valley, 10^3'],
  ['/at/9/-0.745/-0.11?style=slopes&light=30', 'Seahorse valley, 10^3'],
  ['/at/12/-1.7549/0.001?gradient=0a1128,6fb7dd,fbf6e6', 'The airplane, 10^4'],
  ['/at/20/0.2925755/0.0149977?max_iter=3000', 'Elephant valley, 10^6'],
  [`/at/40/${RE}/${IM}?palette=ember&max_iter=20000`, 'Seahorse valley, 10^12'],
  [`/at/80/${RE}/${IM}?max_iter=20000`, 'Seahorse valley, 10^24'],
  ['/at/300/-1.25/0.02?max_iter=1000&rotation=45', 'Scepter valley, 10^90'],
  ['/at/1000/-2/0?max_iter=3000', 'The antenna, 10^301'],
] as const

/** The metadata of a page, as a program finds it that knows HTML but nothing about this server. */
async function plainReader(url: string): Promise<Map<string, string>> {
  const html = await (await fetch(url)).text()
  const text = (escaped: string) => escaped.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
  const attribute = (tag: string, name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]
  return new Map(
    [...html.matchAll(/<meta\b[^>]*>/g)].map(([tag]) => [
      attribute(tag, 'property') ?? attribute(tag, 'name') ?? '',
      text(attribute(tag, 'content') ?? ''),
    ]),
  )
}

test.each(LINKS)('%s', async (path, title) => {
  const url = served.url + path
  const { result } = await ogs({ url })
  const page = await unfurl(url)
  const image = result.ogImage![0]!
  expect(result).toMatchObject({ success: true, ogTitle: title, twitterCard: 'summary_large_image' })
  expect(image).toMatchObject({ type: 'image/webp', width: '1200', height: '630' })
  expect(page.open_graph).toMatchObject({ title, images: [{ url: image.url, width: 1200, height: 630 }] })
  expect(page.twitter_card.images[0]!.url).toBe(image.url)
  // it follows the link to /oembed
  expect(page.oEmbed).toMatchObject({ type: 'photo', title, width: 1200, height: 630 })

  const embedded = await extract(
    url,
    {},
    { proxy: { target: `http://127.0.0.1:${(relay.address() as AddressInfo).port}/` } },
  )
  expect(embedded).toMatchObject({ type: 'photo', title, url: image.url, width: 1200, height: 630 })

  const plain = await plainReader(url)
  expect([plain.get('og:title'), plain.get('og:image')]).toEqual([title, image.url])

  // the picture shows the view, in a lower quality if it is too large; expensive ones are compared
  // in a smaller size
  const [, zoom = '', re, im, look = ''] = /^\/at\/(.+)\/(.+)\/([^?]+)\??(.*)/.exec(path)!
  const scale = Number(zoom) < 15 ? 1 : 8
  const size = `width=${1200 / scale}&height=${Math.floor(630 / scale)}`
  const shown = await read(`${image.url}&${size}`)
  expect(shown.length).toBeLessThan(300_000)
  const place = `re=${re}&im=${im}&zoom=${Number(zoom) - Math.log2(scale)}`
  const direct = await read(`${served.url}/image.webp?${place}&${size}&aa=2&${look}`)
  if (direct.length < 300_000 && scale === 1) expect(shown.equals(direct)).toBe(true)
  // the colours of a smaller picture are those of the whole
  else expect(await meanError(shown, direct)).toBeLessThan(16)
})

async function read(url: string): Promise<Buffer> {
  const answer = await fetch(url)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp'])
  return Buffer.from(await answer.arrayBuffer())
}

async function meanError(a: Buffer, b: Buffer): Promise<number> {
  const [shown, exact] = await Promise.all([decode(a), decode(b)])
  return shown.reduce((sum, value, at) => sum + Math.abs(value - exact[at]!), 0) / shown.length
}
