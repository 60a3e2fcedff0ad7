import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { decode, type Pixels, STILL, screen, Visits } from './visit.ts'

const SEAHORSES = '#14/-0.743643887/0.131825904'

const visits = new Visits(STILL)

/** Opens the dialog and renders a picture of this size. */
async function order(page: Page, width: number, height: number, samples: string): Promise<void> {
  await page.keyboard.press('s')
  await page.fill('#width', String(width))
  await page.fill('#height', String(height))
  await page.selectOption('#samples', samples)
  await page.click('#render')
}

describe('a picture of the view', () => {
  test('has the chosen size, the view and its colours, and its metadata holds the place', async () => {
    const { page } = await visits.open(`${SEAHORSES}&palette=dusk&density=0.5`, { acceptDownloads: true })
    const download = page.waitForEvent('download')
    await order(page, 1800, 1200, '2')
    const path = await (await download).path()
    const saved = await decode(readFileSync(path))
    expect([saved.width, saved.height]).toEqual([1800, 1200])
    // at low resolution it equals the picture on the screen
    await page.waitForSelector('#export:not([open])', { state: 'attached' })
    const [a, b] = await Promise.all([afar(saved), afar(await screen(page))])
    const mean = a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length
    // it averages light, the screenshot averages sRGB values
    expect(mean).toBeLessThan(4)
    const text = readFileSync(path).toString('latin1')
    for (const part of ['re\x00-0.74364', 'im\x000.1318', 'palette\x00dusk'])
      expect(text.includes(part), part).toBe(true)
  })

  test('shows its progress, and can be stopped', async () => {
    // about the most expensive picture that the server accepts
    const { page } = await visits.open(`${SEAHORSES}&iter=1400`)
    await order(page, 4096, 4096, '2')
    await page.waitForFunction(() => /^\d+ %$/.test(document.querySelector('#export-words')?.textContent ?? ''))
    expect(await rendering()).toBe(1)
    await page.click('#cancel')
    await page.waitForSelector('#exporting', { state: 'hidden' })
    // and the server has stopped rendering too
    await expect.poll(rendering, { timeout: 10_000 }).toBe(0)
    expect(await page.locator('#export').isVisible()).toBe(true)
  })

  test('shows the server’s error if it is too expensive, and the page’s own if the size is invalid', async () => {
    const { page, complaints } = await visits.open(`${SEAHORSES}&iter=1000000`)
    await order(page, 9000, 600, '1')
    expect(await page.locator('#export-error').textContent()).toBe('The width should be a whole number from 1 to 4096.')
    await page.fill('#width', '4096')
    await page.click('#render')
    await page.waitForFunction(() =>
      /^The cost.* must be at most/.test(document.querySelector('#export-error')?.textContent ?? ''),
    )
    // the browser itself writes a refusal to the console
    expect(complaints.filter((text) => !text.includes('status of 400'))).toEqual([])
    complaints.length = 0
  })
})

async function rendering(): Promise<number> {
  const health = (await (await fetch(`${visits.url}/healthz`)).json()) as { images: { rendering: number } }
  return health.images.rendering
}

function afar({ data, width, height }: Pixels): Promise<Buffer> {
  const picture = sharp(data, { raw: { width, height, channels: 3 } })
  return picture.resize(18, 12, { kernel: 'linear', fit: 'fill' }).raw().toBuffer()
}
