// What a picture shows of its samples: a style is a function of what the kernels give for one sample, and of nothing around it, so that no seam can
// show. Each gives a number in the count's place, whose phase in the palette's cycle the pixel has; slopes give a shade beside it.
import { BIAS, type Phase, phaseAt } from './colour.ts'

export const STYLE_TITLES = {
  smooth: 'Smooth',
  distance: 'Distance',
  slopes: 'Slopes',
  stripe: 'Stripes',
} as const

export type Style = keyof typeof STYLE_TITLES
export const STYLES = Object.keys(STYLE_TITLES) as Style[]
export const DEFAULT_STYLE: Style = 'smooth'

/** Which second look at a sample a style takes, beside its count. */
export const SECOND_LOOK: Partial<Record<Style, 'distance' | 'stripe'>> = {
  distance: 'distance',
  slopes: 'distance',
  stripe: 'stripe',
}

/** What is known of a view's samples: counts, and where they were looked at again, distance estimates (two numbers each) or stripe averages. */
export interface Field {
  nu: Float32Array | Float64Array
  distance?: Float32Array
  stripe?: Float32Array
}

/** Does a style take a shade beside the colour? Then an index a pixel does not hold it. */
export function shaded(style: Style): boolean {
  return style === 'slopes'
}

// the distance at which colours have run through half of their first cycle's way in logarithms, in pixels
const NEAR = 0.04
const DISTANCE_DENSITY = 0.06

/** The phase of a style's number at a zoom, its density multiplied. */
export function stylePhase(style: Style, zoom: number, multiplier: number): Phase {
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
export function numbersOf(style: Style, field: Field, density: number, scratch: Float64Array): Float64Array {
  const { nu, distance, stripe } = field
  if (style === 'distance') {
    for (let k = 0; k < scratch.length; k++) scratch[k] = nu[k]! < 0 ? nu[k]! : length(distance!, k)
  } else if (style === 'stripe') {
    // a factor of the count shifts its phase by as much whatever the count
    const octaves = STRIPE_CYCLES / density
    for (let k = 0; k < scratch.length; k++) {
      scratch[k] = nu[k]! < 0 ? nu[k]! : (nu[k]! + BIAS) * 2 ** (octaves * stripe![k]!) - BIAS
    }
  } else if (nu instanceof Float64Array) {
    return nu
  } else {
    scratch.set(nu)
  }
  return scratch
}

// pixels of distance at which the light has half its strength: where the surface is finer than that it has no side to show
const SOFT = 0.3
// how much the light adds on the side that it comes from, and takes on the other
const CONTRAST = 0.5

/** The part of a pixel's light that a slope leaves, for light from `angle` degrees counted from the right by way of above. */
export function shades({ nu, distance }: Field, angle: number): Float32Array {
  const [right, up] = [Math.cos((angle / 180) * Math.PI), Math.sin((angle / 180) * Math.PI)]
  return Float32Array.from(nu, (count, k) => {
    if (count < 0) return 1
    const along = distance![2 * k]! * right + distance![2 * k + 1]! * up
    return 0.8 + (CONTRAST * along) / (length(distance!, k) + SOFT)
  })
}

function length(distance: Float32Array, k: number): number {
  const [x, y] = [distance[2 * k]!, distance[2 * k + 1]!]
  return Math.sqrt(x * x + y * y)
}
