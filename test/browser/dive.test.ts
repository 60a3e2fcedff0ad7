// Down to zoom 2000, or as deep as the server goes, in stretches, and up again. After every step
// each tile's address and place on the screen are checked in BigInt: tiles agree with each other to
// the pixel, and the point under the cursor stays there.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { BITS, centre, pixelsOf, placedTiles, screen, settled, sharpened, Visits, worstOffset } from './visit.ts'

const [WIDTH, HEIGHT] = [500, 300]
const DEEPEST = Math.min(2000, resolveOptions().options['max-zoom'])
// off the centre, where an error of the centre would not show
const CURSOR = { x: 131, y: 87 }
const SEAHORSES = '-0.743643887037151/0.131825904205330'

const visits = new Visits()

async function open(hash: string, options = {}): Promise<Page> {
  return (await visits.open(hash, { viewport: { width: WIDTH, height: HEIGHT }, ...options })).page
}

/** The point of the pyramid under the cursor, in pixels of a zoom with `BITS` fractional bits. */
interface Point {
  zoom: number
  x: bigint
  y: bigint
}

/** Checks that every tile on the screen, at any level, lies where its address says. */
async function pointUnderCursor(page: Page, tolerance = 0.2): Promise<Point> {
  const at = await centre(page)
  const tiles = await placedTiles(page, '.mandel-level')
  if (tiles.length > 0) expect(worstOffset(tiles, at, WIDTH, HEIGHT)).toBeLessThanOrEqual(tolerance)
  const { x, y } = pixelsOf(at)
  const from = (pixels: number) => BigInt(pixels) << BigInt(BITS)
  return { zoom: at.zoom, x: x + from(CURSOR.x - WIDTH / 2), y: y + from(CURSOR.y - HEIGHT / 2) }
}

/**
 * How far the point under the cursor has moved between two zooms, in pixels of the shallower one.
 */
function moved(before: Point, after: Point): number {
  const [shallow, deep] = before.zoom < after.zoom ? [before, after] : [after, before]
  const scale = 1n << BigInt(deep.zoom - shallow.zoom)
  const apart = (a: bigint, b: bigint) => Math.abs(Number((a * scale - b) / scale)) / 2 ** BITS
  return Math.max(apart(shallow.x, deep.x), apart(shallow.y, deep.y))
}

/** Turns the wheel, and waits until the map rests at another zoom. */
async function wheel(page: Page, delta: number, to: number): Promise<void> {
  await page.mouse.wheel(0, delta)
  await page.waitForFunction((zoom) => document.querySelector('#zoom')?.textContent === `zoom ${zoom}`, to, {
    polling: 20,
  })
  // the readout shows the target zoom as soon as two digits of it are right
  await page.waitForFunction(() => !document.querySelector('.mandel-tiles.mandel-moving'), undefined, { polling: 20 })
}

/** Checks that tiles of the screen's zoom cover it, in whole pixels. */
async function checkTiles(page: Page): Promise<void> {
  await settled(page)
  const tiles = await placedTiles(page)
  for (const { left, top, width } of tiles) expect([Math.abs(left % 1), Math.abs(top % 1), width]).toEqual([0, 0, 256])
  const area = tiles.reduce((sum, { left, top }) => {
    const side = (edge: number, end: number) => Math.min(edge + 256, end) - Math.max(edge, 0)
    return sum + side(left, WIDTH) * side(top, HEIGHT)
  }, 0)
  expect(area).toBe(WIDTH * HEIGHT)
}

// how far the wheel turns for one zoom
const ONE = 160

describe('a dive', () => {
  /**
   * Turns the wheel in equal steps until the zoom is `end`, and checks the point under the cursor
   * each time.
   */
  async function turn(page: Page, from: number, end: number, levels: number): Promise<void> {
    // a pasted link names any point, and the map shows the nearest whole pixels
    let point = await pointUnderCursor(page, 0.71)
    // the wheel turns against the direction of the zoom
    const direction = Math.sign(end - from)
    for (let zoom = from; zoom !== end; ) {
      const next = zoom + direction * Math.min(levels, Math.abs(end - zoom))
      await wheel(page, -ONE * (next - zoom), next)
      zoom = next
      const now = await pointUnderCursor(page)
      // the corner of the view is rounded to a pixel, so a point may move by half of one at each
      // end; and the link that tells the centre ends below an eighth of one
      expect(moved(point, now)).toBeLessThanOrEqual(zoom === from + direction * levels ? 1.76 : 1.26)
      point = now
    }
  }

  // from the whole set, past the depths where powers of two leave the double's range, to the
  // bottom; the depths in between behave like the last of these
  const stretches = [
    [0, 120],
    [940, 1100],
    [DEEPEST - 60, DEEPEST],
  ] as const
  test.each(stretches.filter(([top, bottom]) => top >= 0 && bottom <= DEEPEST))(
    'from %i to %i and back, four zooms at a time, moves nothing from under the cursor',
    { timeout: 200_000 },
    async (top, bottom) => {
      const page = await open(`#${top}/${top === 0 ? '-0.5/0' : SEAHORSES}`, { reducedMotion: 'reduce' })
      await page.mouse.move(CURSOR.x, CURSOR.y)
      for (const [from, end] of [
        [top, bottom],
        [bottom, top],
      ] as const) {
        await turn(page, from, end, 4)
        await checkTiles(page)
      }
    },
  )

  test('switches to another frame without requesting any tile again', { timeout: 200_000 }, async () => {
    // on this way the map leaves the frame of zoom 0
    const page = await open(`#20/${SEAHORSES}`)
    // except those that a movement has cancelled
    const tiles: string[] = []
    page.on('requestfinished', (request) => request.url().includes('/tile/') && tiles.push(request.url()))
    for (let zoom = 21; zoom <= 24; zoom++) {
      await page.keyboard.press('+')
      await page.waitForFunction((zoom) => document.querySelector('#zoom')?.textContent === `zoom ${zoom}`, zoom)
      await settled(page)
      // a mislabelled tile would be missing, and requested, as soon as the map moves
      await page.keyboard.press('ArrowLeft')
      await settled(page)
    }
    expect(tiles.length).toBeGreaterThan(4 * 4)
    expect(new Set(tiles).size).toBe(tiles.length)
  })

  // where frames change first and doubles end; where they change further down, ten zooms below
  // where they were taken and where these leave them again; where powers of two leave the double's
  // range, and as CSS
  const bands = [
    [20, 30],
    [36, 40],
    [41, 51],
    [954, 960],
    [1020, 1026],
    [1072, 1078],
  ] as const
  test.each(bands.filter(([, bottom]) => bottom <= DEEPEST))(
    'with its animations, by single zooms from %i to %i, and back by two at a time',
    { timeout: 200_000 },
    async (top, bottom) => {
      const page = await open(`#${top}/${SEAHORSES}`)
      await page.mouse.move(CURSOR.x, CURSOR.y)
      await turn(page, top, bottom, 1)
      await turn(page, bottom, top, 2)
      await checkTiles(page)
    },
  )
})

describe('far down', () => {
  // a branch ends at i, at any depth
  const TIP = '#5000/0/1'

  test('a link to zoom 5000 shows the same view after a reload and after a detour, and Back returns to it', {
    timeout: 120_000,
  }, async () => {
    const page = await open('#3/-0.5/0')
    await page.evaluate((hash) => {
      location.hash = hash
    }, TIP)
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 5000')
    await sharpened(page)
    const before = await screen(page)
    expect(new Set(before.data).size).toBeGreaterThan(20)
    await page.reload()
    await sharpened(page)
    expect((await screen(page)).data.equals(before.data)).toBe(true)

    // a thousand pixels there, and back
    const start = await centre(page)
    for (const step of [-250, 250]) {
      for (let drag = 0; drag < 4; drag++) {
        await page.mouse.move(250 - step / 2, 150)
        await page.mouse.down()
        await page.mouse.move(250 + step / 2, 150, { steps: 3 })
        await page.waitForTimeout(200)
        await page.mouse.up()
      }
      await sharpened(page)
    }
    expect((await screen(page)).data.equals(before.data)).toBe(true)
    expect((await centre(page)).zoom).toBe(start.zoom)
    expect(worstOffset(await placedTiles(page), await centre(page), WIDTH, HEIGHT)).toBeLessThanOrEqual(0.2)

    await page.goBack()
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 3')
    await settled(page)
  })
})
