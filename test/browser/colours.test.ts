import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { parseGradient } from '../../src/colour/gradient.ts'
import { PALETTE_STOPS } from '../../src/colour/palettes.ts'
import { STILL, screen, settled, sharpened, Visits } from './visit.ts'

const SEAHORSES = '#14/-0.743643887/0.131825904'

const visits = new Visits(STILL)

/** Waits until the tiles on the screen reflect the last change. */
async function quiet(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('#progress')?.classList.contains('busy'))
  await settled(page)
}

/** The value of `name` in the address bar, once it is there. */
async function named(page: Page, name: string): Promise<string> {
  await page.waitForURL(({ hash }) => hash.includes(`&${name}=`))
  return decodeURIComponent(new RegExp(`&${name}=([^&]*)`).exec(new URL(page.url()).hash)![1]!)
}

describe('the colours', () => {
  test('follow the offset and density sliders, and every pixel equals the server’s', async () => {
    const { page } = await visits.open(SEAHORSES)
    await page.click('#open-colours')
    await page.fill('#offset', '64')
    await quiet(page)
    const offset = await named(page, 'offset')
    expect(Math.round(Number(offset) * 255)).toBe(64)
    expect((await visits.wrongPixels(`?offset=${offset}`)).wrong).toBe(0)
    await page.focus('#density')
    await page.keyboard.press('End')
    await quiet(page)
    const density = await named(page, 'density')
    expect(density).toBe('16')
    expect((await visits.wrongPixels(`?offset=${offset}&density=${density}`)).wrong).toBe(0)
    await page.click('#plain-colours')
    await quiet(page)
    expect((await visits.wrongPixels()).wrong).toBe(0)
  })

  test('follow a moving slider without any request', async () => {
    const { page, requests } = await visits.open(SEAHORSES)
    await sharpened(page)
    await page.click('#open-colours')
    await page.waitForLoadState('networkidle')
    const before = requests.length
    const [changed, tiles] = await page.evaluate(async () => {
      const pictures = document.querySelectorAll('.mandel-level.mandel-top img:not(.mandel-sharp)')
      let changes = 0
      new MutationObserver((records) => {
        changes += records.length
      }).observe(document.querySelector('#map')!, { subtree: true, childList: true })
      const slider = document.querySelector<HTMLInputElement>('#offset')!
      for (let step = 1; step <= 100; step++) {
        slider.value = String(step)
        slider.dispatchEvent(new Event('input', { bubbles: true }))
        await new Promise((next) => setTimeout(next, 10))
      }
      return [changes, pictures.length]
    })
    // antialiased tiles follow when the pointer rests
    expect(requests.slice(before).filter((url) => !url.includes('aa=2'))).toEqual([])
    // every tile changes more than once while the pointer moves
    expect(changed!).toBeGreaterThanOrEqual(2 * tiles!)
    await quiet(page)
    const offset = await named(page, 'offset')
    expect(Math.round(Number(offset) * 255)).toBe(100)
    expect((await visits.wrongPixels(`?offset=${offset}`)).wrong).toBe(0)
  })

  test('of a gradient follow a dragged stop, and the tiles equal the server’s in these colours', async () => {
    const { page, requests } = await visits.open(SEAHORSES, { deviceScaleFactor: 2 })
    await page.click('#open-colours')
    await page.click('label:has-text("Your own")')
    await quiet(page)
    await page.waitForLoadState('networkidle')
    const before = requests.length
    const stop = (await page.locator('.stop').nth(2).boundingBox())!
    await page.mouse.move(stop.x + stop.width / 2, stop.y + stop.height / 2)
    await page.mouse.down()
    for (let step = 1; step <= 40; step++) {
      await page.mouse.move(stop.x + stop.width / 2 + (step % 20), stop.y + 20)
      await page.waitForTimeout(20)
    }
    await page.mouse.up()
    await quiet(page)
    expect(requests.slice(before)).toEqual([])
    const gradient = await named(page, 'gradient')
    // every tile that is loaded has the pixels that the server gives in this gradient
    const pictures = await page.evaluate(() =>
      Promise.all(
        [...document.querySelectorAll<HTMLElement>('.mandel-level.mandel-top [data-tile]')].map(async (tile) => {
          const image = tile.querySelector('img')!
          const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight)
          const context = canvas.getContext('2d')!
          context.drawImage(image, 0, 0)
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
          const digest = await crypto.subtle.digest('SHA-1', data)
          return { tile: tile.dataset.tile!, digest: [...new Uint8Array(digest)].join() }
        }),
      ),
    )
    expect(pictures.length).toBeGreaterThan(10)
    for (const { tile, digest } of pictures.slice(0, 6)) {
      const { data, width, height } = await visits.picture(
        `tile/${tile}@2x.png?gradient=${encodeURIComponent(gradient)}`,
      )
      const rgba = await sharp(data, { raw: { width, height, channels: 3 } })
        .ensureAlpha()
        .raw()
        .toBuffer()
      expect([...createHash('sha1').update(rgba).digest()].join(), tile).toBe(digest)
    }
  })

  test('can be a custom gradient, which the link contains', async () => {
    const { page } = await visits.open(SEAHORSES)
    await page.click('#open-colours')
    await page.click('label:has-text("Your own")')
    // it starts as the previous palette
    expect(parseGradient(await named(page, 'gradient')).stops).toEqual(PALETTE_STOPS.tidal.stops)

    // by pointer: a press on the bar adds a stop, and dragging moves it; by keyboard a stop is
    // moved and removed; the colours are chosen
    const bar = (await page.locator('#stops').boundingBox())!
    await page.mouse.click(bar.x + 0.95 * bar.width, bar.y + 4)
    await page.fill('#stop-colour', '#ff0066')
    await page.fill('#set-colour', '#101820')
    await page.getByText('Mix as light').click()
    const third = (await page.locator('.stop').nth(2).boundingBox())!
    await page.mouse.move(third.x + third.width / 2, third.y + third.height / 2)
    await page.mouse.down()
    await page.mouse.move(bar.x + 0.25 * bar.width, bar.y + 20, { steps: 3 })
    await page.mouse.up()
    await page.locator('.stop').nth(3).focus()
    await page.keyboard.press('ArrowRight')
    await page.locator('.stop').nth(4).focus()
    await page.keyboard.press('Delete')
    await quiet(page)
    await page.waitForTimeout(500)
    const text = await named(page, 'gradient')
    const { stops, set, mix } = parseGradient(text)
    expect([set, mix]).toEqual(['#101820', 'light'])
    expect(stops.map(([position]) => Math.round(100 * position))).toEqual([0, 16, 25, 45, 72, 86, 95])
    expect(stops.at(-1)![1]).toBe('#ff0066')
    expect((await visits.wrongPixels(`?gradient=${encodeURIComponent(text)}`)).wrong).toBe(0)

    const before = await screen(page)
    await page.reload()
    await settled(page)
    expect((await screen(page)).data.equals(before.data)).toBe(true)
    // beyond the pyramid the page paints in the same colours
    await page.keyboard.press('p')
    await page.waitForURL(({ hash }) => hash.includes('palette=ember') && !hash.includes('gradient'))
  })

  test('can be imported from another program’s palette, and exported as one', async () => {
    const { page } = await visits.open(SEAHORSES, { acceptDownloads: true })
    await page.click('#open-colours')
    await page.click('label:has-text("Your own")')
    const choose = async (text: string) => {
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#palette-file')])
      await chooser.setFiles({ name: 'some.map', mimeType: 'text/plain', buffer: Buffer.from(text) })
    }
    await choose('0 0 40\n255 200 120\n16 96 64\n')
    await page.waitForURL(({ hash }) => decodeURIComponent(hash).includes('gradient=000028,ffc878,106040'))
    await quiet(page)
    expect((await visits.wrongPixels('?gradient=000028,ffc878,106040')).wrong).toBe(0)
    // the saved colours are those of a tile: 255 steps and the set
    const answer = await fetch(`${visits.url}/tile/0/0/0.png?gradient=000028,ffc878,106040`)
    const tile = Buffer.from(await answer.arrayBuffer())
    const at = tile.indexOf('PLTE') + 4
    for (const kind of ['map', 'gpl']) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#save-${kind}`)])
      const lines = readFileSync(await download.path(), 'utf8').match(/^ *\d+ +\d+ +\d+/gm)!
      expect(lines.flatMap((line) => line.trim().split(/ +/).map(Number))).toEqual([...tile.subarray(at, at + 768)])
    }
    await choose('no palette')
    await page.waitForSelector('#words:has-text("This file is not a palette: a colour of the palette must be")')
  })

  test('beyond the pyramid match the chosen appearance too', async () => {
    const appearance = '&gradient=200000,ffd0a0,004060&density=3&offset=0.4'
    await visits.open(`#3/-2/0${appearance}`)
    const picture = await screen(visits.here.page)
    // the border of the pyramid stands in the middle: left of it the page paints, right of it the
    // server
    const border = [120, 200, 400, 480].map((y) => {
      const at = 3 * (900 * y + 450)
      return Math.max(...[0, 1, 2].map((c) => Math.abs(picture.data[at + c]! - picture.data[at + c - 3]!)))
    })
    expect(Math.max(...border)).toBeLessThanOrEqual(12)
    expect((await visits.wrongPixels(appearance.replace('&', '?'))).wrong).toBe(0)
  })

  test('show the chosen style, in the link and beyond the pyramid too', { timeout: 180_000 }, async () => {
    const { page } = await visits.open(SEAHORSES)
    await page.click('#open-colours')
    await page.click('.chip:has-text("Distance")')
    await quiet(page)
    expect(await named(page, 'style')).toBe('distance')
    expect((await visits.wrongPixels('?style=distance')).wrong).toBe(0)
    await page.click('.chip:has-text("Slopes")')
    await page.fill('#light', '45')
    await quiet(page)
    expect(await named(page, 'light')).toBe('45')
    expect((await visits.wrongPixels('?style=slopes&light=45')).wrong).toBe(0)
    await page.click('.chip:has-text("Even")')
    const levels = await named(page, 'levels')
    await quiet(page)
    expect((await visits.wrongPixels(`?style=histogram&levels=${levels}`)).wrong).toBe(0)
    await page.click('#plain-colours')
    await quiet(page)
    await page.waitForURL(({ hash }) => !/style|light|levels/.test(hash))
    expect((await visits.wrongPixels()).wrong).toBe(0)
  })

  test.each(['distance', 'slopes', 'stripe'])('beyond the pyramid match the style %s too', async (style) => {
    await visits.open(`#3/-2/0&style=${style}`)
    const { data } = await screen(visits.here.page)
    // the border of the pyramid stands in the middle: left of it the page paints, right of it the
    // server
    const steps = [120, 200, 400, 480].map((y) => {
      const at = 3 * (900 * y + 450)
      return Math.max(...[0, 1, 2].map((c) => Math.abs(data[at + c]! - data[at + c - 3]!)))
    })
    expect(Math.max(...steps)).toBeLessThanOrEqual(12)
  })

  test('come with a hint to raise the limit where many pixels reached it', async () => {
    const { page } = await visits.open(`${SEAHORSES}&iter=150`)
    await page.click('#open-colours')
    await page.waitForSelector('#limited:visible')
    expect(await page.locator('#limited').textContent()).toMatch(/^\d+ % of the middle reached the limit/)
    await page.fill('#limit', '20000')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#limited', { state: 'hidden' })
  })
})
