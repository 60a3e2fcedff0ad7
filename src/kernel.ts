// The typed door to the addon, and the only file that loads it.
import { createRequire } from 'node:module'

/** How many samples escaped, are proven interior, or met the limit; and the iterations that this stands for. */
export interface Counts {
  escaped: number
  interior: number
  limited: number
  iterations: number
}

/** What stands for a smooth iteration count where a sample did not escape. */
export const INTERIOR = -1
export const LIMIT = -2

/** The native library fmandel; arrays are filled in place, `cancel` is polled and stops the work when it is not 0. */
interface Addon {
  f(x: number, y: number, maxIter: number): number
  grid32(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    grid: number,
    maxIter: number,
    out: Float32Array,
    cancel?: Int32Array,
  ): boolean
  grid64(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    grid: number,
    maxIter: number,
    out: Float64Array,
    cancel?: Int32Array,
  ): boolean
  tile(
    re: Float64Array,
    im: Float64Array,
    maxIter: number,
    escapeRadius: number,
    nu: Float64Array,
    cancel?: Int32Array,
  ): Counts | null
  tileScalar: Addon['tile']
  index(nu: Float64Array, density: number, bias: number, offset: number, out: Uint8Array): void
  isa(): string
}

export const kernel: Addon = createRequire(import.meta.url)('#fmandel')
