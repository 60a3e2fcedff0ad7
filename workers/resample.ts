// A picture about its middle at another scale, as light. Middles meet exactly, whatever the scale, which is what a film needs; sharp's resize cuts
// at whole pixels.

import { toLinear } from '../src/colour/srgb.ts'
import type { Rgb } from '../src/kernel/task.ts'

/** A rectangle of pixels: columns from x0 to below x1, rows from y0 to below y1. */
export interface Region {
  x0: number
  y0: number
  x1: number
  y1: number
}

/**
 * The light of a region of a picture of width · height pixels that shows the middle of `source`, a pixel of it being `scale` (at least 1) of
 * the source's wide: three numbers a pixel. By the filter of Mitchell and Netravali (1988), B = C = 1/3; beyond its edge the source goes on as there.
 */
export function resample(source: Rgb, width: number, height: number, scale: number, region: Region): Float32Array {
  const across = taps(source.width, width, scale, region.x0, region.x1)
  const down = taps(source.height, height, scale, region.y0, region.y1)
  const columns = region.x1 - region.x0
  const light = new Float32Array(3 * columns * (region.y1 - region.y0))
  // rows of the source that are narrowed already, each until the last row that wants it
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

/** For each pixel of one axis, the first of `count` source pixels that it is made of, and what each counts. */
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
