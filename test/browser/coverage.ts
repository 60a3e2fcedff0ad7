// Measures in the page, frame by frame, which part of the screen shows a loaded picture.
import type { Page } from 'playwright-core'

interface Recorder {
  frames: { time: number; covered: number }[]
  stop: boolean
}

/** Starts measuring every animation frame of the page. */
export async function recordCoverage(page: Page): Promise<void> {
  await page.evaluate(() => {
    const [columns, rows] = [60, 40]
    const recorder: Recorder = { frames: [], stop: false }
    Object.assign(globalThis, { recorder })
    const measure = (time: number) => {
      const grid = new Uint8Array(columns * rows)
      for (const picture of document.querySelectorAll('#map :is(img, canvas)')) {
        if (picture instanceof HTMLImageElement && !(picture.complete && picture.naturalWidth > 0)) continue
        // nothing hidden, and nothing translucent
        if (!picture.checkVisibility({ opacityProperty: true })) continue
        const { left, top, right, bottom } = picture.getBoundingClientRect()
        // cells whose middle the picture covers
        const from = (edge: number, side: number, count: number) => Math.max(0, Math.ceil((edge / side) * count - 0.5))
        const to = (edge: number, side: number, count: number) =>
          Math.min(count, Math.ceil((edge / side) * count - 0.5))
        for (let row = from(top, innerHeight, rows); row < to(bottom, innerHeight, rows); row++)
          grid.fill(
            1,
            row * columns + from(left, innerWidth, columns),
            row * columns + Math.max(from(left, innerWidth, columns), to(right, innerWidth, columns)),
          )
      }
      recorder.frames.push({ time, covered: grid.reduce((sum, cell) => sum + cell, 0) / grid.length })
      if (!recorder.stop) requestAnimationFrame(measure)
    }
    requestAnimationFrame(measure)
  })
}

/** Stops, and returns the covered part of the screen, 0 to 1, in every frame. */
export async function recordedCoverage(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const { recorder } = globalThis as unknown as { recorder: Recorder }
    recorder.stop = true
    return recorder.frames.map(({ covered }) => covered)
  })
}
