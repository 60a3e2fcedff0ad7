// The rotated map: pixels compared with /image, which rotates the plane with its own arithmetic.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { centre, decode, type Pixels, STILL, settled, Visits } from './visit.ts'

const SEAHORSES = '#14/-0.743643887/0.131825904'

const visits = new Visits(STILL)

/** The screen at rest without controls, when its sharp picture has arrived. */
async function restingScreen(page: Page): Promise<Pixels> {
  await page.waitForSelector('.mandel-still')
  await settled(page)
  await page.keyboard.press('h')
  const shot = await decode(await page.screenshot())
  await page.keyboard.press('h')
  return shot
}

/**
 * The share of pixels at which a screen and the server's picture differ by more than some levels.
 */
async function difference(path: string): Promise<number> {
  const { page } = visits.here
  const [here, there] = [await restingScreen(page), await visits.picture(path)]
  let differing = 0
  for (let at = 0; at < here.data.length; at += 3) {
    const worst = Math.max(...[0, 1, 2].map((part) => Math.abs(here.data[at + part]! - there.data[at + part]!)))
    if (worst > 2) differing++
  }
  return differing / (here.width * here.height)
}

describe('a rotated map', () => {
  test('shows what /image shows at the same rotation, and its link says so', async () => {
    const { page } = await visits.open(`${SEAHORSES}&rotation=30`)
    // a move, after which the link says where the map is to a fraction of a pixel
    await page.keyboard.press('ArrowRight')
    await settled(page)
    const { re, im } = await centre(page)
    const image = `image.png?re=${re}&im=${im}&zoom=14&width=900&height=600&aa=2&rotation=30`
    expect(await difference(image)).toBeLessThan(0.01)
    // upright, the picture is different
    expect(await difference(image.replace('rotation=30', 'rotation=0'))).toBeGreaterThan(0.5)
    expect(await page.evaluate(() => location.hash)).toContain('rotation=30')
  })

  test('is rotated about its centre by keys and by Shift and a drag, and reset by the compass', async () => {
    const { page } = await visits.open(SEAHORSES)
    const before = await centre(page)
    const rotation = () =>
      page.evaluate(() => {
        dispatchEvent(new Event('pagehide'))
        return Number(/rotation=([-\d.]+)/.exec(location.hash)?.[1] ?? 0)
      })
    expect(await page.locator('#compass').isVisible()).toBe(false)
    await page.keyboard.press(',')
    await page.keyboard.press(',')
    await settled(page)
    expect(await rotation()).toBe(30)
    // a quarter turn back, clockwise
    await page.mouse.move(450, 100)
    await page.keyboard.down('Shift')
    await page.mouse.down()
    await page.mouse.move(600, 200, { steps: 3 })
    await page.mouse.move(650, 300, { steps: 3 })
    await page.mouse.up()
    await page.keyboard.up('Shift')
    await settled(page)
    expect(await rotation()).toBe(-60)
    // within a pixel
    const after = await centre(page)
    for (const part of ['re', 'im'] as const)
      expect(Math.abs(Number(after[part]) - Number(before[part]))).toBeLessThan(3 / 256 / 2 ** 14)
    await page.click('#compass')
    await settled(page)
    expect(await rotation()).toBe(0)
    expect(await page.locator('#compass').isVisible()).toBe(false)
  })

  test('keeps the point under the pointer while it is dragged', async () => {
    const { page } = await visits.open('#5/-0.6/0.7&rotation=90&palette=grey')
    const before = await restingScreen(page)
    await page.mouse.move(450, 300)
    await page.mouse.down()
    await page.mouse.move(390, 240, { steps: 4 })
    await page.mouse.up()
    const after = await restingScreen(page)
    // the content is now 60 pixels further left and up
    let same = 0
    for (let y = 100; y < 500; y += 7) {
      for (let x = 100; x < 800; x += 7) {
        const [from, to] = [3 * (y * 900 + x), 3 * ((y - 60) * 900 + x - 60)]
        if (Math.abs(before.data[from]! - after.data[to]!) <= 2) same++
      }
    }
    expect(same / (58 * 100)).toBeGreaterThan(0.95)
  })
})

test('zooms to a box that is drawn with Ctrl', async () => {
  const { page } = await visits.open(SEAHORSES)
  await page.keyboard.down('Control')
  await page.mouse.move(450, 300)
  await page.mouse.down()
  await page.mouse.move(675, 450, { steps: 3 })
  expect((await decode(await page.locator('.zoom-box').screenshot())).width).toBeGreaterThan(200)
  await page.mouse.up()
  await page.keyboard.up('Control')
  await settled(page)
  // a quarter of each side is two zooms
  expect((await centre(page)).zoom).toBe(16)
})

test('is rotated by two fingers', async () => {
  const phone = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
  const { page } = await visits.open(SEAHORSES, { ...STILL, ...phone })
  const fingers = await page.context().newCDPSession(page)
  const points = (degrees: number) =>
    [0, 180].map((more, id) => {
      const angle = ((degrees + more) / 180) * Math.PI
      return { x: 180 + 100 * Math.cos(angle), y: 320 - 100 * Math.sin(angle), id }
    })
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points(0) })
  for (let degrees = 6; degrees <= 60; degrees += 6)
    await fingers.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: points(degrees) })
  await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await settled(page)
  // the first degrees are ignored, because two fingers that zoom also turn a little
  const turned = await page.evaluate(() => {
    dispatchEvent(new Event('pagehide'))
    return Number(/rotation=([-\d.]+)/.exec(location.hash)?.[1])
  })
  expect(turned).toBeGreaterThanOrEqual(30)
  expect(turned).toBeLessThanOrEqual(50)
})

test('the whole set with its antenna fits on a phone', async () => {
  const phone = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
  const { page } = await visits.open('', { ...STILL, ...phone })
  const number = async (id: string) => Number((await page.textContent(id))!.replace('\u2212', '-').replace('zoom ', ''))
  const half = (180 * 3) / 256 / 2 ** (await number('#zoom'))
  expect((await number('#re')) - half).toBeLessThan(-2)
  expect((await number('#re')) + half).toBeGreaterThan(0.48)
})
