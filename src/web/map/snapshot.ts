import { sidesAround } from '../state/rotation.ts'
import type { OriginMap } from './origin.ts'

// the size of a card's picture in CSS pixels
const [WIDTH, HEIGHT] = [320, 200]

// enough to see whether the screen shows more than one colour
const [FEW_COLUMNS, FEW_ROWS] = [96, 60]

/** A thumbnail of the screen as a data URL. Empty when the browser refuses to make one. */
export function snapshot(map: OriginMap): string {
  try {
    return drawScreen(map, WIDTH, HEIGHT)?.canvas.toDataURL('image/webp', 0.8) ?? ''
  } catch {
    return ''
  }
}

/** The screen in a few pixels. */
export function smallPicture(map: OriginMap): ImageData | undefined {
  return drawScreen(map, FEW_COLUMNS, FEW_ROWS)?.getImageData(0, 0, FEW_COLUMNS, FEW_ROWS)
}

/** The middle of the screen, without a border, on a canvas of its own. */
function drawScreen(map: OriginMap, columns: number, rows: number): CanvasRenderingContext2D | undefined {
  const canvas = document.createElement('canvas')
  canvas.width = columns
  canvas.height = rows
  const context = canvas.getContext('2d')
  if (!context) return undefined
  const screen = map.leaflet.getContainer().getBoundingClientRect()
  const scale = Math.max(columns / screen.width, rows / screen.height)
  context.imageSmoothingQuality = 'high'
  context.setTransform(scale, 0, 0, scale, (columns - scale * screen.width) / 2, (rows - scale * screen.height) / 2)
  // the level of the screen over those that replace missing tiles
  const pictures = ['.mandel-level:not(.mandel-top)', '.mandel-level.mandel-top'].flatMap((level) => [
    ...map.leaflet.getContainer().querySelectorAll<HTMLImageElement | HTMLCanvasElement>(`${level} [data-tile] > *`),
  ])
  for (const tile of pictures) {
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
  return context
}
