// External rays over the map, and how small a view is.
import { expect, test } from 'vitest'
import { STILL, Visits } from './visit.ts'

const visits = new Visits(STILL)
// CSS pixels a unit of the plane at zoom 2
const UNIT = (4 * 256) / 3
// the branch point of the largest antenna of the bulb 1/3
const BRANCH = { re: -0.101096363845622, im: 0.956286510809142 }

test('R draws the rays that land under the cursor, with their angles, and removes them', async () => {
  const { page } = await visits.open('#2/-0.4/0.6')
  await page.mouse.move(450 + (BRANCH.re + 0.4) * UNIT, 300 - (BRANCH.im - 0.6) * UNIT)
  await page.keyboard.press('r')
  await page.waitForSelector('.rays path', { state: 'attached' })
  expect(await page.locator('.rays text').allTextContents()).toEqual(['9/56', '11/56', '15/56'])
  expect(await page.textContent('#found')).toBe(
    'External rays of 9/56, 11/56, 15/56 turns land at the Misiurewicz point of preperiod 4 and period 1.',
  )
  const middle = page.locator('.rays circle')
  const [x, y] = await Promise.all(['cx', 'cy'].map(async (name) => Number(await middle.getAttribute(name))))
  // the map's middle is a whole pixel
  expect(Math.abs(x! - 450 - (BRANCH.re + 0.4) * UNIT)).toBeLessThan(1)
  expect(Math.abs(y! - 300 + (BRANCH.im - 0.6) * UNIT)).toBeLessThan(1)
  await page.keyboard.press('r')
  await expect.poll(() => page.locator('.rays > *').count()).toBe(0)
})

test('pressing the magnification says how small the view is', async () => {
  const { page } = await visits.open('#30/-0.101096363845622/0.956286510809142')
  expect(await page.isVisible('#smallness')).toBe(false)
  await page.click('#magnification')
  expect(await page.textContent('#smallness')).toMatch(
    /^If the set were as large as .+, this view would be as large as .+\.$/,
  )
  await page.click('#magnification')
  expect(await page.isVisible('#smallness')).toBe(false)
})
