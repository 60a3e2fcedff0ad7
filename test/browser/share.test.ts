// Sharing with other programs, on a device that has a list of them.
import { expect, test } from 'vitest'
import { STILL, settled, Visits } from './visit.ts'

const visits = new Visits(STILL)

test('Share hands over the link of the view, its title and its picture', async () => {
  const { page } = await visits.open()
  await page.addInitScript(() => {
    Object.assign(navigator, {
      canShare: () => true,
      share: async ({ url, title, files }: ShareData) => {
        const sizes = await Promise.all((files ?? []).map(async (file) => (await file.arrayBuffer()).byteLength))
        Object.assign(window, { shared: { url, title, types: files?.map(({ type }) => type), sizes } })
      },
    })
  })
  const shared = async (hash: string) => {
    // another fragment alone would not load the page
    await page.goto('about:blank')
    await page.goto(`${visits.url}/${hash}`)
    await settled(page)
    await page.click('#open-help')
    await page.click('#share')
    await page.waitForFunction(() => 'shared' in window)
    return page.evaluate(() => (window as unknown as { shared: Record<string, unknown> }).shared)
  }
  const view = await shared('#6/-0.75/0.1&palette=ember')
  // the map rests on whole pixels, so the place is a little off
  const { origin, pathname, search } = new URL(String(view.url))
  expect([origin, search]).toEqual([visits.url, '?palette=ember'])
  expect(pathname).toMatch(/^\/at\/6\/-0\.7[45]\d*\/0\.[01]\d*$/)
  expect(view.title).toBe('×64 · mandeltiles')
  const picture = await fetch(`${origin}${pathname}/preview.webp${search}`)
  expect([view.types, view.sizes]).toEqual([['image/webp'], [(await picture.arrayBuffer()).byteLength]])
  // a Julia set has no page of its own, and no picture
  const julia = await shared('#2/0/0&julia=-0.8,0.156')
  expect(julia.url).toMatch(new RegExp(`^${visits.url}/#2/.*julia=-0\\.8,0\\.156`))
  expect(julia.types).toBeUndefined()
})
