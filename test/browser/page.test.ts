import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { centre, placedTiles, STILL, screen, settled, sharpened, Visits, worstOffset } from './visit.ts'

const TOOLS = ['places', 'colours', 'probe', 'explore', 'export', 'help']
const SEAHORSES = '#14/-0.743643887/0.131825904'

// animations are on if a test says so
const MOVING = { reducedMotion: 'no-preference' } as const

const visits = new Visits(STILL)
const open = visits.open.bind(visits)

describe('the page', () => {
  test('shows the set: every pixel on the screen equals the server’s', async () => {
    await open('', MOVING)
    const { wrong, compared } = await visits.wrongPixels()
    // the pyramid covers more than a third of this window
    expect(compared).toBeGreaterThan((900 * 600) / 3)
    expect(wrong).toBe(0)
  })

  test('centres a pasted place, and does not rewrite the link', async () => {
    await open(SEAHORSES, MOVING)
    expect(new URL(visits.here.page.url()).hash).toBe(SEAHORSES)
    const tiles = await placedTiles(visits.here.page)
    const place = { zoom: 14, re: '-0.743643887', im: '0.131825904' }
    expect(worstOffset(tiles, place, 900, 600)).toBeLessThanOrEqual(0.51)
    const { wrong, compared } = await visits.wrongPixels()
    expect([wrong, compared]).toEqual([0, 900 * 600])
  })

  test('shows no edge: colours continue across the border of the pyramid', async () => {
    await open('#1/-2/0')
    const picture = await screen(visits.here.page)
    const step = (x: number, y: number) => {
      const at = 3 * (900 * y + x)
      return Math.max(...[0, 1, 2].map((c) => Math.abs(picture.data[at + c]! - picture.data[at + c - 3]!)))
    }
    // the border runs vertically through the centre, with the antenna to its right: above and below
    // that, pixels differ across it by no more than elsewhere, where one step of the palette
    // follows another
    for (const y of [...range(0, 270), ...range(330, 600)]) {
      const steepest = Math.max(...range(350, 550).map((x) => (x === 450 ? 0 : step(x, y))))
      expect(step(450, y)).toBeLessThanOrEqual(steepest)
    }
  })

  test('sends no request to another host, and requests only what it shows', async () => {
    await open(SEAHORSES)
    expect(visits.here.requests.filter((url) => !url.startsWith(`${visits.url}/`))).toEqual([])
    const tiles = visits.here.requests.filter((url) => url.includes('/tile/'))
    expect(new Set(tiles).size).toBe(tiles.length)
    // no finer level than the screen shows, and at its own level only the screen and one tile
    // around it
    const levelOf = (url: string) => Number(/\/tile\/(\d+)\//.exec(url)![1])
    expect(Math.max(...tiles.map(levelOf))).toBe(14)
    const own = tiles.filter((url) => levelOf(url) === 14)
    // on a slow machine the page may already have begun to antialias the screen
    const sharp = own.filter((url) => url.includes('aa=2'))
    expect(sharp.length).toBeLessThanOrEqual((4 + 1) * (3 + 1))
    expect(own.length - sharp.length).toBeLessThanOrEqual((4 + 2) * (3 + 3))
  })

  test('zooms with the wheel, and keeps the point under the cursor', async () => {
    const { page } = await open(SEAHORSES, MOVING)
    const before = await pointUnder(300, 200)
    await page.mouse.move(300, 200)
    await page.mouse.wheel(0, -120)
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent !== 'zoom 14')
    await settled(page)
    const after = await pointUnder(300, 200)
    expect(after.z).toBeGreaterThan(before.z)
    for (const axis of ['x', 'y'] as const) {
      // in pixels of the screen now, where one of before is 2^0.75 wide and rounded once
      const pixels = 256 * 2 ** (14.75 - after.z)
      expect(Math.abs(after[axis] - before[axis] * 2 ** (after.z - before.z)) * pixels).toBeLessThanOrEqual(1.01)
    }
    // a notch of the wheel is a fraction of a zoom, and the map rests there
    expect((await centre(page)).zoom).toBe(14.75)
    expect(worstOffset(await placedTiles(page), await centre(page), 900, 600)).toBeLessThanOrEqual(0.01 + 1 / 8)
  })

  /**
   * The point of the pyramid under a pixel of the window, in tiles of a level; shallow enough for a
   * double.
   */
  async function pointUnder(px: number, py: number): Promise<{ z: number; x: number; y: number }> {
    const [tile] = await placedTiles(visits.here.page)
    const { z, x, y, left, top, width } = tile!
    return { z, x: Number(x) + (px - left) / width, y: Number(y) + (py - top) / width }
  }

  test('moves exactly with the pointer when it is dragged', async () => {
    const { page } = await open(SEAHORSES, MOVING)
    const before = await pointUnder(0, 0)
    await page.mouse.move(400, 300)
    await page.mouse.down()
    await page.mouse.move(350, 330, { steps: 5 })
    // held still, so that it is released without inertia
    await page.waitForTimeout(200)
    await page.mouse.up()
    await settled(page)
    const after = await pointUnder(0, 0)
    expect([256 * (after.x - before.x), 256 * (after.y - before.y)].map(Math.round)).toEqual([50, -30])
    expect((await visits.wrongPixels()).wrong).toBe(0)
  })

  test('changes colours in place, without a blank screen', async () => {
    const { page } = await open(SEAHORSES, MOVING)
    await page.evaluate(() => {
      for (const tile of document.querySelectorAll<HTMLElement>('[data-tile]')) tile.dataset.before = 'yes'
    })
    await page.click('#open-colours')
    await page.click('label:has-text("Ember")')
    await settled(page)
    const fresh = await page.locator('.mandel-level.mandel-top [data-tile]:not([data-before])').evaluateAll((tiles) =>
      tiles.filter((tile) => {
        const { left, top, right, bottom } = tile.getBoundingClientRect()
        return right > 0 && bottom > 0 && left < innerWidth && top < innerHeight
      }),
    )
    expect(fresh).toEqual([])
    expect((await visits.wrongPixels('?palette=ember')).wrong).toBe(0)
    await page.waitForURL(/palette=ember/)
  })

  test('shows the same picture when its own link is reloaded', async () => {
    // with odd sides the centre lies between two pixels
    const { page } = await open(`${SEAHORSES}&palette=orchid`, { viewport: { width: 901, height: 601 } })
    await page.mouse.move(250, 250)
    await page.mouse.dblclick(250, 250)
    await page.waitForURL(/#15\/.*palette=/)
    expect((await reloaded(page)).wrong).toBe(0)
    await page.mouse.wheel(0, -120)
    await page.waitForURL(/#15\.75\/.*palette=/)
    expect((await reloaded(page)).wrong).toBe(0)
  })

  /**
   * Reloads the page from its own link, and counts the pixels that differ from before by more than
   * this many levels.
   */
  async function reloaded(page: Page): Promise<{ wrong: number }> {
    await sharpened(page)
    const before = await screen(page)
    const link = page.url()
    await page.reload()
    await sharpened(page)
    expect(page.url()).toBe(link)
    const after = await screen(page)
    let wrong = 0
    const differs = (at: number) => after.data[at] !== before.data[at]
    for (let at = 0; at < after.data.length; at += 3) if ([at, at + 1, at + 2].some(differs)) wrong++
    return { wrong }
  }

  test('undoes a jump on Back', async () => {
    const { page } = await open(SEAHORSES, MOVING)
    await page.keyboard.press('ArrowRight')
    await sharpened(page)
    const before = { centre: await centre(page), picture: await screen(page) }
    await page.keyboard.press('Home')
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 1')
    await settled(page)
    await page.goBack()
    await sharpened(page)
    expect(await centre(page)).toEqual(before.centre)
    expect((await screen(page)).data.equals(before.picture.data)).toBe(true)
    await page.goForward()
    await settled(page)
    expect((await centre(page)).zoom).toBe(1)
  })

  test('restores the earlier colours on Back, even where the link names none', async () => {
    const { page } = await open(SEAHORSES)
    await page.evaluate(() => {
      location.hash = '#3/-0.5/0&palette=grey'
    })
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 3')
    await page.keyboard.press('Home')
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 1')
    await page.goBack()
    await page.goBack()
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 14')
    expect(new URL(page.url()).hash).toBe(SEAHORSES)
    expect((await visits.wrongPixels()).wrong).toBe(0)
    // an empty link means the whole set in the default colours
    await page.evaluate(() => {
      location.hash = '&palette=moss'
      setTimeout(() => {
        location.hash = ''
      }, 50)
    })
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 1')
    expect((await visits.wrongPixels()).wrong).toBe(0)
  })

  test('ignores the bad part of a link, says so, and keeps the place', async () => {
    const { page } = await open(`${SEAHORSES}&palette=nacre&style=stripe&iter=many`)
    expect(await page.locator('#zoom').textContent()).toBe('zoom 14')
    const words = await page.locator('#words').textContent()
    expect(words).toContain('palette must be one of')
    expect(words).toContain('iter must be')
    expect((await visits.wrongPixels('?style=stripe')).wrong).toBe(0)
  })

  test('follows a link that is pasted into the address bar', async () => {
    const { page } = await open()
    await page.evaluate((hash) => {
      location.hash = hash
    }, `${SEAHORSES}&palette=grey&iter=300`)
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 14')
    await settled(page)
    expect((await visits.wrongPixels('?palette=grey&max_iter=300')).wrong).toBe(0)
  })

  test.each(['#nonsense', '#3/1e9/2/3', `#3/0.${'7'.repeat(1_000_000)}/0`])(
    'rejects a bad link quickly with a message, and shows the whole set (%#)',
    async (hash) => {
      await open(hash)
      expect(await visits.here.page.locator('#notice').isVisible()).toBe(true)
      expect(await visits.here.page.locator('#words').textContent()).toMatch(/names no place|longer than any place/)
      expect(await visits.here.page.locator('#zoom').textContent()).toBe('zoom 1')
    },
  )
})

test('shows messages beside the tools, not over them, on wide and narrow screens', async () => {
  const { page } = await open('', { viewport: { width: 1200, height: 600 } })
  for (const width of [1200, 900, 700, 360]) {
    await page.setViewportSize({ width, height: 600 })
    const [notice, tools] = await page.evaluate(async () => {
      location.hash = '#40.0.0/-0.743643887037158704752191506114774/0.1318'
      await new Promise((told) => setTimeout(told, 50))
      return ['notice', 'tools'].map((id) => document.getElementById(id)!.getBoundingClientRect().toJSON() as DOMRect)
    })
    expect(notice!.height).toBeGreaterThan(0)
    expect(notice!.right <= tools!.left || notice!.top >= tools!.bottom, `${width} pixels`).toBe(true)
    expect(notice!.left).toBeGreaterThanOrEqual(0)
    // a good link removes it
    await page.evaluate(() => {
      location.hash = '#2/-0.5/0'
    })
    await page.waitForSelector('#notice', { state: 'hidden' })
  }
})

describe('the keyboard', () => {
  test('moves, zooms, goes home and cycles the palettes', async () => {
    const { page } = await open(SEAHORSES, MOVING)
    const zoom = () => page.locator('#zoom').textContent()
    const start = await centre(page)
    await page.keyboard.press('ArrowLeft')
    await settled(page)
    const left = await centre(page)
    const pixel = 3 / 256 / 2 ** 14
    // the pasted centre itself was rounded to a pixel
    expect(Math.abs((Number(start.re) - Number(left.re)) / pixel - 120)).toBeLessThan(1)
    await page.keyboard.press('+')
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 15')
    await settled(page)
    await page.keyboard.press('-')
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 14')
    await settled(page)
    await page.keyboard.press('p')
    await page.waitForURL(/palette=(?!tidal)/)
    await page.keyboard.press('Shift+P')
    await page.waitForURL(/palette=tidal/)
    await page.keyboard.press(']')
    await page.waitForURL(/iter=\d+/)
    await page.keyboard.press('\\')
    await page.waitForURL((url) => !url.hash.includes('iter='))
    await page.keyboard.press('0')
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 1')
    expect(await zoom()).toBe('zoom 1')
    await settled(page)
  })

  test('reaches every control, with visible focus', async () => {
    const { page } = await open()
    const reached = new Set<string>()
    for (let press = 0; press < 12; press++) {
      await page.keyboard.press('Tab')
      const focus = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!)
        return { id: document.activeElement!.id, outlined: outlineStyle !== 'none' && outlineWidth !== '0px' }
      })
      if (focus.id === '') continue
      expect(focus).toEqual({ id: focus.id, outlined: true })
      reached.add(focus.id)
    }
    expect([...reached].sort()).toEqual(
      ['centre', 'home', 'magnification', 'map', 'zoom-in', 'zoom-out', ...TOOLS.map((name) => `open-${name}`)].sort(),
    )
  })

  test('opens the panel and the help, and closes them with Escape', async () => {
    const { page } = await open()
    await page.focus('#open-colours')
    await page.keyboard.press('Enter')
    expect(await page.locator('#colours').isVisible()).toBe(true)
    await page.keyboard.press('ArrowDown')
    await page.waitForURL(/palette=(?!tidal)/)
    await page.keyboard.press('Escape')
    expect(await page.locator('#colours').isVisible()).toBe(false)
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('open-colours')
    await page.keyboard.press('?')
    expect(await page.locator('#help').isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    expect(await page.locator('#help').isVisible()).toBe(false)
  })

  test('is explained by the link that the README gives', async () => {
    await open('#help')
    expect(await visits.here.page.locator('#help').isVisible()).toBe(true)
  })
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k)
}
