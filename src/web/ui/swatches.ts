import type { Appearance } from '../../colour/appearance.ts'
import { colourTable } from '../../colour/palette.ts'
import { PALETTE_STEPS } from '../../colour/phase.ts'

type Colours = Pick<Appearance, 'palette' | 'gradient' | 'offsetSteps'>

// colours of a cycle that a CSS gradient shows
const SAMPLES = 32

/** The colours of a cycle, and the first one again, as the colour list of a CSS gradient. */
export function colourList(colours: Colours): string {
  return Array.from({ length: SAMPLES + 1 }, (_, k) =>
    colour(colours, Math.floor((k * PALETTE_STEPS) / SAMPLES) % PALETTE_STEPS),
  ).join()
}

/** The first colour of the cycle: what the page shows where there is no tile yet. */
export function backgroundColour(colours: Colours): string {
  return colour(colours, 0)
}

function colour(colours: Colours, step: number): string {
  return `rgb(${colourTable(colours)
    .slice(3 * step, 3 * step + 3)
    .join(' ')})`
}
