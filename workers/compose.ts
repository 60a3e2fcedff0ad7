import { toSrgbByte } from '../src/colour/srgb.ts'
import type { Rgb } from '../src/kernel/task.ts'
import { type Region, resample } from './resample.ts'

/**
 * A frame's pixels, of RGB, rows from the top: `part` of the way from its key frame to the next one, which is not looked at where part is 0.
 */
export function compose(
  key: Rgb,
  next: Rgb | undefined,
  part: number,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const finer = key.width / width
  const whole = { x0: 0, y0: 0, x1: width, y1: height }
  const light = resample(key, width, height, finer * 2 ** -part, whole)
  if (next && part > 0) fade(light, next, width, height, part)
  const rgb = new Uint8Array(light.length)
  // Uint8Array.from would call for each value: two thirds of a frame's time
  for (let at = 0; at < rgb.length; at++) rgb[at] = toSrgbByte(Math.min(Math.max(light[at]!, 0), 1))
  return rgb
}

// the part of the shorter side over which the inner key frame's border fades, at first
const BORDER = 1 / 6

function fade(light: Float32Array, next: Rgb, width: number, height: number, part: number): void {
  const inner = 2 ** (part - 1)
  const finer = next.width / width
  const [left, top] = [Math.ceil((width * (1 - inner)) / 2), Math.ceil((height * (1 - inner)) / 2)]
  const region: Region = { x0: left, y0: top, x1: width - left, y1: height - top }
  const over = resample(next, width, height, finer * 2 ** (1 - part), region)
  const strength = part * part * (3 - 2 * part)
  const border = BORDER * Math.min(width, height) * (1 - part) + 1
  const columns = region.x1 - region.x0
  for (let y = region.y0; y < region.y1; y++) {
    for (let x = region.x0; x < region.x1; x++) {
      const inside = Math.min(x - left, region.x1 - 1 - x, y - top, region.y1 - 1 - y) + 0.5
      const share = strength * Math.min(1, inside / border)
      const [from, to] = [3 * ((y - top) * columns + x - left), 3 * (y * width + x)]
      for (let channel = 0; channel < 3; channel++) {
        light[to + channel]! += share * (over[from + channel]! - light[to + channel]!)
      }
    }
  }
}
