// What a picture shows of its samples: a style is a function of what the kernels give for one sample, and of nothing around it, so that no seam can
// show. Each gives a number in the count's place, whose phase in the palette's cycle the pixel has; some give a shade beside it.

import { share } from './histogram.ts'
import { BIAS, type Phase, phaseAt, STEPS } from './phase.ts'

export const STYLE_TITLES = {
  smooth: 'Smooth',
  distance: 'Distance',
  slopes: 'Slopes',
  stripe: 'Stripes',
  histogram: 'Even',
  period: 'Periods',
  attraction: 'Attraction',
} as const

export type Style = keyof typeof STYLE_TITLES
export const STYLES = Object.keys(STYLE_TITLES) as Style[]
export const DEFAULT_STYLE: Style = 'smooth'

/** Which second look at a sample a style takes, beside its count. */
export const ATTRIBUTE_PASS: Partial<Record<Style, 'distance' | 'stripe' | 'cycle'>> = {
  distance: 'distance',
  slopes: 'distance',
  stripe: 'stripe',
  period: 'cycle',
  attraction: 'cycle',
}

/**
 * What is known of a view's samples: counts, and where they were looked at again, distance estimates (right and up), stripe averages, or the cycles
 * of those that belong to the set (period and attraction).
 */
export interface SampleAttributes {
  nu: Float32Array | Float64Array
  distance?: Float32Array
  stripe?: Float32Array
  cycle?: Float32Array
}

/** Does a style take a shade beside the colour? Then an index a pixel does not hold it. */
export function shaded(style: Style): boolean {
  return style === 'slopes' || ATTRIBUTE_PASS[style] === 'cycle'
}

// the distance at which colours have run through half of their first cycle's way in logarithms, in pixels
const NEAR = 0.04
const DISTANCE_DENSITY = 0.06

/** A style, and what it takes to know of the view. */
export interface Styled {
  style: Style
  /** the histogram's: counts below which equal shares of the view's samples lie; without them it is smooth */
  levels?: readonly number[]
}

/** The phase of a style's number at a zoom, its density multiplied. */
export function stylePhase({ style, levels }: Styled, zoom: number, multiplier: number): Phase {
  // the share of samples, as numbersOf has it, times the cycles
  if (style === 'histogram' && levels) return { density: multiplier, bias: 1, offset: 0 }
  if (style !== 'distance') return phaseAt(zoom, multiplier)
  const density = multiplier * DISTANCE_DENSITY
  return { density, bias: NEAR, offset: -density * Math.log2(NEAR) }
}

// cycles of the palette between the darkest and the brightest stripe
const STRIPE_CYCLES = 0.4

/**
 * A style's number for each sample, below 0 where it did not escape: in `scratch`, where it is not the count as it is. `density` is that of the
 * zoom by itself.
 */
export function numbersOf(
  { style, levels }: Styled,
  field: SampleAttributes,
  density: number,
  scratch: Float64Array,
): Float64Array {
  const { nu, distance, stripe } = field
  if (style === 'distance') {
    for (let k = 0; k < scratch.length; k++) scratch[k] = nu[k]! < 0 ? nu[k]! : length(distance!, k)
  } else if (style === 'stripe') {
    // a factor of the count shifts its phase by as much whatever the count
    const octaves = STRIPE_CYCLES / density
    for (let k = 0; k < scratch.length; k++) {
      scratch[k] = nu[k]! < 0 ? nu[k]! : (nu[k]! + BIAS) * 2 ** (octaves * stripe![k]!) - BIAS
    }
  } else if (style === 'histogram' && levels) {
    const below = share(levels)
    for (let k = 0; k < scratch.length; k++) scratch[k] = nu[k]! < 0 ? nu[k]! : 2 ** below(nu[k]!) - 1
  } else if (nu instanceof Float64Array) {
    return nu
  } else {
    scratch.set(nu)
  }
  return scratch
}

// pixels of distance at which the light has half its strength: where the surface is finer than that it has no side to show
const SOFT = 0.3
// the part of its light that a level place keeps, and how much is added on the side that the light comes from (see lit in srgb.ts), or taken on the other
const FLAT = 0.8
const CONTRAST = 0.5

/** How much of its colour each sample has, the rest being that of `base`. */
export interface Shades {
  part: Float32Array
  base: 'black' | 'set'
}

/** A shaded style's shades, for light from `angle` degrees counted from the right by way of above. */
export function shades(style: Style, field: SampleAttributes, angle: number): Shades | undefined {
  if (style === 'slopes') return { part: relief(field, angle), base: 'black' }
  return field.cycle && { part: basins(style, field.nu, field.cycle), base: 'set' }
}

function relief({ nu, distance }: SampleAttributes, angle: number): Float32Array {
  const [right, up] = [Math.cos((angle / 180) * Math.PI), Math.sin((angle / 180) * Math.PI)]
  return Float32Array.from(nu, (count, k) => {
    if (count < 0) return 1
    const along = distance![2 * k]! * right + distance![2 * k + 1]! * up
    return FLAT + (CONTRAST * along) / (length(distance!, k) + SOFT)
  })
}

// the set's own colours are quieter than those around it
const QUIET = 0.6

// a period's colour is strongest at the nucleus and ends at the rim; attraction colours evenly
function basins(style: Style, nu: SampleAttributes['nu'], cycle: Float32Array): Float32Array {
  return Float32Array.from(nu, (count, k) => {
    if (count >= 0) return 1
    if (cycle[2 * k] === 0) return 0
    return style === 'period' ? QUIET * (1 - cycle[2 * k + 1]! ** 2) : QUIET
  })
}

// neighbouring periods have colours far apart: the golden section's multiples fill a cycle evenly
const GOLDEN = (Math.sqrt(5) - 1) / 2

/** Puts the palette's step of each sample's cycle into `steps`; a nucleus lies half a cycle from its rim, times the density. */
export function fillBasins(style: Style, { nu, cycle }: SampleAttributes, density: number, steps: Uint8Array): void {
  for (let k = 0; k < steps.length; k++) {
    const period = cycle![2 * k]!
    if (nu[k]! >= 0 || period === 0) continue
    const phase = style === 'period' ? GOLDEN * period : 0.5 * density * (1 - cycle![2 * k + 1]!)
    steps[k] = Math.round(STEPS * (phase - Math.floor(phase))) % STEPS
  }
}

function length(distance: Float32Array, k: number): number {
  const [x, y] = [distance[2 * k]!, distance[2 * k + 1]!]
  return Math.sqrt(x * x + y * y)
}
