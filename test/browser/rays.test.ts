// External rays over the map, how small a view is, and the overview.
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

test('W shows the way down as pictures, of the whole set first, which lead there', async () => {
  const { page } = await visits.open('#8/-0.7453/0.1127')
  expect(await page.isVisible('#overview')).toBe(false)
  await page.keyboard.press('w')
  const pictures = page.locator('#overview button')
  await expect.poll(() => pictures.count()).toBeGreaterThan(1)
  const names = await pictures.evaluateAll((all) => all.map((button) => button.ariaLabel))
  expect(names[0]).toBe('The whole set: go there')
  for (const name of names.slice(1)) expect(name).toMatch(/^(Island|Disc) of period \d+: go there$/)
  await expect
    .poll(() =>
      page
        .locator('#overview img')
        .evaluateAll((all) => all.every((one) => (one as HTMLImageElement).naturalWidth === 72)),
    )
    .toBe(true)
  // the view lies at -0.7453 + 0.1127 i: right of the middle, which is -0.76, and above it
  const [left, top] = await page
    .locator('#overview .here')
    .first()
    .evaluate((ring) => {
      const [here, frame] = [ring.getBoundingClientRect(), ring.parentElement!.getBoundingClientRect()]
      return [here.left + here.right - frame.left - frame.right, here.top + here.bottom - frame.top - frame.bottom]
    })
  expect(left).toBeGreaterThan(0)
  expect(top).toBeLessThan(0)
  await pictures.first().click()
  await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 1')
  await expect.poll(() => page.isVisible('#overview')).toBe(false)
})
