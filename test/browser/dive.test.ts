// Down to zoom 2000, or as deep as the server goes, by stretches, and up again. After every step
// each tile's address and place on the screen are checked in BigInt: tiles agree with each other to
// the pixel, and the point under the cursor has stayed there.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { centre, type Placed, placedTiles, screen, settled, Visits, worstOffset } from './visit.ts'

const [WIDTH, HEIGHT] = [500, 300]
const DEEPEST = Math.min(2000, resolveOptions().options['max-zoom'])
// off the middle, where an error in the centre would not show
const CURSOR = { x: 131, y: 87 }
const SEAHORSES = '-0.743643887037151/0.131825904205330'

const visits = new Visits()

async function open(hash: string, options = {}): Promise<Page> {
  return (await visits.open(hash, { viewport: { width: WIDTH, height: HEIGHT }, ...options })).page
}

/**
 * The point of the pyramid under the cursor, in whole pixels of a zoom, by the tile that lies
 * there.
 */
interface Point {
  zoom: number
  x: bigint
  y: bigint
}

/**
 * Checks that the tiles of the screen's zoom cover it, each where its address belongs beside the
 * others.
 */
function pointUnderCursor(tiles: Placed[], zoom: number): Point {
  const current = tiles.filter(({ z }) => z === zoom)
  const corner = ({ x, y, left, top }: Placed) => ({
    x: x * 256n - BigInt(Math.round(left)),
    y: y * 256n - BigInt(Math.round(top)),
  })
  const first = corner(current[0]!)
  for (const tile of current) {
    // whole pixels, but for what the last frame of an animation leaves of a fraction
    for (const side of [tile.left, tile.top, tile.width]) expect(Math.abs(side - Math.round(side))).toBeLessThan(1e-3)
    expect(Math.round(tile.width)).toBe(256)
    expect(corner(tile)).toEqual(first)
  }
  const covered = current.filter(({ left, top }) => left < WIDTH && left > -256 && top < HEIGHT && top > -256)
  const columns = new Set(covered.map(({ x }) => x)).size
  const rows = new Set(covered.map(({ y }) => y)).size
  expect(covered.length).toBe(columns * rows)
  const [lefts, tops] = [covered.map(({ left }) => left), covered.map(({ top }) => top)]
  expect(Math.max(Math.min(...lefts), Math.min(...tops))).toBeLessThanOrEqual(0)
  expect(Math.max(...lefts) + 256).toBeGreaterThanOrEqual(WIDTH)
  expect(Math.max(...tops) + 256).toBeGreaterThanOrEqual(HEIGHT)
  return { zoom, x: first.x + BigInt(CURSOR.x), y: first.y + BigInt(CURSOR.y) }
}

/** How far the point under the cursor has moved between two zooms, in pixels of the shallower. */
function moved(before: Point, after: Point): number {
  const [shallow, deep] = before.zoom < after.zoom ? [before, after] : [after, before]
  const scale = 1n << BigInt(deep.zoom - shallow.zoom)
  const apart = (a: bigint, b: bigint) => Math.abs(Number(a * scale - b)) / Number(scale)
  return Math.max(apart(shallow.x, deep.x), apart(shallow.y, deep.y))
}

/** Turns the wheel until the zoom is another one; gives it. */
async function wheel(page: Page, delta: number, from: number): Promise<number> {
  await page.mouse.wheel(0, delta)
  const zoom = await page.waitForFunction(
    (from) => {
      const zoom = Number(document.querySelector('#zoom')?.textContent?.replace(/\D/g, ''))
      // on a busy machine a transition outlasts the class that Leaflet gives it
      const moving = document.getAnimations().some(({ effect }) => (effect as KeyframeEffect).target?.closest('#map'))
      return zoom !== from && !moving && !document.querySelector('.leaflet-zoom-anim') ? `${zoom}` : undefined
    },
    from,
    { polling: 20 },
  )
  return Number(await zoom.jsonValue())
}

// the wheel's turn for one zoom, for two, and for four, the most that Leaflet takes at once
const [ONE, TWO, FOUR] = [90, 180, 5000]

describe('a dive', () => {
  /**
   * Turns the wheel by as much a time until the zoom is `end`, with a look at the point under the
   * cursor each time.
   */
  async function turn(page: Page, from: number, end: number, delta: number): Promise<void> {
    let point = pointUnderCursor(await placedTiles(page), from)
    // the wheel's direction is against the zoom's
    const direction = Math.sign(from - end)
    while (point.zoom !== end) {
      const zoom = await wheel(page, direction * delta, point.zoom)
      const next = pointUnderCursor(await placedTiles(page), zoom)
      // the corner of the view is rounded to a pixel, so a point may move by half of one at each
      // end
      expect(moved(point, next)).toBeLessThanOrEqual(1.01)
      point = next
    }
  }

  // from the whole set on, past the depths where powers of two leave the double's range, and to the
  // bottom: what lies between is like the last of them
  const stretches = [
    [0, 240],
    [920, 1100],
    [DEEPEST - 100, DEEPEST],
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
        await turn(page, from, end, FOUR)
        await settled(page)
        expect(worstOffset(await placedTiles(page), await centre(page), WIDTH, HEIGHT)).toBeLessThanOrEqual(0.2)
      }
    },
  )

  test('takes another frame without asking for any tile again', { timeout: 200_000 }, async () => {
    // the frame of zoom 0 is left on this way
    const page = await open(`#20/${SEAHORSES}`)
    for (let zoom = 21; zoom <= 24; zoom++) {
      await page.keyboard.press('+')
      await page.waitForFunction((zoom) => document.querySelector('#zoom')?.textContent === `zoom ${zoom}`, zoom)
      await settled(page)
      // a mislabelled tile would be missed, and asked for, as soon as the map moves
      await page.keyboard.press('ArrowLeft')
      await settled(page)
    }
    const tiles = visits.here.requests.filter((url) => url.includes('/tile/'))
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
    [952, 962],
    [1018, 1028],
    [1070, 1080],
  ] as const
  test.each(bands.filter(([, bottom]) => bottom <= DEEPEST))(
    'with its animations, by single zooms from %i to %i, and back by two at a time',
    { timeout: 200_000 },
    async (top, bottom) => {
      const page = await open(`#${top}/${SEAHORSES}`)
      await page.mouse.move(CURSOR.x, CURSOR.y)
      await turn(page, top, bottom, ONE)
      await turn(page, bottom, top, TWO)
    },
  )
})

describe('far down', () => {
  // a branch ends in i, at any depth
  const TIP = '#5000/0/1'

  test('a link leads to zoom 5000; it comes back the same when it is loaded again and after a walk, and Back returns', {
    timeout: 120_000,
  }, async () => {
    const page = await open('#3/-0.5/0')
    await page.evaluate((hash) => {
      location.hash = hash
    }, TIP)
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 5000')
    await settled(page)
    const before = await screen(page)
    expect(new Set(before.data).size).toBeGreaterThan(20)
    await page.reload()
    await settled(page)
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
      await settled(page)
    }
    expect((await screen(page)).data.equals(before.data)).toBe(true)
    expect((await centre(page)).zoom).toBe(start.zoom)
    expect(worstOffset(await placedTiles(page), await centre(page), WIDTH, HEIGHT)).toBeLessThanOrEqual(0.2)

    await page.goBack()
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 3')
    await settled(page)
  })
})
