import { readFileSync } from 'node:fs'
import { createServer, request as forward, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { centre, pinch, placedTiles, settled, sharpened, type Visit, Visits, worstOffset } from './visit.ts'

const SEAHORSES = '#14/-0.743643887/0.131825904'

const visits = new Visits()
const open = visits.open.bind(visits)

describe('a phone', () => {
  const phone = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }

  test('gets tiles of twice the resolution', async () => {
    await open(SEAHORSES, phone)
    const tiles = visits.here.requests.filter((url) => url.includes('/tile/'))
    expect(tiles.length).toBeGreaterThan(0)
    for (const url of tiles) expect(url).toContain('@2x.png')
    // a hidden level is not laid out: the `width` of its pictures is then that of their files
    const widths = await visits.here.page.evaluate(() =>
      [...document.querySelectorAll<HTMLImageElement>('[data-tile] img')]
        .filter((image) => image.checkVisibility())
        .map(({ naturalWidth, width }) => [naturalWidth, width]),
    )
    expect(widths.length).toBeGreaterThan(0)
    for (const width of widths) expect(width).toEqual([512, 256])
  })

  test('fits all controls into 360 pixels, each large enough for a finger', async () => {
    const { page } = await open('', phone)
    for (const panel of [false, true]) {
      if (panel) await page.tap('#open-colours')
      const boxes = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, .swatch, .field, [type=range]')]
          .filter((element) => element.checkVisibility())
          .map((element) => ({ name: element.id || element.textContent, ...element.getBoundingClientRect().toJSON() })),
      )
      expect(boxes.length).toBeGreaterThan(panel ? 15 : 5)
      for (const { name, width, height, left, right, top } of boxes) {
        expect.soft({ name, wide: width >= 44, high: height >= 44 }).toEqual({ name, wide: true, high: true })
        expect.soft({ name, inside: left >= 0 && right <= 360 && top >= 0 }).toEqual({ name, inside: true })
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    }
    // one bottom sheet replaces the other
    await page.tap('#open-probe')
    expect(await page.locator('#probe').isVisible()).toBe(true)
    expect(await page.locator('#colours').isVisible()).toBe(false)
  })

  test('zooms with two fingers, about the point between them', async () => {
    const { page } = await open(SEAHORSES, phone)
    const before = await placedTiles(page)
    const fingers = await page.context().newCDPSession(page)
    await pinch(fingers, { x: 180, y: 320 }, 30, 125)
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent !== 'zoom 14')
    await settled(page)
    const after = await placedTiles(page)
    // four times as far apart means two zooms; released in motion, the map coasts a little
    const { zoom } = await centre(page)
    expect(zoom).toBeGreaterThanOrEqual(16)
    expect(zoom).toBeLessThanOrEqual(16.6)
    // the pinch was about the centre, so the centre stays; the pinch and the final rounding to an
    // integer zoom cost a pixel each
    const middle = ([tile]: typeof after) => ({
      x: Number(tile!.x) + (180 - tile!.left) / tile!.width,
      y: Number(tile!.y) + (320 - tile!.top) / tile!.width,
      z: tile!.z,
    })
    const [from, to] = [middle(before), middle(after)]
    for (const axis of ['x', 'y'] as const)
      expect(256 * Math.abs(to[axis] - from[axis] * 2 ** (to.z - from.z))).toBeLessThanOrEqual(8)
    expect(worstOffset(after, await centre(page), 360, 640)).toBeLessThanOrEqual(0.2)
  })
})

describe('when tiles do not arrive', () => {
  // the browser itself writes every failed request to the console
  const expected = (status: number) => {
    const message = `Failed to load resource: the server responded with a status of ${status}`
    expect(visits.here.complaints.filter((text) => !text.startsWith(message))).toEqual([])
    expect(visits.here.complaints.length).toBeGreaterThan(0)
    visits.here.complaints.length = 0
  }

  test('the map retries a busy server after its Retry-After time', async () => {
    const { page } = await open()
    const asked: { url: string; time: number }[] = []
    await page.route(/\/tile\/14\//, async (route) => {
      asked.push({ url: route.request().url(), time: Date.now() })
      if (asked.length === 1) await route.fulfill({ status: 503, headers: { 'retry-after': '2' } })
      else await route.continue()
    })
    await page.evaluate((hash) => {
      location.hash = hash
    }, SEAHORSES)
    await page.waitForFunction(() => document.querySelector('#pending')?.textContent === 'the server is busy')
    await settled(page)
    // until then nothing but the requests in flight, and then everything once
    const [first, ...rest] = asked
    const later = rest.filter(({ time }) => time - first!.time >= 2000)
    expect(later.map(({ url }) => url)).toContain(first!.url)
    expect(rest.length - later.length).toBeLessThanOrEqual(4)
    expect(new Set(rest.map(({ url }) => url)).size).toBe(rest.length)
    expected(503)
  })

  test('the page says that the server is busy at the start, and loads when it answers', async () => {
    const { page } = await open()
    let busy = true
    await page.route(/\/tile\.json/, (route) =>
      busy ? route.fulfill({ status: 503, headers: { 'retry-after': '1' } }) : route.continue(),
    )
    await page.reload()
    await page.waitForSelector('#words:has-text("The server is busy")')
    // buttons without a function are not shown
    expect(await page.locator('#tools').isVisible()).toBe(false)
    busy = false
    await settled(page)
    expect(await page.locator('#tools').isVisible()).toBe(true)
    expected(503)
  })

  test('the page reports a refused tile, and offers a retry', async () => {
    const { page } = await open()
    let broken = true
    await page.route(/\/tile\/14\//, (route) => (broken ? route.fulfill({ status: 400 }) : route.continue()))
    await page.evaluate((hash) => {
      location.hash = hash
    }, SEAHORSES)
    await page.waitForSelector('#act')
    expect(await page.locator('#words').textContent()).toMatch(/^\d+ tiles did not arrive/)
    broken = false
    await page.click('#act')
    await settled(page)
    expect(await page.locator('#notice').isVisible()).toBe(false)
    expected(400)
  })

  test('the map does not wait for tiles that have left the screen', async () => {
    const { page } = await open(SEAHORSES)
    const aborted: string[] = []
    page.on('requestfailed', (request) => {
      if (request.failure()?.errorText === 'net::ERR_ABORTED') aborted.push(new URL(request.url()).pathname)
    })
    // the server never answers for zoom 15, and the visitor zooms on
    await page.route(/\/tile\/15\//, () => {})
    await page.keyboard.press('+')
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 15')
    await page.waitForTimeout(300)
    // until new tiles arrive, the earlier ones replace them
    expect((await placedTiles(page, '.mandel-level')).some(({ z }) => z === 14)).toBe(true)
    await page.keyboard.press('+')
    await settled(page)
    expect(aborted.length).toBeGreaterThan(0)
    // apart from what was prefetched at lower zooms
    for (const path of aborted) expect(Number(path.split('/')[2])).toBeLessThanOrEqual(15)
    expect(aborted.some((path) => path.startsWith('/tile/15/'))).toBe(true)
  })

  test('the map does not wait for tiles that panning has left behind', async () => {
    const { page } = await open(SEAHORSES)
    const [held, aborted] = [new Set<string>(), new Set<string>()]
    page.on('requestfailed', (request) => aborted.add(request.url()))
    // the server never answers for tiles on the right, and the visitor turns back
    let holding = true
    await page.route(/\/tile\/14\//, (route) => {
      if (!holding) return route.continue()
      held.add(route.request().url())
    })
    for (let step = 0; step < 3; step++) await walk(page, 'Shift+ArrowRight')
    holding = false
    for (let step = 0; step < 6; step++) await walk(page, 'Shift+ArrowLeft')
    await settled(page)
    expect(held.size).toBeGreaterThan(0)
    // besides them there are only prefetched ones
    expect([...held].filter((url) => !aborted.has(url))).toEqual([])
  })
})

/** One keyboard step, until it has ended. */
async function walk(page: Page, keys: string): Promise<void> {
  await page.keyboard.press(keys)
  await page.waitForTimeout(400)
}

describe('the page', () => {
  let proxy: Server
  afterAll(() => proxy?.close())

  test('works in a frame on another site, and under a base path', async () => {
    const target = new URL(visits.url)
    const port = () => (proxy.address() as AddressInfo).port
    proxy = createServer((incoming, outgoing) => {
      if (!incoming.url!.startsWith('/sets/mandelbrot/')) {
        outgoing.setHeader('content-type', 'text/html')
        const map = `http://127.0.0.1:${port()}/sets/mandelbrot/#2/-0.5/0`
        outgoing.end(`<link rel="icon" href="data:,"><iframe src="${map}" width="500" height="400"></iframe>`)
        return
      }
      const path = incoming.url!.slice('/sets/mandelbrot'.length)
      const passed = forward(
        { host: target.hostname, port: target.port, path, headers: incoming.headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode!, answer.headers)
          answer.pipe(outgoing)
        },
      )
      incoming.pipe(passed)
    })
    await new Promise<void>((resolve) => proxy.listen(0, resolve))
    const context = await visits.browser.newContext()
    const page = await context.newPage()
    const here: Visit = { page, complaints: [], requests: [] }
    visits.here = here
    page.on('console', (message) => message.type() !== 'log' && here.complaints.push(message.text()))
    page.on('pageerror', (error) => here.complaints.push(String(error)))
    page.on('request', (request) => here.requests.push(request.url()))
    // to a browser, localhost is another site than 127.0.0.1
    await page.goto(`http://localhost:${port()}/`)
    const frame = page.frameLocator('iframe')
    await frame.locator('[data-tile]').first().waitFor()
    expect(await frame.locator('#zoom').textContent()).toBe('zoom 2')
    for (const url of visits.here.requests) expect(url).toMatch(/^(http:\/\/(127\.0\.0\.1|localhost)|data:|blob:)/)
  })

  test('returns to the plane when it is dragged outside, and then rests', async () => {
    // odd sides: the border of the pyramid cannot be the middle of the window
    const { page } = await open('#3/0.99/1.49', { viewport: { width: 901, height: 601 } })
    await page.mouse.move(800, 100)
    await page.mouse.down()
    await page.mouse.move(100, 550, { steps: 4 })
    await page.waitForTimeout(200)
    await page.mouse.up()
    const pixel = 3 / 256 / 8
    await page.waitForURL(({ hash }) => {
      const [, re, im] = hash.slice(1).split('&')[0]!.split('/').map(Number)
      return Math.abs(re! - 1) <= pixel && Math.abs(im! - 1.5) <= pixel
    })
    await sharpened(page)
    const moves = await page.evaluate(async () => {
      let changes = 0
      const watch = new MutationObserver(() => changes++)
      watch.observe(document.querySelector('.leaflet-map-pane')!, { attributes: true, subtree: true, childList: true })
      await new Promise((resolve) => setTimeout(resolve, 500))
      watch.disconnect()
      return changes
    })
    expect(moves).toBe(0)
  })

  test('animates nothing when the visitor prefers reduced motion', async () => {
    const { page } = await open(SEAHORSES, { reducedMotion: 'reduce' })
    await page.keyboard.press('+')
    // without animation the new zoom is there at once
    expect(await page.locator('.mandel-tiles.mandel-moving').count()).toBe(0)
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 15')
  })

  test('loads few bytes of script and style for the first paint', async () => {
    const page = new URL('../../dist/web/', import.meta.url)
    const html = readFileSync(new URL('index.html', page), 'utf8')
    const first = [...html.matchAll(/(?:src|href)="(\.\/assets\/[^"]+\.(?:js|css))"/g)].map(([, name]) => name!)
    expect(first.length).toBeGreaterThanOrEqual(2)
    const sizes = first.map((name) => gzipSync(readFileSync(new URL(name, page))).length)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(100_000)
  })
})
