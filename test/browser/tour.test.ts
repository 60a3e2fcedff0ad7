// A tour moves from place to place, pauses, and is usable by keyboard alone.
import { expect, test } from 'vitest'
import { STILL, Visits } from './visit.ts'

const visits = new Visits(STILL)

test('T starts, pauses and resumes a tour of the gallery; its buttons skip ahead and end it', async () => {
  const { page } = await visits.open('#1/-0.75/0')
  const title = () => page.textContent('#tour-title')
  await page.keyboard.press('t')
  await expect.poll(title).toMatch(/\(1\/\d+\)$/)
  const first = page.url()
  await page.keyboard.press('t')
  await expect.poll(() => page.textContent('#tour-pause')).toBe('Continue')
  await page.focus('#tour-next')
  await page.keyboard.press('Enter')
  await expect.poll(title).toMatch(/\(2\/\d+\)$/)
  expect(page.url()).not.toBe(first)
  // at the highest speed a place that has loaded stays for two seconds
  await page.focus('#tour-speed')
  await page.keyboard.press('End')
  await page.keyboard.press('t')
  await expect.poll(title, { timeout: 40_000 }).toMatch(/\(3\/\d+\)$/)
  // a press on the map pauses at the place
  await page.mouse.click(450, 200)
  await expect.poll(() => page.textContent('#tour-pause')).toBe('Continue')
  await page.focus('#tour-end')
  await page.keyboard.press('Enter')
  expect(await page.locator('#tour').isVisible()).toBe(false)
})
