// Styles: what a picture shows of its samples.
//
// A style is a function of one sample's attributes (its count, and what an attribute pass adds),
// never of its neighbours, so no seam can show between tiles. It gives a value that replaces the
// count; the value's phase picks the colour (phase.ts). Some styles give a shade as well, which
// darkens or lights that colour.

import { cumulativeShare } from './histogram.ts'
import { BIAS, PALETTE_STEPS, type Phase, phaseAt } from './phase.ts'

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

/** The attribute pass that a style needs after the counts. */
export const ATTRIBUTE_PASS: Partial<Record<Style, 'distance' | 'stripe' | 'cycle'>> = {
  distance: 'distance',
  slopes: 'distance',
  stripe: 'stripe',
  period: 'cycle',
  attraction: 'cycle',
}

/**
 * The attributes of a view's samples: smooth counts, and what an attribute pass adds to them. These
 * are distance estimates (two numbers: right and up), stripe averages, or the cycles of interior
 * samples (two numbers: period and attraction).
 */
export interface SampleAttributes {
  nu: Float32Array | Float64Array
  distance?: Float32Array
  stripe?: Float32Array
  cycle?: Float32Array
}

/** Does a style shade its colours? Then one palette index per pixel is not enough. */
export function isShaded(style: Style): boolean {
  return style === 'slopes' || ATTRIBUTE_PASS[style] === 'cycle'
}

// the bias of distances, in pixels; below it colours change little
const NEAR = 0.04
const DISTANCE_DENSITY = 0.06

/** A style, and what it needs of the view. */
export interface StyleOptions {
  style: Style
  /** of the histogram; without levels it is the smooth style */
  levels?: readonly number[]
}

/** The phase of a style's values at a zoom, with a multiple of the density. */
export function stylePhase({ style, levels }: StyleOptions, zoom: number, multiplier: number): Phase {
  // the cumulative share of samples (see styleValues) times the number of cycles
  if (style === 'histogram' && levels) return { density: multiplier, bias: 1, offset: 0 }
  if (style !== 'distance') return phaseAt(zoom, multiplier)
  const density = multiplier * DISTANCE_DENSITY
  return { density, bias: NEAR, offset: -density * Math.log2(NEAR) }
}

// cycles of the palette between the lowest and the highest stripe average
const STRIPE_CYCLES = 0.4

/**
 * A style's value for each sample, below 0 where the sample did not escape. Values that are not the
 * counts themselves are written to `scratch`.
 * @param density the density of the zoom, without the appearance's multiple
 */
export function styleValues(
  { style, levels }: StyleOptions,
  attributes: SampleAttributes,
  density: number,
  scratch: Float64Array,
): Float64Array {
  const { nu, distance, stripe } = attributes
  if (style === 'distance') {
    for (let k = 0; k < scratch.length; k++) scratch[k] = nu[k]! < 0 ? nu[k]! : length(distance!, k)
  } else if (style === 'stripe') {
    // a factor on the counts shifts the phase of every count by the same amount
    const octaves = STRIPE_CYCLES / density
    for (let k = 0; k < scratch.length; k++) {
      scratch[k] = nu[k]! < 0 ? nu[k]! : (nu[k]! + BIAS) * 2 ** (octaves * stripe![k]!) - BIAS
    }
  } else if (style === 'histogram' && levels) {
    const below = cumulativeShare(levels)
    for (let k = 0; k < scratch.length; k++) scratch[k] = nu[k]! < 0 ? nu[k]! : 2 ** below(nu[k]!) - 1
  } else if (nu instanceof Float64Array) {
    return nu
  } else {
    scratch.set(nu)
  }
  return scratch
}

// pixels of distance at which the light has half its strength; a finer surface has no visible slope
const SOFT = 0.3
// the light on level ground, and how much the light's direction adds or takes away (see shadeLight)
const FLAT = 0.8
const CONTRAST = 0.5

/** For each sample, the part of its own colour; the rest is the colour of `base`. */
export interface Shades {
  part: Float32Array
  base: 'black' | 'set'
}

/** The shades of a style, for light from `angle` degrees counter-clockwise from the right. */
export function sampleShades(style: Style, attributes: SampleAttributes, angle: number): Shades | undefined {
  if (style === 'slopes') return { part: relief(attributes, angle), base: 'black' }
  const { nu, cycle } = attributes
  return cycle && { part: interiorShades(style, nu, cycle), base: 'set' }
}

function relief({ nu, distance }: SampleAttributes, angle: number): Float32Array {
  const [right, up] = [Math.cos((angle / 180) * Math.PI), Math.sin((angle / 180) * Math.PI)]
  return shadesOf(nu, (count, k) => {
    if (count < 0) return 1
    const along = distance![2 * k]! * right + distance![2 * k + 1]! * up
    return FLAT + (CONTRAST * along) / (length(distance!, k) + SOFT)
  })
}

// Float32Array.from would hold all counts as numbers of JavaScript first: 100 MB and more for a
// tile of four million samples
function shadesOf(nu: SampleAttributes['nu'], shade: (count: number, k: number) => number): Float32Array {
  const shades = new Float32Array(nu.length)
  for (let k = 0; k < nu.length; k++) shades[k] = shade(nu[k]!, k)
  return shades
}

// colours inside the set are weaker than those outside
const INTERIOR_STRENGTH = 0.6

// the colour of a period is strongest at the nucleus and fades towards the boundary; attraction is
// even
function interiorShades(style: Style, nu: SampleAttributes['nu'], cycle: Float32Array): Float32Array {
  return shadesOf(nu, (count, k) => {
    if (count >= 0) return 1
    if (cycle[2 * k] === 0) return 0
    return style === 'period' ? INTERIOR_STRENGTH * (1 - cycle[2 * k + 1]! ** 2) : INTERIOR_STRENGTH
  })
}

// multiples of the golden ratio fill a cycle evenly, so that neighbouring periods differ clearly
const GOLDEN = (Math.sqrt(5) - 1) / 2

/**
 * Writes the palette index of each interior sample whose cycle is known. With `attraction`, a
 * nucleus is half a cycle of the palette, times the density, away from its boundary.
 */
export function fillInteriorIndices(
  style: Style,
  { nu, cycle }: SampleAttributes,
  density: number,
  steps: Uint8Array,
): void {
  for (let k = 0; k < steps.length; k++) {
    const period = cycle![2 * k]!
    if (nu[k]! >= 0 || period === 0) continue
    const phase = style === 'period' ? GOLDEN * period : 0.5 * density * (1 - cycle![2 * k + 1]!)
    steps[k] = Math.round(PALETTE_STEPS * (phase - Math.floor(phase))) % PALETTE_STEPS
  }
}

function length(distance: Float32Array, k: number): number {
  const [x, y] = [distance[2 * k]!, distance[2 * k + 1]!]
  return Math.sqrt(x * x + y * y)
}
