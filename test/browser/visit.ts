// Shared by the browser tests: the real server, a real Chromium, and independent arithmetic for the
// positions of tiles.
import { type Browser, type BrowserContextOptions, type CDPSession, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'
import { TILE_SIZE } from '../../src/plane/tile.ts'
import { pathOf } from '../programs.ts'

const CHROMIUM = pathOf('chromium')

/**
 * A server and a browser for the tests of one file. After each test its page is closed, and must
 * not have logged an error.
 */
export class Visits {
  #browser: Browser | undefined
  #server: Awaited<ReturnType<typeof serve>> | undefined
  #here: Visit | undefined
  readonly #options: BrowserContextOptions

  /** `options` apply to all visits of the file unless they pass others. */
  constructor(options: BrowserContextOptions = {}) {
    this.#options = options
    beforeAll(async () => {
      ;[this.#browser, this.#server] = await Promise.all([launch(), serve()])
    })
    afterAll(() => Promise.all([this.#browser?.close(), this.#server?.close()]))
    afterEach(async () => {
      const here = this.#here
      this.#here = undefined
      await here?.page.context().close()
      expect(here?.complaints ?? []).toEqual([])
    })
  }

  get browser(): Browser {
    return this.#browser!
  }

  get url(): string {
    return this.#server!.url
  }

  /** The current visit. */
  get here(): Visit {
    return this.#here!
  }

  set here(visit: Visit) {
    this.#here = visit
  }

  open(hash = '', options: BrowserContextOptions = {}): Promise<Visit> {
    return this.openAt(`${this.url}/${hash}`, options)
  }

  /** Opens the page at another address, that of a proxy. */
  async openAt(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
    this.#here = await visit(this.browser, url, { ...this.#options, ...options })
    return this.#here
  }

  /**
   * How many pixels of the screen at rest differ from the server's antialiased tiles for the same
   * addresses, optionally with an appearance and a path.
   */
  async wrongPixels(query = '', path = 'tile'): Promise<{ wrong: number; compared: number }> {
    const { page } = this.here
    const picture = await screen(page)
    let [wrong, compared] = [0, 0]
    for (const { z, x, y, left, top } of await placedTiles(page)) {
      if (x < 0n || y < 0n || x >> BigInt(z) !== 0n || y >> BigInt(z) !== 0n) continue
      const tile = await this.picture(`${path}/${z}/${x}/${y}.png${query === '' ? '?' : `${query}&`}aa=2`)
      for (const [i, j, at, count] of rowsOnScreen(picture, left, top)) {
        compared += count
        const k = 3 * (j * TILE_SIZE + i)
        const differ = (from: number, to: number) =>
          picture.data.compare(tile.data, k + 3 * from, k + 3 * to, at + 3 * from, at + 3 * to) !== 0
        if (differ(0, count)) for (let pixel = 0; pixel < count; pixel++) if (differ(pixel, pixel + 1)) wrong++
      }
    }
    return { wrong, compared }
  }

  /** A picture that the server gives, decoded. */
  async picture(path: string): Promise<Pixels> {
    const answer = await fetch(`${this.url}/${path}`)
    if (!answer.ok) throw new Error(`${path} is answered ${answer.status}`)
    return decode(new Uint8Array(await answer.arrayBuffer()))
  }
}

/**
 * The rows of a tile that are on the screen: column and row of the first visible pixel, its place
 * on the screen, and their number.
 */
function* rowsOnScreen(
  { width, height }: Pixels,
  left: number,
  top: number,
): Generator<[i: number, j: number, at: number, count: number]> {
  const i = Math.max(0, -left)
  const count = Math.min(TILE_SIZE, width - left) - i
  if (count <= 0) return
  for (let j = Math.max(0, -top); j < TILE_SIZE && top + j < height; j++)
    yield [i, j, 3 * ((top + j) * width + left + i), count]
}

/** The server on a port of its own. */
async function serve(): Promise<{ url: string; close: () => Promise<unknown> }> {
  const { app } = await buildServer(resolveOptions({ 'log-level': 'silent', port: '0' }).options)
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
}

/** For tests that do not concern animation: the map moves at once. */
export const STILL: BrowserContextOptions = { reducedMotion: 'reduce' }

export async function launch(more: string[] = []): Promise<Browser> {
  if (!CHROMIUM) throw new Error('the browser tests need Chromium: run "apt-get install chromium-headless-shell"')
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--force-color-profile=srgb',
      ...more,
    ],
  })
}

/** A page, its errors, and its requests. */
export interface Visit {
  page: Page
  complaints: string[]
  requests: string[]
}

async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 900, height: 600 },
    // requests of a service worker are not those of the page; offline.test.ts has one
    serviceWorkers: 'block',
    ...options,
  })
  const page = await context.newPage()
  // deep tiles on a busy machine
  page.setDefaultTimeout(55_000)
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    // a message of the browser's driver
    if (message.text().startsWith('Service Worker registration blocked')) return
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith('blob:') && !request.url().startsWith('data:')) requests.push(request.url())
  })
  await page.goto(url)
  await settled(page)
  return { page, complaints, requests }
}

/** Waits until the map rests, and every tile on the screen is loaded, opaque, in its colours. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const moving = document.getAnimations().find(({ effect }) => (effect as KeyframeEffect).target?.closest('#map'))
    return !moving && document.querySelector('#map')?.ariaBusy === 'false'
  })
  // one more frame, for what the last callback paints
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

/** Waits until the tiles on the screen have been replaced by antialiased ones. */
export async function sharpened(page: Page): Promise<void> {
  await settled(page)
  await page.waitForFunction(
    () =>
      // a screen of more pixels needs no further samples
      devicePixelRatio > 1 ||
      [...document.querySelectorAll<HTMLElement>('.mandel-level.mandel-top [data-tile]')].every((tile) => {
        const { left, top, right, bottom } = tile.getBoundingClientRect()
        const onScreen = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight
        return !onScreen || tile.querySelector('canvas, .mandel-sharp') !== null
      }),
  )
  await settled(page)
}

export interface Placed {
  z: number
  x: bigint
  y: bigint
  /** CSS pixels from the left and top of the window */
  left: number
  top: number
  width: number
}

/**
 * The visible tiles of the screen's level, where the browser has put them.
 */
export async function placedTiles(
  page: Page,
  levels: '.mandel-level' | '.mandel-level.mandel-top' = '.mandel-level.mandel-top',
): Promise<Placed[]> {
  const found = await page.evaluate(
    (levels) =>
      [...document.querySelectorAll<HTMLElement>(`${levels} [data-tile]`)]
        .map((element) => {
          const { left, top, width } = element.getBoundingClientRect()
          return { tile: element.dataset.tile!, left, top, width }
        })
        .filter(
          ({ left, top, width }) => left < innerWidth && top < innerHeight && left + width > 0 && top + width > 0,
        ),
    levels,
  )
  return found.map(({ tile, ...at }) => {
    const [z, x, y] = tile.split('/')
    return { z: Number(z), x: BigInt(x!), y: BigInt(y!), ...at }
  })
}

/** The centre in the address bar. */
export interface Centre {
  zoom: number
  re: string
  im: string
}

/** The link that the page offers: what the address bar will say once it is quiet. */
export async function centre(page: Page): Promise<Centre> {
  // the bar follows once the map rests, and at once when the visitor leaves the page
  const hash = await page.evaluate(() => {
    dispatchEvent(new Event('pagehide'))
    return decodeURIComponent(location.hash)
  })
  const [zoom, re, im] = hash.slice(1).split('&')[0]!.split('/')
  return { zoom: Number(zoom), re: re!, im: im! }
}

/**
 * A centre in pixels of its level, the nearest whole zoom, from the pyramid's top left corner: as
 * bigints with `BITS` fractional bits. From the contract's formula alone, re = -2 + 3 x / 2^z.
 */
export function pixelsOf({ zoom, re, im }: Centre): { x: bigint; y: bigint } {
  const scale = 1n << BigInt(Math.round(zoom) + 8 + BITS)
  return {
    x: ((rational(re).times(scale) + 2n * scale) * 1n) / 3n,
    y: ((3n * scale) / 2n - rational(im).times(scale)) / 3n,
  }
}

export const BITS = 16

function rational(text: string): { times: (scale: bigint) => bigint } {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const digits = BigInt(whole + fraction)
  const value = text.startsWith('-') ? -digits : digits
  return { times: (scale) => (value * scale) / 10n ** BigInt(fraction.length) }
}

/** The largest distance, in pixels, of a tile from its place relative to the centre. */
export function worstOffset(tiles: Placed[], centre: Centre, width: number, height: number): number {
  const at = pixelsOf(centre)
  const level = Math.round(centre.zoom)
  const offset = (z: number, index: bigint, middle: bigint, half: number, edge: number) => {
    // both in the deeper level's pixels
    const [tile, there] = z > level ? [index, middle << BigInt(z - level)] : [index << BigInt(level - z), middle]
    const pixels = Number((tile << BigInt(8 + BITS)) - there) / 2 ** BITS
    return Math.abs(pixels * 2 ** (centre.zoom - Math.max(z, level)) + half - edge)
  }
  return Math.max(
    ...tiles.map(({ z, x, y, left, top }) =>
      Math.max(offset(z, x, at.x, width / 2, left), offset(z, y, at.y, height / 2, top)),
    ),
  )
}

/** A picture as rows of RGB. */
export interface Pixels {
  data: Buffer
  width: number
  height: number
}

export async function decode(bytes: Buffer | Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** The screen at rest, without controls. */
export async function screen(page: Page): Promise<Pixels> {
  await sharpened(page)
  await page.keyboard.press('h')
  const bytes = await page.screenshot()
  await page.keyboard.press('h')
  return decode(bytes)
}

/** Two fingers, moved from one distance from their midpoint to another. */
export async function pinch(
  fingers: CDPSession,
  at: { x: number; y: number },
  from: number,
  to: number,
): Promise<void> {
  const points = (distance: number) => [
    { x: at.x, y: at.y - distance, id: 0 },
    { x: at.x, y: at.y + distance, id: 1 },
  ]
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points(from) })
  for (let step = 1; step <= 10; step++) {
    const touchPoints = points(Math.round(from + ((to - from) * step) / 10))
    await fingers.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints })
  }
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}
