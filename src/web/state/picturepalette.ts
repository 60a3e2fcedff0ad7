// A gradient from the colours of a picture: they are cut into boxes of equally many pixels along
// their longest side, again and again (median cut, Heckbert 1982). The means of the boxes, from
// dark to light and back, are the cycle.
import { formatGradient } from '../../colour/gradient.ts'
import { hex, type Rgb } from '../../formats/palette/cycle.ts'

// 2^CUTS colours
const CUTS = 3

// a picture is first scaled to this many pixels a side
const SIDE = 64

/** The text of a gradient of a picture's colours. @throws DOMException if it is not a picture */
export async function gradientFromPicture(file: Blob): Promise<string> {
  const bitmap = await createImageBitmap(file, { resizeWidth: SIDE, resizeHeight: SIDE })
  const canvas = new OffscreenCanvas(SIDE, SIDE)
  const context = canvas.getContext('2d')!
  context.drawImage(bitmap, 0, 0)
  const { data } = context.getImageData(0, 0, SIDE, SIDE)
  const pixels = Array.from({ length: SIDE * SIDE }, (_, k): Rgb => [data[4 * k]!, data[4 * k + 1]!, data[4 * k + 2]!])
  return gradientOfColours(pixels)
}

/** The text of a gradient of the colours of pixels. */
function gradientOfColours(pixels: Rgb[]): string {
  let boxes = [pixels]
  for (let cut = 0; cut < CUTS; cut++) boxes = boxes.flatMap(halves)
  const colours = boxes.map(mean).sort((a, b) => luminance(a) - luminance(b))
  // every second one on the way up, the others on the way down
  const cycle = [...colours.filter((_, k) => k % 2 === 0), ...colours.filter((_, k) => k % 2 === 1).reverse()]
  return formatGradient({ stops: cycle.map((colour, k) => [k / cycle.length, hex(colour)]), set: '#000000' })
}

function halves(box: Rgb[]): Rgb[][] {
  const range = (channel: 0 | 1 | 2) => {
    const values = box.map((colour) => colour[channel])
    return Math.max(...values) - Math.min(...values)
  }
  const longest = ([0, 1, 2] as const).reduce((a, b) => (range(b) > range(a) ? b : a))
  const sorted = [...box].sort((a, b) => a[longest] - b[longest])
  const middle = sorted.length >> 1
  return [sorted.slice(0, middle), sorted.slice(middle)]
}

function mean(box: Rgb[]): Rgb {
  return [0, 1, 2].map(
    (channel) => box.reduce((sum, colour) => sum + colour[channel]!, 0) / box.length,
  ) as unknown as Rgb
}

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
