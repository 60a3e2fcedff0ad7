import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { centre, STILL, settled, Visits } from './visit.ts'

const SEAHORSES = '#14/-0.743643887/0.131825904'

const visits = new Visits(STILL)

async function arrived(page: Page, zoom: number): Promise<void> {
  await page.waitForFunction((zoom) => document.querySelector('#zoom')?.textContent === `zoom ${zoom}`, zoom)
  await settled(page)
}

/** Pastes into a field as a visitor does. */
async function paste(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).evaluate((field, text) => {
    const data = new DataTransfer()
    data.setData('text', text)
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
    // text that the page ignores goes into the field
    if (field.dispatchEvent(event)) (field as HTMLInputElement).value = text
  }, text)
}

const choose = async (page: Page, button: string, name: string, text: string) => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click(button)])
  await chooser.setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
}

describe('go to', () => {
  test('accepts coordinates of any number of digits, and a magnification', async () => {
    const { page } = await visits.open(SEAHORSES)
    await page.keyboard.press('g')
    expect(await page.inputValue('#goto-re')).toBe('-0.743644')
    const digits = '1415926535897932384626433832795028841971'.repeat(20)
    await paste(page, '#goto-re', `-1.25${digits}`)
    await paste(page, '#goto-im', '0')
    await page.fill('#goto-zoom', '1e200')
    await page.keyboard.press('Enter')
    // 10^200 is 2^664.4
    await arrived(page, 664)
    const here = await centre(page)
    // the last digits are worth less than an eighth of a pixel
    expect(here.re.length).toBeGreaterThan(200)
    expect(`-1.25${digits}`.startsWith(here.re.slice(0, -5))).toBe(true)
    await page.goBack()
    await arrived(page, 14)
  })

  test('accepts a .kfr and a .toml, as text or as a file', async () => {
    const { page } = await visits.open()
    const kfr = 'Re: -0.749949\r\nIm: 0.0310123\r\nZoom: 1.0E4\r\nIterations: 5000\r\n'
    const toml = 'location.real = "-1.7548776662"\nlocation.imag = "0.0001"\nlocation.zoom = "3E5"\n'
    for (const [give, re, zoom] of [
      [() => paste(page, '#goto-re', kfr), '-0.749949', 14],
      [() => paste(page, '#goto-zoom', toml), '-1.7548776662', 19],
      [() => choose(page, '#goto-file', 'place.kfr', kfr), '-0.749949', 14],
      [() => paste(page, '#goto-im', `-0.1592 -1.0317 9`), '-0.1592', 9],
      [() => paste(page, '#goto-re', '−0.7436 0.1318 12'), '-0.7436', 12],
      // without a zoom the current one stays
      [() => paste(page, '#goto-re', '-0.743643887037151 + 0.131825904205330i'), '-0.743643887037151', 12],
    ] as const) {
      await page.keyboard.press('g')
      await give()
      // 4/Zoom is the height of the 600 pixels here: zoom = log2(Zoom) + log2(3 · 600 / 1024)
      await page.waitForFunction(
        (zoom) => document.querySelector<HTMLInputElement>('#goto-zoom')!.value === String(zoom),
        zoom,
      )
      await page.click('#goto [type=submit]')
      await arrived(page, zoom)
      expect(Math.abs(Number((await centre(page)).re) - Number(re))).toBeLessThan(3 / 256 / 2 ** zoom)
    }
  })

  test('saves the current place as a .kfr and as a .toml, which lead back to it', async () => {
    const { page } = await visits.open(SEAHORSES, { acceptDownloads: true })
    await page.keyboard.press('g')
    const files: Record<string, string> = {}
    for (const kind of ['kfr', 'toml']) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(`#save-${kind}`)])
      expect(download.suggestedFilename()).toBe(`mandelbrot-zoom-14.${kind}`)
      files[kind] = readFileSync(await download.path(), 'utf8')
    }
    await page.keyboard.press('Escape')
    await page.waitForSelector('#places:not([open])', { state: 'attached' })
    await page.keyboard.press('Home')
    await arrived(page, 1)
    await page.keyboard.press('g')
    const field = (name: string) => page.inputValue(`#goto-${name}`)
    for (const [kind, text] of Object.entries(files)) {
      await page.fill('#goto-zoom', '')
      await choose(page, '#goto-file', `place.${kind}`, text)
      await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#goto-zoom')!.value === '14')
      for (const [name, there] of [
        ['re', -0.743643887],
        ['im', 0.131825904],
      ] as const)
        expect(Math.abs(Number(await field(name)) - there), `${kind} ${name}`).toBeLessThan(3 / 256 / 2 ** 14)
    }
    await page.click('#goto [type=submit]')
    await arrived(page, 14)
  })

  test('accepts pasted text in common forms, and keeps the fields that it does not name', async () => {
    const { page } = await visits.open(SEAHORSES)
    for (const [text, re, im, zoom] of [
      ['−0.1592 − 1.0317 i', '-0.1592', '-1.0317', '14'],
      ['-0,75; 0,1', '-0.75', '0.1', '14'],
      ['(-1.25, 0.02), ×512', '-1.25', '0.02', '9'],
      ['Re = -0.5  Im = 0.6  zoom = 10^3', '-0.5', '0.6', '10'],
    ] as const) {
      await page.keyboard.press('g')
      await page.fill('#goto-zoom', '14')
      await paste(page, '#goto-im', text)
      expect(await page.inputValue('#goto-re')).toBe(re)
      expect(await page.inputValue('#goto-im')).toBe(im)
      await page.click('#goto [type=submit]')
      await arrived(page, Number(zoom))
      const here = await centre(page)
      expect(Math.abs(Number(here.re) - Number(re))).toBeLessThan(3 / 256 / 2 ** Number(zoom))
      expect(Math.abs(Number(here.im) - Number(im))).toBeLessThan(3 / 256 / 2 ** Number(zoom))
    }
    // typed into one field it is accepted too
    await page.keyboard.press('g')
    await page.fill('#goto-re', '−0.75 + 0.1i')
    await page.fill('#goto-zoom', '12')
    await page.keyboard.press('Enter')
    await arrived(page, 12)
    expect(Math.abs(Number((await centre(page)).im) - 0.1)).toBeLessThan(3 / 256 / 2 ** 12)
  })

  test('says what it cannot read, marks the field, and stays', async () => {
    const { page } = await visits.open(SEAHORSES)
    await page.keyboard.press('g')
    for (const [field, text, words] of [
      ['#goto-re', 'here and there', /location file/],
      ['#goto-zoom', '20000', /deeper than this server goes: 10000/],
      ['#goto-zoom', 'deep', /should be a number such as 54, or a magnification/],
      ['#goto-im', '1..2', /imaginary part should be a decimal number/],
    ] as const) {
      await page.fill('#goto-zoom', '14')
      const before = await page.inputValue('#goto-re')
      if (text.includes(' ')) await paste(page, field, text)
      else {
        await page.fill(field, text)
        await page.keyboard.press('Enter')
      }
      await expect.poll(() => page.locator('#goto-error').textContent()).toMatch(words)
      expect(await page.inputValue('#goto-re')).toBe(before)
      if (text.includes(' ')) continue
      expect(
        await page.locator('#goto [aria-invalid=true]').evaluateAll((found) => found.map(({ id }) => `#${id}`)),
      ).toEqual([field])
    }
    await page.keyboard.press('Escape')
    expect(await page.locator('#zoom').textContent()).toBe('zoom 14')
  })
})

describe('the gallery', () => {
  test('has at least twenty places, each with a picture, a name and a description, and goes there', async () => {
    const { page, requests } = await visits.open(SEAHORSES)
    expect(requests.filter((url) => url.includes('.webp'))).toEqual([])
    await page.click('#open-places')
    await page.waitForSelector('#gallery li')
    const cards = await page.locator('#gallery li').evaluateAll(async (items) => {
      const found = []
      for (const item of items) {
        item.scrollIntoView()
        const image = item.querySelector('img')!
        await image.decode()
        found.push({
          width: image.naturalWidth,
          name: item.querySelector('strong')!.textContent,
          words: item.querySelector('span')!.textContent,
        })
      }
      return found
    })
    expect(cards.length).toBeGreaterThanOrEqual(20)
    expect(new Set(cards.map(({ name }) => name)).size).toBe(cards.length)
    for (const { width, name, words } of cards) {
      expect(width).toBe(320)
      expect(name).not.toBe('')
      expect(words).toMatch(/^[A-Z].+\.$/)
    }
    await page.click('#gallery button:has-text("Masks")')
    await arrived(page, 48)
    expect(await page.locator('#places').isVisible()).toBe(false)
    await page.goBack()
    await arrived(page, 14)
  })

  test('comes first, and its picture covers the screen until the tiles of a place are there', async () => {
    const { page } = await visits.open(SEAHORSES)
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/tile/4*/**', async (route) => {
      await held
      await route.continue()
    })
    await page.click('#open-places')
    await page.waitForSelector('#gallery li img')
    const [picture, field] = await Promise.all(
      ['#gallery li img', '#goto-re'].map((selector) => page.locator(selector).first().boundingBox()),
    )
    expect(picture!.y).toBeLessThan(field!.y)
    // the form stays in sight
    expect(field!.y + field!.height).toBeLessThanOrEqual(page.viewportSize()!.height)
    await page.click('#gallery button:has-text("Masks")')
    const preview = page.locator('.mandel-preview')
    await preview.waitFor()
    const { x, y, width, height } = (await preview.boundingBox())!
    const screen = page.viewportSize()!
    expect(Math.max(x, y)).toBeLessThanOrEqual(0)
    expect(x + width).toBeGreaterThanOrEqual(screen.width)
    expect(y + height).toBeGreaterThanOrEqual(screen.height)
    // as large as the tiles will be: a picture of 1280 pixels across
    expect(width).toBeCloseTo(Math.max(1280, (1280 / 800) * screen.height, screen.width), 0)
    release()
    await preview.waitFor({ state: 'detached' })
    await settled(page)
  })
})

describe('saved places', () => {
  test('stay in the browser, and can be imported and exported as a file', async () => {
    const { page } = await visits.open(`${SEAHORSES}&palette=moss&density=2`, { acceptDownloads: true })
    await page.keyboard.press('b')
    await page.waitForSelector('#words:has-text("Kept among your places.")')
    await page.reload()
    await settled(page)
    await page.keyboard.press('Home')
    await arrived(page, 1)
    await page.keyboard.press('g')
    expect(await page.locator('#marks li').count()).toBe(1)
    expect(
      await page
        .locator('#marks img')
        .evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
    ).toBe(320)
    await page.fill('#marks .field', 'Mine')
    await page.keyboard.press('Tab')
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#export-marks')])
    const file = readFileSync(await download.path(), 'utf8')
    expect(JSON.parse(file).bookmarks).toMatchObject([
      { name: 'Mine', link: expect.stringContaining('palette=moss&density=2') },
    ])

    await page.click('#marks button:has-text("Remove")')
    expect(await page.locator('#marks li').count()).toBe(0)
    await choose(page, '#import-marks', 'bookmarks.json', file)
    await page.waitForSelector('#marks li')
    await choose(page, '#import-marks', 'other.json', '{"places": 3}')
    const words = page.locator('#words:has-text("holds no bookmarks")')
    await words.waitFor()
    // the message appears above the open dialog
    expect(
      await words.evaluate((element) => {
        const { left, top } = element.getBoundingClientRect()
        return document.elementFromPoint(left + 4, top + 4) === element
      }),
    ).toBe(true)
    await page.click('#marks .card')
    await arrived(page, 14)
    expect((await visits.wrongPixels('?palette=moss&density=2')).wrong).toBe(0)
  })

  test('are one list in two tabs, and removal can be undone', async () => {
    const { page } = await visits.open(SEAHORSES)
    const other = await page.context().newPage()
    await other.goto(`${visits.url}/#3/-0.5/0`)
    await settled(other)
    await page.keyboard.press('b')
    await page.waitForSelector('#words:has-text("Kept among your places.")')
    // the other tab was open before, and keeps the first one's
    await other.keyboard.press('b')
    await other.keyboard.press('g')
    await other.waitForSelector('#marks li:nth-child(2)')
    await page.keyboard.press('g')
    expect(await page.locator('#marks li').count()).toBe(2)
    // and an open list follows
    await other.click('#marks li:nth-child(1) button:has-text("Remove")')
    await page.waitForSelector('#marks li:nth-child(2)', { state: 'detached' })
    await other.click('#act:has-text("Undo")')
    await page.waitForSelector('#marks li:nth-child(2)')
    const names = (tab: Page) => tab.locator('#marks strong').allTextContents()
    expect(await names(page)).toEqual(await names(other))
  })

  test('last until the page is closed where the browser stores nothing', async () => {
    const { page } = await visits.open()
    await page.context().addInitScript(() =>
      Object.defineProperty(window, 'localStorage', {
        get: () => {
          throw new DOMException('The operation is insecure.', 'SecurityError')
        },
      }),
    )
    await page.reload()
    await settled(page)
    await page.keyboard.press('b')
    await page.waitForSelector('#words:has-text("the browser cannot store it")')
    await page.keyboard.press('g')
    expect(await page.locator('#marks li').count()).toBe(1)
  })
})
