// All that shapes a picture beside its place, its size and its iteration limit.
import type { PaletteName } from './palettes.ts'
import { DEFAULT_PALETTE } from './palettes.ts'

export interface Look {
  palette: PaletteName
  /** the text of a gradient of one's own in the palette's place, as formatGradient writes it */
  gradient?: string
  /** steps of the 255 in a cycle by which the colours are turned: step k shows what k + turn shows otherwise */
  turn: number
  /** cycles of the palette, as a multiple of those that the zoom has by itself */
  density: number
}

export const DEFAULT_LOOK: Look = { palette: DEFAULT_PALETTE, turn: 0, density: 1 }

/** The densities that may be asked for. */
export const DENSITY = { min: 1 / 16, max: 16 }

/** The part of a look that colours an index: 768 bytes hang on nothing else. */
export function coloursKey({ palette, gradient, turn }: Look): string {
  return `${gradient ?? palette} ${turn}`
}
