import { describe, expect, test } from 'vitest'
import { juliaCount } from '../../src/web/map/escape.ts'
import { centre, placedTiles, STILL, screen, settled, Visits } from './visit.ts'

const SEAHORSES = '#14/-0.743643887/0.131825904'

const visits = new Visits(STILL)

describe('the probe under the cursor', () => {
  test('shows the server’s count for that pixel', async () => {
    const { page } = await visits.open(SEAHORSES)
    await page.keyboard.press('j')
    for (const [x, y] of [
      [123, 456],
      [400, 301],
    ] as const) {
      await page.mouse.move(x, y)
      const tile = (await placedTiles(page)).find(
        ({ left, top }) => x >= left && x < left + 256 && y >= top && y < top + 256,
      )!
      const answer = await fetch(`${visits.url}/tile/${tile.z}/${tile.x}/${tile.y}.json`)
      const { values } = (await answer.json()) as { values: number[][] }
      const nu = values[y - tile.top]![x - tile.left]!
      const words = nu === -1 ? 'in the set, proven' : `${nu.toFixed(2)} iterations`
      await page.waitForFunction(
        (words) => document.querySelector('#value')?.textContent?.replace(',', '') === words,
        words,
      )
    }
  })

  test('shows a small Julia set, drawn by the page with the server’s numbers', async () => {
    // the map's middle is c = 0, whose Julia set is the unit circle: all inside belongs to it
    const { page } = await visits.open('#6/0/0')
    await page.focus('#open-probe')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.querySelector('#value')?.textContent === 'in the set, proven')
    const filled = await page.locator('#julia').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      const pixel = (i: number, j: number) =>
        [...data.slice(4 * (j * canvas.width + i), 4 * (j * canvas.width + i) + 3)].join()
      const middle = pixel(104, 104)
      const radius = (i: number, j: number) => Math.hypot(i + 0.5 - 104, j + 0.5 - 104) * (3.4 / 208)
      let wrong = 0
      for (let j = 0; j < 208; j++) {
        for (let i = 0; i < 208; i++) if ((pixel(i, j) === middle) !== radius(i, j) < 1) wrong++
      }
      return wrong
    })
    expect(filled).toBe(0)

    for (const [re, im] of [
      [-0.8, 0.156],
      [0.285, 0.01],
    ] as const) {
      const answer = await fetch(`${visits.url}/julia/${re},${im}/tile/2/1/1.json?max_iter=200`)
      const { values } = (await answer.json()) as { values: number[][] }
      for (let j = 0; j < 256; j += 17) {
        for (let i = 0; i < 256; i += 17) {
          const nu = juliaCount(-1 + (i + 0.5) / 256, 1 - (j + 0.5) / 256, re, im, 200)
          if (nu < 0) expect(values[j]![i]).toBeLessThan(0)
          else expect(values[j]![i]).toBeCloseTo(nu, 4)
        }
      }
    }
  })

  test('stays when it is pinned, and opens the point’s Julia set as its own map', async () => {
    const { page } = await visits.open(SEAHORSES)
    const before = { centre: await centre(page), picture: await screen(page) }
    await page.click('#open-probe')
    await page.mouse.click(300, 200)
    // 150 pixels to the left of the centre and 100 above it: until then it is the centre itself
    await page.waitForFunction(() => document.querySelector('#point')?.textContent?.startsWith('−0.74375'))
    const point = await page.locator('#point').textContent()
    await page.mouse.move(500, 250, { steps: 3 })
    await page.waitForTimeout(100)
    expect(await page.locator('#point').textContent()).toBe(point)
    await page.click('#enter-julia')
    await page.waitForURL(/&julia=-0\.743/)
    await settled(page)
    const c = /julia=([^&]+)/.exec(page.url())![1]!
    // to double precision: 52 bits are 16 digits
    expect(c.split(',')[0]!.length).toBeGreaterThan(8)
    expect(await visits.wrongPixels('', `julia/${c}/tile`)).toMatchObject({ wrong: 0 })
    expect(await page.title()).toContain('Julia set')

    await page.keyboard.press('+')
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 2')
    await settled(page)
    await page.waitForURL(/#2\//)
    const zoomed = await screen(page)
    await page.reload()
    await settled(page)
    expect((await screen(page)).data.equals(zoomed.data)).toBe(true)

    await page.goBack()
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 14')
    await settled(page)
    expect(await centre(page)).toEqual(before.centre)
    expect((await screen(page)).data.equals(before.picture.data)).toBe(true)
  })

  test('returns from a Julia set to its parameter', async () => {
    const { page } = await visits.open('#1/0/0&julia=-0.8,0.156')
    expect(await page.locator('#leave-julia').textContent()).toContain('−0.8 +0.156 i')
    // a whole picture would be one of the Mandelbrot set
    await page.click('#open-export')
    expect(await page.locator('#words').textContent()).toContain('only of the Mandelbrot set')
    expect(await page.locator('#export').isVisible()).toBe(false)
    // beyond its square the page continues the colours
    await page.click('#leave-julia')
    await page.waitForFunction(() => document.querySelector('#zoom')?.textContent === 'zoom 8')
    await settled(page)
    const { re, im } = await centre(page)
    expect(Math.hypot(Number(re) + 0.8, Number(im) - 0.156)).toBeLessThan(3 / 256 / 2 ** 8)
    expect((await visits.wrongPixels()).wrong).toBe(0)
  })
})
