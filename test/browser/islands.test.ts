// Finding islands: N, Shift and N, M, and the labels.
import { expect, test } from 'vitest'
import { centre, STILL, Visits } from './visit.ts'

const visits = new Visits(STILL)

/** Presses a key that moves the map, and returns what the page says about the place. */
async function found(key: string): Promise<string> {
  const { page } = visits.here
  const before = page.url()
  await page.keyboard.press(key)
  await page.waitForFunction(
    (before) => location.href !== before && !document.querySelector('#map')!.hasAttribute('data-searching'),
    before,
  )
  return (await page.locator('#found').textContent())!
}

test('N moves from island to island, framed and of the stated period, and Back returns to each', async () => {
  const { page } = await visits.open('#1/-0.75/0')
  const passed = [await centre(page)]
  for (let press = 1; press <= 2; press++) {
    const words = await found('n')
    expect(words).toMatch(/^Island of period \d+\.$/)
    const here = await centre(page)
    const query = new URLSearchParams({ re: here.re, im: here.im, zoom: String(here.zoom - 1) })
    const island = (await (await fetch(`${visits.url}/nucleus.json?${query}`)).json()) as Record<string, number>
    expect(island.period).toBe(Number(words.replace(/\D/g, '')))
    // 600 pixels hold 2.5 times its size, which is 256/3 pixels at its own zoom
    expect(here.zoom - island.zoom!).toBeCloseTo(Math.log2((600 / 2.5 / 256) * 3), 1)
    expect(here.zoom).toBeGreaterThan(passed.at(-1)!.zoom + 15)
    passed.push(here)
  }
  for (const place of passed.slice(0, -1).reverse()) {
    await page.goBack({ waitUntil: 'commit' })
    await page.waitForFunction((zoom) => document.querySelector('#zoom')?.textContent === `zoom ${zoom}`, place.zoom)
    expect(await centre(page)).toEqual(place)
  }
})

test('N finds the island under the cursor, Shift+N the one on its antenna', async () => {
  const { page } = await visits.open('#4/-1.75/0')
  // the island of period 3 lies 7 pixels to the left of the middle, at -1.7549
  await page.mouse.move(450 - 7, 300)
  expect(await found('n')).toBe('Island of period 3.')
  expect(await found('Shift+N')).toBe('Island of period 9.')
})

test('M moves to the Misiurewicz point near the cursor, which is not a nucleus', async () => {
  const { page } = await visits.open('#4/-1.95/0')
  // the tip of the antenna, -2, lies 68 pixels to the left of the middle
  await page.mouse.move(450 - 68, 300)
  expect(await found('m')).toBe('Misiurewicz point of preperiod 2 and period 1.')
  expect((await centre(page)).re).toMatch(/^-2(\.0+\d?)?$|^-1\.9999/)
})
