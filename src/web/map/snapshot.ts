import { sidesAround } from '../state/rotation.ts'
import type { OriginMap } from './origin.ts'

// the size of a card's picture in CSS pixels
const [WIDTH, HEIGHT] = [320, 200]

/** A thumbnail of the screen as a data URL. Empty when the browser refuses to make one. */
export function snapshot(map: OriginMap): string {
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = HEIGHT
  const context = canvas.getContext('2d')
  if (!context) return ''
  const screen = map.getContainer().getBoundingClientRect()
  const scale = Math.max(WIDTH / screen.width, HEIGHT / screen.height)
  context.imageSmoothingQuality = 'high'
  // the middle of the screen, without a border
  context.setTransform(scale, 0, 0, scale, (WIDTH - scale * screen.width) / 2, (HEIGHT - scale * screen.height) / 2)
  for (const tile of map.getContainer().querySelectorAll<HTMLImageElement | HTMLCanvasElement>('[data-tile]')) {
    const ready = tile instanceof HTMLCanvasElement || (tile.complete && tile.naturalWidth > 0)
    if (!ready || !tile.checkVisibility()) continue
    const { left, top, width, height } = tile.getBoundingClientRect()
    // the rectangle round a rotated square has the same middle
    context.save()
    context.translate(left + width / 2 - screen.left, top + height / 2 - screen.top)
    context.rotate((-map.rotation / 180) * Math.PI)
    const part = 1 / sidesAround({ x: 1, y: 1 }, map.rotation).x
    context.drawImage(tile, (-part * width) / 2, (-part * height) / 2, part * width, part * height)
    context.restore()
  }
  try {
    return canvas.toDataURL('image/webp', 0.8)
  } catch {
    return ''
  }
}
