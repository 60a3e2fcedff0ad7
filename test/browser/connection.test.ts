// What the page says when the server is gone, silent or busy, or the device is offline; and that
// the map recovers by itself.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { placedTiles, STILL, settled, Visits } from './visit.ts'

const HERE = '#12/-0.743643887/0.131825904'
const THERE = '#12/-0.1592/-1.0317'

const visits = new Visits(STILL)

/** A relay in front of the server that can close, fall silent, or come back on the same port. */
class Relay {
  readonly #sockets = new Set<Socket>()
  #server: ReturnType<typeof createServer> | undefined
  #port = 0
  silent = false

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async open(): Promise<void> {
    const target = new URL(visits.url)
    this.#server = createServer((socket) => {
      const upstream = connect(Number(target.port), target.hostname)
      this.#sockets.add(socket)
      socket.on('error', () => {})
      upstream.on('error', () => {})
      socket.on('data', (data) => this.silent || upstream.write(data))
      upstream.on('data', (data) => this.silent || socket.write(data))
      socket.on('close', () => upstream.destroy())
      upstream.on('close', () => socket.destroy())
    })
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as { port: number }).port
  }

  close(): void {
    this.#server?.close()
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }
}

let relay: Relay
afterEach(() => relay?.close())

/** Opens the map behind a relay. */
async function behindRelay(): Promise<{ page: Page; requests: string[] }> {
  relay = new Relay()
  await relay.open()
  return visits.openAt(`${relay.url}/${HERE}`)
}

const go = (page: Page, hash: string) =>
  page.evaluate((hash) => {
    location.hash = hash
  }, hash)

/** Waits until a notice contains a text. */
const said = (page: Page, words: string) => page.waitForSelector(`#words:has-text("${words}")`, { timeout: 10_000 })

/** Ends the visit. The browser itself writes every failed request to the console. */
async function forgive(text: RegExp): Promise<void> {
  await visits.here.page.context().close()
  expect(visits.here.complaints.filter((complaint) => !text.test(complaint))).toEqual([])
  visits.here.complaints.length = 0
}

async function whole(page: Page): Promise<void> {
  await settled(page)
  await page.waitForFunction(() => document.querySelector('#pending')?.textContent === '')
  const tiles = await placedTiles(page)
  expect(tiles.length).toBeGreaterThanOrEqual(12)
}

describe('the map', () => {
  test('says that the server is unreachable, retries rarely, and continues when it is back', async () => {
    const { page, requests } = await behindRelay()
    relay.close()
    const before = requests.length
    await go(page, THERE)
    await said(page, 'The server cannot be reached')
    await page.waitForTimeout(6000)
    // the few tiles that were requested at once, and then one small probe at a time
    expect(requests.length - before).toBeLessThan(20)
    await relay.open()
    await said(page, 'The server answers again')
    await whole(page)
    await forgive(/^Failed to load resource: net::ERR_(CONNECTION|EMPTY|SOCKET)/)
  })

  test('says that the server does not respond, and continues when it does', async () => {
    const { page } = await behindRelay()
    relay.silent = true
    await go(page, THERE)
    await said(page, 'The server does not answer')
    relay.silent = false
    await said(page, 'The server answers again')
    await whole(page)
    await forgive(/^Failed to load resource: net::ERR/)
  })

  test('says that the server is busy, and continues by itself when it is not', async () => {
    const { page, requests } = await visits.open(HERE)
    let busy = true
    await page.route(/\/tile\//, (route) => (busy ? route.fulfill({ status: 503 }) : route.continue()))
    const before = requests.length
    await go(page, THERE)
    await page.waitForFunction(() => document.querySelector('#pending')?.textContent === 'the server is busy')
    await page.waitForTimeout(12_000)
    // five at a time, after pauses that become longer
    expect(requests.length - before).toBeLessThan(45)
    busy = false
    await whole(page)
    await forgive(/^Failed to load resource: the server responded with a status of 503/)
  })

  test('says that the device is offline, and continues when it is online', async () => {
    const { page } = await visits.open(HERE)
    await page.context().setOffline(true)
    await said(page, 'This device is offline')
    await go(page, THERE)
    await page.waitForTimeout(500)
    await page.context().setOffline(false)
    await said(page, 'The server answers again')
    await whole(page)
    await forgive(/^Failed to load resource: net::ERR_INTERNET_DISCONNECTED/)
  })

  test('says that the server has been updated', async () => {
    const { page } = await behindRelay()
    await page.route(/\/tile\.json/, async (route) => {
      const answer = await route.fetch().catch(() => undefined)
      if (!answer) return route.abort('connectionrefused')
      const { mandeltiles, ...rest } = await answer.json()
      await route.fulfill({ json: { ...rest, mandeltiles: { ...mandeltiles, version: 'another' } } })
    })
    relay.close()
    await go(page, THERE)
    await said(page, 'The server cannot be reached')
    await relay.open()
    await said(page, 'The server has been updated')
    await forgive(/^Failed to load resource: net::ERR_(CONNECTION|EMPTY|SOCKET)/)
  })
})
