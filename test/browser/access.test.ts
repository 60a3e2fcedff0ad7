// Accessibility: axe-core finds no violation in any state of the page, every function works by
// keyboard alone, and a screen reader announces what a sighted visitor sees.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { decode, launch, STILL, settled, Visits } from './visit.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SEAHORSES = '#14/-0.743643887/0.131825904'

const visits = new Visits(STILL)

/**
 * What axe-core finds on the current page: the rules, each with the elements that break it.
 */
async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  })
}

async function announced(page: Page, words: RegExp): Promise<void> {
  await expect.poll(() => page.textContent('#status'), { timeout: 10_000 }).toMatch(words)
}

describe('axe-core finds no violation', () => {
  test('in any state of the page', async () => {
    const { page } = await visits.open(SEAHORSES)
    await page.evaluate(AXE)
    const states: Record<string, () => Promise<unknown>> = {
      map: async () => {},
      help: () => page.keyboard.press('?'),
      places: async () => {
        await page.keyboard.press('Escape')
        await page.keyboard.press('b')
        await page.keyboard.press('g')
        await page.waitForSelector('#gallery .card')
      },
      'an error of a form': async () => {
        await page.fill('#goto-zoom', 'deep')
        await page.press('#goto-zoom', 'Enter')
        await page.waitForSelector('#goto-error:not([hidden])')
      },
      export: async () => {
        await page.keyboard.press('Escape')
        await page.keyboard.press('s')
      },
      'colours and a probe': async () => {
        await page.keyboard.press('Escape')
        await page.evaluate((hash) => {
          location.hash = `${hash}&gradient=102030,ffffff&style=slopes`
        }, SEAHORSES)
        await page.click('#open-colours')
        await page.keyboard.press('j')
      },
      'an orbit and a tour that is paused': async () => {
        await page.keyboard.press('Escape')
        await page.keyboard.press('o')
        await page.keyboard.press('t')
        await page.waitForSelector('#tour:not([hidden])')
        await page.keyboard.press('t')
      },
      'a Julia set and a notice': async () => {
        await page.keyboard.press('Escape')
        await page.evaluate(() => {
          location.hash = '#2/0/0&julia=-0.8,0.156&palette=none'
        })
        await page.waitForSelector('#act')
      },
      'nothing but the picture': () => page.keyboard.press('h'),
    }
    const found: Record<string, string[]> = {}
    for (const [name, enter] of Object.entries(states)) {
      await enter()
      found[name] = await violations(page)
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(states).map((name) => [name, []])))
  })

  test('on a phone', async () => {
    const phone = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true }
    const { page } = await visits.open(SEAHORSES, phone)
    await page.evaluate(AXE)
    await page.tap('#open-colours')
    expect(await violations(page)).toEqual([])
  })

  test('in a frame of another page', async () => {
    const { page } = await visits.open(`?embed${SEAHORSES}`, { viewport: { width: 360, height: 300 } })
    await page.evaluate(AXE)
    expect(await violations(page)).toEqual([])
    // the keys of the map, and the link to the full map
    await page.keyboard.press('+')
    await page.focus('#whole-map')
    await expect.poll(() => page.getAttribute('#whole-map', 'href')).toMatch(/^\.\/#/)
  })
})

describe('by keys alone', () => {
  test('the focused button or Escape stops a render, then closes the dialog', async () => {
    const { page } = await visits.open(SEAHORSES)
    // the server never answers
    await page.route(/\/image\./, () => {})
    const focused = () => page.evaluate(() => document.activeElement?.id)
    await page.keyboard.press('s')
    for (const stop of ['Enter', 'Escape']) {
      await page.focus('#render')
      await page.keyboard.press('Enter')
      await expect.poll(focused).toBe('cancel')
      await page.keyboard.press(stop)
      await expect.poll(focused).toBe('render')
    }
    await page.keyboard.press('Escape')
    expect(await page.locator('#export').isVisible()).toBe(false)
  })

  test('single-key shortcuts can be switched off permanently', async () => {
    const { page } = await visits.open(SEAHORSES)
    await page.keyboard.press('?')
    await page.focus('#character-keys')
    await page.keyboard.press('Space')
    await page.keyboard.press('Escape')
    await page.reload()
    await settled(page)
    for (const key of ['h', '?', '+']) await page.keyboard.press(key)
    expect(await page.locator('#help').isVisible()).toBe(false)
    expect(await page.locator('#tools').isVisible()).toBe(true)
    expect(await page.textContent('#zoom')).toBe('zoom 14')
    // the other keys still work
    await page.keyboard.press('Home')
    await expect.poll(() => page.textContent('#zoom')).not.toBe('zoom 14')
  })
})

test('a screen reader announces zooms, moves and the value of a point', async () => {
  const { page } = await visits.open(SEAHORSES)
  await page.keyboard.press('+')
  await announced(page, /^Zoom 15\.$/)
  await page.keyboard.press('ArrowRight')
  await announced(page, /^Moved right\.$/)
  await page.evaluate(() => {
    location.hash = '#3/0.25/0'
  })
  await announced(page, /^Zoom 3, at \+0\.25/)
  await page.keyboard.press('j')
  await page.waitForSelector('#value[aria-live=polite]:has-text("in the set")')
})

test('forced colours show which palette and style are chosen, and the palettes themselves', async () => {
  const { page } = await visits.open(SEAHORSES, { ...STILL, forcedColors: 'active' })
  await page.click('#open-colours')
  for (const choice of ['.swatch', '.chip']) {
    const outline = (which: string) =>
      page
        .locator(`${choice}${which}`)
        .first()
        .evaluate((element) => getComputedStyle(element).outlineStyle)
    expect(await outline(':has(:checked)')).toBe('solid')
    expect(await outline(':not(:has(:checked))')).toBe('none')
  }
  const { data } = await decode(await page.locator('.swatch').first().screenshot())
  expect(new Set(data).size).toBeGreaterThan(64)
})

test('without JavaScript the page shows a picture of the set and a message', async () => {
  const context = await visits.browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(visits.url)
  const picture = page.getByRole('img', { name: 'The Mandelbrot set' })
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBe(900)
  await expect.poll(() => page.locator('noscript').innerText()).toContain('needs JavaScript')
  await context.close()
})

test('numbers stay left-to-right on a right-to-left page', async () => {
  const { page } = await visits.open(SEAHORSES)
  const places = await page.evaluate(() => {
    document.documentElement.dir = 'rtl'
    return ['re', 'im', 'zoom'].map((id) => {
      const text = document.getElementById(id)!.firstChild!
      const leftOf = (at: number) => {
        const range = document.createRange()
        range.setStart(text, at)
        range.setEnd(text, at + 1)
        return range.getBoundingClientRect().left
      }
      return leftOf(0) < leftOf(text.textContent!.length - 1)
    })
  })
  expect(places).toEqual([true, true, true])
})

describe('on screens of other pixel ratios', () => {
  test('a window that moves to a screen of ratio 2 is redrawn completely', async () => {
    const { page } = await visits.open(SEAHORSES)
    const screen = await page.context().newCDPSession(page)
    const metrics = { width: 900, height: 600, deviceScaleFactor: 2, mobile: false }
    await screen.send('Emulation.setDeviceMetricsOverride', metrics)
    // the emulation notifies media queries only when another of them changes
    await page.emulateMedia({ colorScheme: 'dark' })
    const widths = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLImageElement>('.mandel-level.mandel-top img')]
          .filter((image) => {
            const { left, top, right, bottom } = image.getBoundingClientRect()
            return right > 0 && bottom > 0 && left < innerWidth && top < innerHeight
          })
          .map(({ naturalWidth }) => naturalWidth),
      )
    await expect.poll(async () => [...new Set(await widths())], { timeout: 20_000 }).toEqual([512])
  })

  // Emulated ratios scale a layout for ratio 1. The browser's own zoom does not, and neither does
  // this switch.
  test.each([
    [0.5, 3.4],
    [0.75, 3],
    [1.1, 3.4],
    [2, 3.4],
  ])('there are no hairlines between tiles at a browser zoom of %d and zoom %d', async (ratio, zoom) => {
    const browser = await launch([`--force-device-scale-factor=${ratio}`, '--window-size=900,700'])
    try {
      const page = await browser.newPage({ viewport: null, ...STILL })
      await page.goto(`${visits.url}/#${zoom}/-0.7436/0.1318&gradient=ff0000,ff0000;set=ff0000`)
      await settled(page)
      expect(await page.evaluate(() => devicePixelRatio)).toBeCloseTo(ratio, 6)
      await page.keyboard.press('h')
      // only red tiles on green
      await page.evaluate(() => {
        document.getElementById('map')!.style.background = '#00ff00'
      })
      const green = async () => {
        const { data } = await decode(await page.screenshot())
        return data.reduce((most, value, at) => (at % 3 === 1 ? Math.max(most, value) : most), 0)
      }
      await expect.poll(green, { timeout: 10_000 }).toBe(0)
    } finally {
      await browser.close()
    }
  })
})
