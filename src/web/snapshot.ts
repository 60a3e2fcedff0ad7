import type { OriginMap } from './origin.ts'

// as large as a card's picture on a screen of one pixel to the pixel
const [WIDTH, HEIGHT] = [320, 200]

/** A small picture of what is on the screen, as a data address; empty where the browser gives none. */
export function snapshot(map: OriginMap): string {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const context = canvas.getContext('2d')
  if (!context) return ''
  const screen = map.getContainer().getBoundingClientRect()
  const scale = Math.max(WIDTH / screen.width, HEIGHT / screen.height)
  context.imageSmoothingQuality = 'high'
  // the middle of the screen in the middle, and no border
  context.setTransform(scale, 0, 0, scale, (WIDTH - scale * screen.width) / 2, (HEIGHT - scale * screen.height) / 2)
  for (const tile of map.getContainer().querySelectorAll<HTMLImageElement | HTMLCanvasElement>('[data-tile]')) {
    const { left, top, width, height } = tile.getBoundingClientRect()
    const ready = tile instanceof HTMLCanvasElement || (tile.complete && tile.naturalWidth > 0)
    if (ready) context.drawImage(tile, left - screen.left, top - screen.top, width, height)
  }
  try {
    return canvas.toDataURL('image/webp', 0.8)
  } catch {
    return ''
  }
}
