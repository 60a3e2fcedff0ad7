import { colourTable } from '../colour/palette.ts'
import { STEPS } from '../colour/phase.ts'
import type { Look } from './look.ts'

const SAMPLES = 32

/** A look's colours round its cycle, and the first again, as a list for a CSS gradient. */
export function strip(look: Look): string {
  return Array.from({ length: SAMPLES + 1 }, (_, k) => colour(look, Math.floor((k * STEPS) / SAMPLES) % STEPS)).join()
}

/** Where a look's cycle begins: what the page shows where no tile is yet. */
export function ground(look: Look): string {
  return colour(look, 0)
}

function colour(look: Look, step: number): string {
  return `rgb(${colourTable(look)
    .slice(3 * step, 3 * step + 3)
    .join(' ')})`
}
