import { colourTable } from '../colour/palette.ts'
import { STEPS } from '../colour/phase.ts'
import type { Appearance } from './look.ts'

const SAMPLES = 32

/** A look's colours round its cycle, and the first again, as a list for a CSS gradient. */
export function strip(appearance: Appearance): string {
  return Array.from({ length: SAMPLES + 1 }, (_, k) =>
    colour(appearance, Math.floor((k * STEPS) / SAMPLES) % STEPS),
  ).join()
}

/** Where a look's cycle begins: what the page shows where no tile is yet. */
export function ground(appearance: Appearance): string {
  return colour(appearance, 0)
}

function colour(appearance: Appearance, step: number): string {
  return `rgb(${colourTable(appearance)
    .slice(3 * step, 3 * step + 3)
    .join(' ')})`
}
