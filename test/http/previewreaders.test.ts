// What programs that others wrote to preview links find in ours.
import ogs from 'open-graph-scraper'
import { unfurl } from 'unfurl.js'
import { expect, test } from 'vitest'
import { listenAll, served } from '../served.ts'

listenAll({ threads: '1' })

const RE = '-0.743643887037158704752191506114774'
const IM = '0.131825904205311970493132056385139'
const LINKS = [
  ['/at/0/-0.5/0', 'The Mandelbrot set'],
  ['/at/3.5/-0.5/0?palette=grey', undefined],
  ['/at/10/-0.745/0.11', 'Seahorse valley, 10^3'],
  ['/at/9/-0.745/-0.11?style=slopes&light=30', 'Seahorse valley, 10^3'],
  ['/at/12/-1.7549/0.001?gradient=0a1128,6fb7dd,fbf6e6', 'The airplane, 10^4'],
  ['/at/20/0.2925755/0.0149977?max_iter=3000', undefined],
  [`/at/40/${RE}/${IM}?palette=ember&max_iter=20000`, 'Seahorse valley, 10^12'],
  [`/at/80/${RE}/${IM}?max_iter=20000`, undefined],
  ['/at/300/-1.25/0.02?max_iter=1000', undefined],
  ['/at/1000/-2/0?max_iter=3000', undefined],
] as const

test.each(LINKS)('%s', async (path, title) => {
  const url = served.url + path
  const { result } = await ogs({ url })
  const page = await unfurl(url)
  const image = result.ogImage![0]!
  if (title !== undefined) expect(result.ogTitle).toBe(title)
  expect(result).toMatchObject({ success: true, twitterCard: 'summary_large_image' })
  expect(image).toMatchObject({ type: 'image/webp', width: '1200', height: '630' })
  expect(page.open_graph).toMatchObject({
    title: result.ogTitle,
    images: [{ url: image.url, width: 1200, height: 630 }],
  })
  expect(page.twitter_card.images[0]!.url).toBe(image.url)
  // it follows the link to /oembed
  expect(page.oEmbed).toMatchObject({ type: 'photo', title: result.ogTitle, width: 1200, height: 630 })
})
