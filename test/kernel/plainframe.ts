// Frames of films in plain TypeScript: the filter, the sums and the cross-fade in double precision,
// one after the other. The native version is tested against it.
import { toLinear, toSrgbByte } from '../../src/colour/srgb.ts'
import type { Rgb } from '../../src/kernel/task.ts'

/** A frame of a film in plain TypeScript, against which the native one is tested. */
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
  // Uint8Array.from calls a function for each value: two thirds of a frame's time
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

/** A rectangle of pixels: columns from x0 to below x1, rows from y0 to below y1. */
export interface Region {
  x0: number
  y0: number
  x1: number
  y1: number
}

/**
 * A region of an image of width · height pixels that shows the middle of `source`, as light: three
 * numbers a pixel. One of its pixels is as wide as `scale` (at least 1) pixels of the source. The
 * filter is that of Mitchell and Netravali (1988) with B = C = 1/3. Beyond its edges the source
 * continues with the colours there.
 */
export function resample(source: Rgb, width: number, height: number, scale: number, region: Region): Float32Array {
  const across = taps(source.width, width, scale, region.x0, region.x1)
  const down = taps(source.height, height, scale, region.y0, region.y1)
  const columns = region.x1 - region.x0
  const light = new Float32Array(3 * columns * (region.y1 - region.y0))
  // source rows already resized horizontally, each kept as long as a row needs it
  const narrowed = new Map<number, Float32Array>()
  for (let y = 0; y < region.y1 - region.y0; y++) {
    const first = down.first[y]!
    for (const row of narrowed.keys()) if (row < first) narrowed.delete(row)
    for (let k = 0; k < down.count; k++) {
      const row = Math.min(Math.max(first + k, 0), source.height - 1)
      let line = narrowed.get(first + k)
      if (!line) {
        line = narrow(source, row, across, columns)
        narrowed.set(first + k, line)
      }
      const weight = down.weights[y * down.count + k]!
      for (let x = 0, to = 3 * columns * y; x < line.length; x++, to++) light[to]! += weight * line[x]!
    }
  }
  return light
}

const LIGHT = Float32Array.from({ length: 256 }, (_, value) => toLinear(value))

function narrow({ rgb, width }: Rgb, row: number, { first, weights, count }: Taps, columns: number): Float32Array {
  const line = new Float32Array(3 * columns)
  for (let x = 0; x < columns; x++) {
    let [r, g, b] = [0, 0, 0]
    for (let k = 0; k < count; k++) {
      const column = Math.min(Math.max(first[x]! + k, 0), width - 1)
      const from = 3 * (row * width + column)
      const weight = weights[x * count + k]!
      r += weight * LIGHT[rgb[from]!]!
      g += weight * LIGHT[rgb[from + 1]!]!
      b += weight * LIGHT[rgb[from + 2]!]!
    }
    line[3 * x] = r
    line[3 * x + 1] = g
    line[3 * x + 2] = b
  }
  return line
}

/**
 * For each pixel of one axis, the first of `count` source pixels that it is made of, and their
 * weights.
 */
interface Taps {
  count: number
  first: Int32Array
  weights: Float32Array
}

function taps(size: number, pixels: number, scale: number, from: number, to: number): Taps {
  const radius = 2 * scale
  const count = Math.ceil(2 * radius) + 1
  const [first, weights] = [new Int32Array(to - from), new Float32Array((to - from) * count)]
  for (let i = 0; i < to - from; i++) {
    // pixel centres lie at halves
    const centre = (from + i + 0.5 - pixels / 2) * scale + size / 2 - 0.5
    first[i] = Math.ceil(centre - radius)
    const own = Array.from({ length: count }, (_, k) => mitchell((first[i]! + k - centre) / scale))
    const sum = own.reduce((total, weight) => total + weight, 0)
    for (let k = 0; k < count; k++) weights[i * count + k] = own[k]! / sum
  }
  return { count, first, weights }
}

function mitchell(distance: number): number {
  const x = Math.abs(distance)
  if (x >= 2) return 0
  if (x >= 1) return ((((-7 / 3) * x + 12) * x - 20) * x) / 6 + 16 / 9
  return ((7 * x - 12) * x * x + 16 / 3) / 6
}
