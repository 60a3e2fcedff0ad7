// What visitors do with colours and the screen besides choosing a palette: they animate the
// colours, keep their own gradients, undo, and hide the controls.
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { STILL, settled, Visits } from './visit.ts'

const SEAHORSES = '#14/-0.743643887/0.131825904'

const visits = new Visits(STILL)

/** The offset of the colours in the link, 0 if it has none. */
function offset(): Promise<number> {
  return visits.here.page.evaluate(() => {
    dispatchEvent(new Event('pagehide'))
    return Number(/offset=([\d.]+)/.exec(location.hash)?.[1] ?? 0)
  })
}

test('colour cycling sends no request, and is off under reduced motion', async () => {
  const { page, requests } = await visits.open(SEAHORSES, { reducedMotion: 'no-preference' })
  await expect.poll(() => requests.some((url) => url.includes('aa=2')), { timeout: 20_000 }).toBe(true)
  const before = requests.length
  await page.keyboard.press('a')
  await expect.poll(offset).toBeGreaterThan(0.02)
  // requests to the server contain the offset
  expect(requests.slice(before).filter((url) => url.includes('offset='))).toEqual([])
  await page.keyboard.press('a')
  await settled(page)
  const stopped = await offset()

  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.keyboard.press('a')
  await page.waitForSelector('#words:has-text("less motion")')
  expect(await offset()).toBe(stopped)
})

test('gradient edits can be undone one by one; a gradient can be saved and chosen by its number', async () => {
  const { page } = await visits.open(`${SEAHORSES}&gradient=102030,ffffff`)
  const gradient = () =>
    page.evaluate(() => {
      dispatchEvent(new Event('pagehide'))
      return /gradient=([^&]+)/.exec(decodeURIComponent(location.hash))?.[1]
    })
  await page.click('#open-colours')
  await page.click('#keep-gradient')
  await page.click('#add-stop')
  expect(await gradient()).not.toBe('102030,ffffff')
  await page.keyboard.press('Control+z')
  expect(await gradient()).toBe('102030,ffffff')
  expect(await page.locator('#undo-gradient').isDisabled()).toBe(true)
  await page.keyboard.press('Escape')
  // the visitor's own come first, then the listed ones
  await page.keyboard.press('2')
  expect(await gradient()).toBe(undefined)
  await page.reload()
  await settled(page)
  await page.keyboard.press('1')
  expect(await gradient()).toBe('102030,ffffff')
  await page.click('#open-colours')
  await page.click('#keep-gradient')
  expect(await page.locator('.swatch.kept').count()).toBe(0)
})

test('controls can be hidden without a keyboard, and moving the pointer offers them again', async () => {
  const { page } = await visits.open(SEAHORSES)
  await page.click('#open-help')
  await page.click('#hide')
  expect(await page.locator('#tools').isVisible()).toBe(false)
  expect(await page.locator('#show-controls').isVisible()).toBe(false)
  await page.mouse.move(400, 300)
  await page.click('#show-controls')
  expect(await page.locator('#tools').isVisible()).toBe(true)
  await page.keyboard.press('h')
  await page.keyboard.press('Escape')
  expect(await page.locator('#tools').isVisible()).toBe(true)
})

test('dropping a picture imports its colours', async () => {
  const { page } = await visits.open(SEAHORSES)
  // half red, half blue
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#d02020' } })
    .composite([{ input: { create: { width: 64, height: 32, channels: 3, background: '#2020d0' } }, left: 0, top: 0 }])
    .png()
    .toBuffer()
  await page.evaluate(
    (bytes) => {
      const files = new DataTransfer()
      files.items.add(new File([new Uint8Array(bytes)], 'picture.png', { type: 'image/png' }))
      dispatchEvent(new DragEvent('drop', { dataTransfer: files, cancelable: true }))
    },
    [...picture],
  )
  await page.waitForSelector('#words:has-text("colours of your picture")')
  const gradient = await page.evaluate(() => {
    dispatchEvent(new Event('pagehide'))
    return /gradient=([^&]+)/.exec(decodeURIComponent(location.hash))?.[1]
  })
  // red and blue, within what the browser's scaling does to them
  const colours = gradient!.split(',').map((text) => [0, 2, 4].map((at) => Number.parseInt(text.slice(at, at + 2), 16)))
  expect(colours.some(([red, , blue]) => red! > 190 && blue! < 60)).toBe(true)
  expect(colours.some(([red, , blue]) => red! < 60 && blue! > 190)).toBe(true)
})

test('a screen of one colour offers a way back to the last interesting place', async () => {
  const { page } = await visits.open(SEAHORSES)
  await page.keyboard.press('g')
  await page.fill('#goto-re', '-0.1')
  await page.fill('#goto-im', '0.1')
  await page.fill('#goto-zoom', '9')
  await page.press('#goto-zoom', 'Enter')
  await page.waitForSelector('#act:has-text("Back to the edge")')
  await page.click('#act')
  await expect.poll(() => page.textContent('#zoom')).toBe('zoom 14')
})

test('a bookmark has a thumbnail of the screen', async () => {
  const { page } = await visits.open(SEAHORSES)
  await page.keyboard.press('b')
  const picture = await page.evaluate(
    () => JSON.parse(localStorage.getItem('mandeltiles.bookmarks')!).bookmarks[0].picture as string,
  )
  const { channels } = await sharp(Buffer.from(picture.split(',')[1]!, 'base64')).stats()
  expect(channels[0]!.stdev).toBeGreaterThan(10)
})
