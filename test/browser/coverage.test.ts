// The screen is never blank: at least 98 % of it show a loaded picture in every frame of every
// gesture.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { recordCoverage, recordedCoverage } from './coverage.ts'
import { pinch, settled, Visits } from './visit.ts'

const SEAHORSES = '-0.743643887037151/0.131825904205330'

const visits = new Visits()

/**
 * The smallest part of the screen that was covered during an action, and the number of frames.
 */
async function leastCovered(page: Page, act: () => Promise<void>): Promise<{ least: number; frames: number }> {
  // starting when the first picture is complete
  await settled(page)
  await recordCoverage(page)
  await act()
  await settled(page)
  const frames = await recordedCoverage(page)
  return { least: Math.min(...frames), frames: frames.length }
}

async function press(page: Page, key: string, times: number, pause: number): Promise<void> {
  for (let k = 0; k < times; k++) {
    await page.keyboard.press(key)
    await page.waitForTimeout(pause)
  }
}

describe('tiles cover the whole screen', { timeout: 150_000 }, () => {
  test.each([9, 25])('while it is zoomed out five times from %i', async (zoom) => {
    const { page } = await visits.open(`#${zoom}/${SEAHORSES}`)
    await page.waitForTimeout(1500)
    const { least, frames } = await leastCovered(page, () => press(page, '-', 5, 200))
    expect(await page.locator('#zoom').textContent()).toBe(`zoom ${zoom - 5}`)
    expect(frames).toBeGreaterThan(20)
    expect(least).toBeGreaterThanOrEqual(0.98)
  })

  test('while it is zoomed in six times', async () => {
    const { page } = await visits.open(`#9/${SEAHORSES}`)
    const { least } = await leastCovered(page, () => press(page, '+', 6, 200))
    // no key press is lost
    expect(await page.locator('#zoom').textContent()).toBe('zoom 15')
    expect(least).toBeGreaterThanOrEqual(0.98)
  })

  test('while it is pinched, both ways', async () => {
    const phone = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
    const { page } = await visits.open(`#12/${SEAHORSES}`, phone)
    await page.waitForTimeout(1500)
    const fingers = await page.context().newCDPSession(page)
    const { least } = await leastCovered(page, async () => {
      await pinch(fingers, { x: 180, y: 320 }, 30, 200)
      await pinch(fingers, { x: 180, y: 320 }, 250, 25)
      await pinch(fingers, { x: 180, y: 320 }, 250, 25)
    })
    expect(least).toBeGreaterThanOrEqual(0.98)
  })

  test('while it is flicked in all directions', async () => {
    const { page } = await visits.open(`#12/${SEAHORSES}`)
    await page.waitForTimeout(1500)
    const { least } = await leastCovered(page, async () => {
      for (const [x, y] of [
        [1, 0],
        [0, 1],
        [-1, 0],
        [0, -1],
      ] as const) {
        await page.mouse.move(450, 300)
        await page.mouse.down()
        await page.mouse.move(450 + 250 * x, 300 + 250 * y, { steps: 4 })
        await page.mouse.up()
        await page.waitForTimeout(400)
      }
    })
    expect(least).toBeGreaterThanOrEqual(0.98)
  })

  test('while it jumps to a place at zoom 638', async () => {
    const { page } = await visits.open(`#9/${SEAHORSES}`)
    const { least } = await leastCovered(page, async () => {
      await page.evaluate(() => {
        location.hash = '#638/-1.25066/0.02012'
      })
      await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 638')
    })
    expect(least).toBeGreaterThanOrEqual(0.98)
  })
})
