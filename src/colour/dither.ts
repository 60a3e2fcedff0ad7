// Ordered dithering of palette indices where bands of one colour would show: the plain version of
// fmandel_dither_indices, which says how and why (native/encode/dither_template.h). The page uses
// it for what it computes itself.
import { PALETTE_STEPS, type Phase } from './phase.ts'

/** The pattern of thresholds repeats every so many samples, as tiles do. */
export const DITHER_PERIOD = 256

/**
 * Dithers the indices of rows of values, whose phases are at least 0 steps apart where they are
 * below 0. The first sample is the first of the pattern.
 */
export function ditherIndices(numbers: Float64Array, width: number, phase: Phase, indices: Uint8Array): void {
  const { density, bias, offset } = phase
  const scale = (Math.abs(density) * PALETTE_STEPS) / Math.LN2
  numbers.forEach((here, at) => {
    if (here < 0) return
    const [column, row] = [at % width, Math.floor(at / width)]
    // a sample on the left or upper edge is compared with the one behind it
    const across = Math.abs(here - numbers[column > 0 ? at - 1 : at + 1]!)
    const down = Math.abs(here - numbers[row > 0 ? at - width : at + width]!)
    const [low, high] = [Math.min(across, down), Math.max(across, down)].map((n) => (n * scale) / (here + bias))
    const strength = clamp(2 - 16 * low!) * clamp(2 - 4 * high!)
    if (strength === 0) return
    const threshold = (((197 * column + 149 * row) % DITHER_PERIOD) - 127.5) / 224
    const turned = density * Math.log2(here + bias) + offset
    const steps = PALETTE_STEPS * (turned - Math.floor(turned)) + strength * threshold
    indices[at] = (Math.round(steps) + PALETTE_STEPS) % PALETTE_STEPS
  })
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 1)
}
