import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Decimal, parseDecimal } from '../../src/plane/decimal.ts'
import { coordinates, placeAt } from '../../src/web/state/place.ts'
import { STILL, Visits } from './visit.ts'

interface Listed {
  re: string
  im: string
  zoom: number
}

const SAID = /^orbit ([\d.]+[KM]?) of at most ([\d.]+[KM]?)$/
// powers of four, as `auto` chooses them
const LIMITS = [66_000, 262_000, 1_000_000, 4_200_000, 17_000_000]

// as the page shortens it: 66K, 4.2M
function number(words: string): number {
  return Number.parseFloat(words) * (words.endsWith('M') ? 1e6 : words.endsWith('K') ? 1e3 : 1)
}

const visits = new Visits(STILL)

describe('a screen whose tiles wait for a reference orbit', () => {
  test('shows the progress of the orbit', async () => {
    // the deepest of the gallery: its orbit takes seconds, however few pixels are requested
    const places: Listed[] = JSON.parse(readFileSync('src/web/gallery/places.json', 'utf8'))
    const { re, im, zoom } = places.reduce((a, b) => (a.zoom > b.zoom ? a : b))
    const point = (text: string): Decimal => parseDecimal(text)!
    const at = coordinates(placeAt(point(re), point(im), zoom))
    const { page } = await visits.open()
    await page.evaluate((hash) => {
      location.hash = hash
      const pending = document.querySelector('#pending')!
      const seen: string[] = []
      Object.assign(globalThis, { seen })
      new MutationObserver(() => seen.push(pending.textContent ?? '')).observe(pending, { childList: true })
    }, `#${zoom}/${at.re}/${at.im}`)
    await page.waitForFunction(() =>
      (globalThis as unknown as { seen: string[] }).seen.some((words) => words.startsWith('orbit ')),
    )
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen)
    const told = seen
      .filter((words) => words.startsWith('orbit '))
      .map((words) => SAID.exec(words)?.slice(1).map(number))
    for (const [reached, most] of told as [number, number][]) {
      expect(reached).toBeLessThanOrEqual(most)
      expect(LIMITS).toContain(most)
    }
  })
})
