// The map without a server: the last view is still there, and never mixed with an upgrade.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import { launch, placedTiles, settled } from './visit.ts'

let browser: Awaited<ReturnType<typeof launch>>
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

test('the last view and its tiles are there without a server, and tiles of another version go', async () => {
  const { app } = await buildServer(resolveOptions({ 'log-level': 'silent', port: '0' }).options)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const context = await browser.newContext({ viewport: { width: 700, height: 500 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(`${url}/#9/-0.745/0.11&palette=ember`)
  await settled(page)

  // a browser could install it
  const { errors, manifest } = (await (await context.newCDPSession(page)).send('Page.getAppManifest')) as {
    errors: unknown[]
    manifest?: { startUrl?: string }
  }
  expect(errors).toEqual([])
  expect(manifest?.startUrl ?? `${url}/`).toBe(`${url}/`)

  // the worker has cached what the page loaded before it started
  const shown = (await placedTiles(page)).map(({ z, x, y }) => `tile/${z}/${x}/${y}.png`).sort()
  expect(shown.length).toBeGreaterThan(4)
  const lacking = (paths: string[]) =>
    Promise.all(
      paths.map(async (path) => {
        const keys = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))
        return keys.flat().some(({ url }) => url.includes(path)) ? [] : [path]
      }),
    ).then((lists) => lists.flat())
  await expect.poll(() => page.evaluate(lacking, [...shown, 'palettes.json', 'tile.json', 'assets/index'])).toEqual([])

  // a tile of another version goes when the server says its own
  await page.evaluate(async () => {
    const name = (await caches.keys()).find((name) => name.startsWith('mandeltiles.tiles'))!
    await (await caches.open(name)).put('tile/0/0/0.png?v=old', new Response('old'))
  })
  await page.reload()
  await settled(page)
  await expect.poll(() => page.evaluate(lacking, ['v=old'])).toEqual(['v=old'])

  await app.close()
  await page.reload()
  await settled(page)
  expect((await placedTiles(page)).map(({ z, x, y }) => `tile/${z}/${x}/${y}.png`).sort()).toEqual(shown)
  await context.close()
})
