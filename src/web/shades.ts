import { EXTERIOR, STEPS, step } from '../colour.ts'
import { colourTable } from '../palette.ts'
import { type Field, numbersOf, stylePhase } from '../style.ts'
import type { Look } from './look.ts'

const SAMPLES = 32

// a sample round the border of zoom 0's square, half a tile from the set
const FAR_OUT: Field = {
  nu: Float64Array.of(EXTERIOR),
  distance: Float32Array.of(128, 0),
  stripe: Float32Array.of(0.5),
}

/** A look's colours round its cycle, and the first again, as a list for a CSS gradient. */
export function strip(look: Look): string {
  return Array.from({ length: SAMPLES + 1 }, (_, k) => colour(look, Math.floor((k * STEPS) / SAMPLES) % STEPS)).join()
}

/** What lies far outside the set. */
export function exterior(look: Look): string {
  const phase = stylePhase(look, 0, look.density)
  const [number] = numbersOf(look, FAR_OUT, phase.density / look.density, new Float64Array(1))
  return colour(look, step(number!, phase))
}

function colour(look: Look, step: number): string {
  return `rgb(${colourTable(look)
    .slice(3 * step, 3 * step + 3)
    .join(' ')})`
}
