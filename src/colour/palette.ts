// Palettes as tables of 256 colours: the steps of a cycle, and the colour of the set.
import { type Appearance, paletteKey } from './appearance.ts'
import { type Gradient, parseGradient } from './gradient.ts'
import { PALETTE_STOPS, type PaletteName } from './palettes.ts'
import { PALETTE_STEPS } from './phase.ts'
import { toLinear, toSrgb } from './srgb.ts'

/** Indices 0 to 254 are the steps of the phase; this one is the set itself. */
export const INTERIOR_INDEX = 255

// moving the page's slider asks for all 255 offsets of a palette
const MOST = 1024
const tables = new Map<string, Uint8Array>()

/** 256 RGB triples, 768 bytes: a colour for each step of the phase, then the colour of the set. */
export function colourTable(appearance: Pick<Appearance, 'palette' | 'gradient' | 'offsetSteps'>): Uint8Array {
  const key = paletteKey(appearance)
  let table = tables.get(key)
  if (!table) {
    const { offsetSteps } = appearance
    if (offsetSteps === 0) table = gradientTable(gradientOf(appearance))
    else table = shifted(colourTable({ ...appearance, offsetSteps: 0 }), offsetSteps)
    if (tables.size >= MOST) tables.clear()
    tables.set(key, table)
  }
  return table
}

/** The gradient of an appearance. */
export function gradientOf({ palette, gradient }: Pick<Appearance, 'palette' | 'gradient'>): Gradient {
  return gradient === undefined ? PALETTE_STOPS[palette] : parseGradient(gradient)
}

/** A listed palette's table. */
export function paletteTable(name: PaletteName): Uint8Array {
  return colourTable({ palette: name, offsetSteps: 0 })
}

function shifted(table: Uint8Array, offsetSteps: number): Uint8Array {
  const [cycle, set] = [table.subarray(0, 3 * PALETTE_STEPS), table.subarray(3 * INTERIOR_INDEX)]
  return Uint8Array.from([...cycle.subarray(3 * offsetSteps), ...cycle.subarray(0, 3 * offsetSteps), ...set])
}

/** `#rrggbb` of one entry of a palette's table. */
export function paletteColour(name: PaletteName, index: number): string {
  const [r, g, b] = paletteTable(name).subarray(3 * index)
  return `#${((1 << 24) | (r! << 16) | (g! << 8) | b!).toString(16).slice(1)}`
}

/**
 * A gradient's table. Colours are interpolated in OKLab (Ottosson 2020), where equal steps look
 * equal, or as linear light, along a closed Catmull-Rom spline, so that no stop shows as an edge.
 * Bands are not: each step has the colour of its band.
 */
export function gradientTable(gradient: Gradient): Uint8Array {
  const table = new Uint8Array(3 * 256)
  const { set, bands } = gradient
  const light = lightOf(gradient)
  for (let index = 0; index < PALETTE_STEPS; index++) {
    const colour = bands ? parseColour(bandAt(gradient, index)) : toRgb(light(index / PALETTE_STEPS))
    table.set(colour, 3 * index)
  }
  table.set(parseColour(set), 3 * INTERIOR_INDEX)
  return table
}

/**
 * A gradient's cycle in `count` steps of linear light: three numbers from 0 to 1 each, unrounded.
 */
export function gradientLinear(gradient: Gradient, count: number): Float64Array {
  const at = lightOf(gradient)
  const light = new Float64Array(3 * count)
  for (let k = 0; k < count; k++) {
    // bands end where those of the table do
    const step = Math.round((PALETTE_STEPS * k) / count) % PALETTE_STEPS
    const colour = gradient.bands ? parseColour(bandAt(gradient, step)).map(toLinear) : at(k / count)
    light.set(colour, 3 * k)
  }
  return light
}

// of 256 bands the last one is left out, since a cycle has 255 steps
function bandAt({ stops }: Gradient, step: number): string {
  return stops[Math.floor((step * stops.length) / PALETTE_STEPS)]![1]
}

type Triple = [number, number, number]
interface Knot {
  position: number
  colour: Triple
}

/** The linear light at a phase from 0 to below 1. */
function lightOf({ stops, mix }: Gradient): (phase: number) => Triple {
  const [to, from] = mix === 'light' ? [toLight, (light: Triple) => light] : [toLab, fromLab]
  const knots = stops.map(([position, colour]) => ({ position, colour: to(parseColour(colour)) }))
  return (phase) => from(onSpline(knots, phase))
}

function onSpline(knots: Knot[], phase: number): Triple {
  const n = knots.length
  const i = knots.findLastIndex((knot) => knot.position <= phase)
  // knot k, counted on past either end of the cycle
  const at = (k: number) => {
    const knot = knots[((k % n) + n) % n]!
    return { position: knot.position + Math.floor(k / n), colour: knot.colour }
  }
  const [before, from, to, after] = [at(i - 1), at(i), at(i + 1), at(i + 2)]
  const width = to.position - from.position
  const t = (phase - from.position) / width
  return [0, 1, 2].map((axis) => {
    const slope = (a: Knot, b: Knot) => ((b.colour[axis]! - a.colour[axis]!) / (b.position - a.position)) * width
    const [p, q, u, v] = [from.colour[axis]!, to.colour[axis]!, slope(before, to), slope(from, after)]
    return (
      (2 * t ** 3 - 3 * t ** 2 + 1) * p +
      (t ** 3 - 2 * t ** 2 + t) * u +
      (3 * t ** 2 - 2 * t ** 3) * q +
      (t ** 3 - t ** 2) * v
    )
  }) as Triple
}

/** The three values of `#rrggbb`. */
export function parseColour(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function toLight(rgb: Triple): Triple {
  return rgb.map(toLinear) as Triple
}

function toLab(rgb: Triple): Triple {
  const [r, g, b] = toLight(rgb)
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function toRgb(light: Triple): Triple {
  return light.map((light) => Math.round(toSrgb(light))) as Triple
}

function fromLab([L, a, b]: Triple): Triple {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}
