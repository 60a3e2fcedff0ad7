// The map in other people's pages, from another origin, and the links that lead to it.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { centre, placedTiles, STILL, settled, Visits, worstOffset } from './visit.ts'

const visits = new Visits()

const TYPES: Record<string, string> = { js: 'text/javascript', css: 'text/css' }

const origin = () => `http://127.0.0.1:${(host.address() as AddressInfo).port}`

// a strict host: nothing of another origin loads here unless that origin allows it
let host: Server
beforeAll(async () => {
  const page = readFileSync(new URL('docs/layer.html', ROOT), 'utf8')
    .replaceAll('https://unpkg.com/leaflet@1.9.4/dist/', '/')
    .replaceAll('http://127.0.0.1:8080', visits.url)
  host = createServer(({ url }, reply) => {
    const [, name, ending] = /^\/(leaflet\.(js|css))$/.exec(url!) ?? []
    if (url === '/frame') {
      reply.setHeader('content-type', 'text/html')
      reply.end(
        `<!doctype html><title>A page</title><iframe src="${visits.url}/?embed#9/-0.745/0.11" width="600" height="400"></iframe>`,
      )
      return
    }
    reply.setHeader('cross-origin-embedder-policy', 'require-corp')
    if (name) {
      reply.setHeader('content-type', TYPES[ending!]!)
      reply.end(readFileSync(new URL(`node_modules/leaflet/dist/${name}`, ROOT)))
    } else if (url === '/') reply.setHeader('content-type', 'text/html').end(page)
    else reply.writeHead(204).end()
  })
  await new Promise<void>((listening) => void host.listen(0, '127.0.0.1', listening))
})
afterAll(() => void host.close())

test('a page of another origin shows zoom 500 with five lines of code, and its own controls work', async () => {
  const { page, requests } = await visits.openAt(`${origin()}/`)
  const shown = async () => {
    await settled(page)
    const { width, height } = (await page.locator('#map').boundingBox())!
    const left = (await page.locator('#map').boundingBox())!.x
    const top = (await page.locator('#map').boundingBox())!.y
    const tiles = (await placedTiles(page)).map((tile) => ({ ...tile, left: tile.left - left, top: tile.top - top }))
    return { tiles, width, height }
  }
  const first = await shown()
  expect(first.tiles.length).toBeGreaterThan(6)
  expect(first.tiles.every(({ z }) => z === 500)).toBe(true)
  expect(worstOffset(first.tiles, { zoom: 500, re: '0', im: '1' }, first.width, first.height)).toBeLessThan(1)

  // Leaflet's own button and keys, and a drag
  await page.locator('.leaflet-control-zoom-in').click()
  await page.mouse.move(400, 300)
  await page.mouse.down()
  await page.mouse.move(420, 310, { steps: 4 })
  await page.mouse.up()
  await page.waitForFunction(() =>
    document.querySelector('.mandel-top')?.firstElementChild?.getAttribute('data-tile')?.startsWith('501/'),
  )
  const next = await shown()
  expect(next.tiles.every(({ z }) => z === 501)).toBe(true)

  // everything that the page loads besides its own files comes from our server, without a preflight
  const origins = new Set(requests.map((url) => new URL(url).origin))
  expect([...origins].sort()).toEqual([new URL(page.url()).origin, visits.url].sort())
})

test('an embedded frame shows the map without tools, and links to the same place in the full map', async () => {
  const context = await visits.browser.newContext({ viewport: { width: 700, height: 500 } })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() !== 'info' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${origin()}/frame`)
  const frame = page.frameLocator('iframe')
  await frame.locator('#map[aria-busy=false]').waitFor()
  expect(await frame.locator('#tools, #readout, .pane').filter({ visible: true }).count()).toBe(0)
  const [whole] = await Promise.all([context.waitForEvent('page'), frame.getByText('Open the whole map').click()])
  await settled(whole)
  const { zoom, re, im } = await centre(whole)
  expect(zoom).toBe(9)
  // the centre of a frame rests on whole pixels
  expect(Number(re)).toBeCloseTo(-0.745, 4)
  expect(Number(im)).toBeCloseTo(0.11, 4)
  expect(await whole.locator('#tools').isVisible()).toBe(true)

  // the wheel scrolls the page around the frame, and zooms with Ctrl
  const zoomShown = () =>
    page
      .frames()[1]!
      .evaluate(() => document.querySelector<HTMLAnchorElement>('#whole-map')!.href.match(/#([^/]+)/)![1])
  await page.bringToFront()
  await page.mouse.move(300, 200)
  await page.mouse.wheel(0, -240)
  await frame.locator('#words', { hasText: 'Hold Ctrl and turn the wheel to zoom.' }).waitFor()
  expect(await zoomShown()).toBe('9')
  await page.keyboard.down('Control')
  await page.mouse.wheel(0, -240)
  await page.keyboard.up('Control')
  await expect.poll(async () => Number(await zoomShown())).toBeGreaterThan(9.5)
  expect(complaints).toEqual([])
  await context.close()
})

test('the copied link opens a page that shows the same view', async () => {
  const { page } = await visits.open('#300/-1.25/0.02&palette=ember&iter=1000&rotation=30', {
    ...STILL,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await page.keyboard.press('c')
  await page.locator('#words', { hasText: 'Link copied.' }).waitFor()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  const [, place, re, im] = /\/at\/(300\/(.+)\/(.+))\?palette=ember&max_iter=1000&rotation=30$/.exec(copied)!
  expect([Number(re), Number(im)]).toEqual([-1.25, 0.02])
  await page.goto(copied)
  await settled(page)
  expect(page.url()).toBe(`${visits.url}/#${place}&palette=ember&iter=1000&rotation=30`)
})

test('the page uses the language of the browser, and the link keeps a chosen one', async () => {
  const permissions = ['clipboard-read', 'clipboard-write']
  const { page, requests } = await visits.open('#9/-0.745/0.11', { ...STILL, locale: 'de-AT', permissions })
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('de')
  await page.getByRole('button', { name: 'Hilfe und Tasten' }).click()
  // a sentence that contains a key
  expect(await page.getByText('verschieben; mit Shift weiter').isVisible()).toBe(true)
  expect(new URL(page.url()).search).toBe('')

  await page.getByLabel('Sprache').selectOption({ label: 'Português' })
  await page.waitForURL(/\?lang=pt#9/)
  await settled(page)
  await page.keyboard.press('c')
  await page.locator('#words', { hasText: 'Link copiado.' }).waitFor()
  const copied = new URL(await page.evaluate(() => navigator.clipboard.readText()))
  expect(copied.searchParams.get('lang')).toBe('pt')
  await page.goto(copied.href)
  await settled(page)
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('pt')
  expect(new URL(page.url()).search).toBe('?lang=pt')
  // and no request has left for another host
  expect([...new Set(requests.map((url) => new URL(url).origin))]).toEqual([visits.url])
})
