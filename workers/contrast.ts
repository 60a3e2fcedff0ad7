// The contrast of a view's places (src/colour/contrast.ts says what it is): the corners of the
// zones that the view lies in, from 16 x 16 samples around each, and the counts that they stretch.
//
// A zone's side is two to four tiles. Views between two levels of zones blend both, so that colours
// change a little at every zoom instead of a lot at every second one. The corners are computed in
// this thread and kept for its next tiles: all tiles of a zone share four.

import { type Around, aroundOf, lift, moreAt } from '../src/colour/contrast.ts'
import { BIAS, phaseAt } from '../src/colour/phase.ts'
import { kernel } from '../src/kernel/binding.ts'
import type { ViewTask } from '../src/kernel/task.ts'
import { ESCAPE_RADIUS } from '../src/plane/precision.ts'
import { LEFT, SPAN, TOP } from '../src/plane/tile.ts'
import type { View } from '../src/plane/view.ts'

type Subject = Pick<ViewTask, 'view' | 'julia' | 'zoom' | 'appearance'>

/** Zooms between a zone and the first that it serves, and between two levels of zones. */
const ABOVE = 2
const BAND = 2
/** Below this level the rule by zoom suffices. */
const FIRST = 12
/**
 * Its corners' samples are 2^-42 apart, which doubles still resolve well enough for a median. From
 * zoom 32 on the rule by zoom has twice the density, so that it suffices beyond.
 */
const LAST = 40
/** Samples along a side of a corner's surroundings, which are as large as a zone. */
const GRID = 16
/** Samples that take longer count as part of the set. */
const LIMIT = 2 ** 14

/**
 * The counts as the place's contrast shows them: counts whose phases under the zoom rule are the
 * stretched ones. Those below 0 stay. Returns the same array if nothing is stretched.
 */
export function contrasted(
  { view, julia, zoom, appearance }: Subject,
  nu: Float32Array | Float64Array,
): Float32Array | Float64Array {
  if (julia || appearance.contrast === 'zoom' || ['distance', 'histogram'].includes(appearance.style)) return nu
  const { density } = phaseAt(zoom)
  const level = BAND * Math.floor(zoom / BAND) - ABOVE
  const part = zoom / BAND - Math.floor(zoom / BAND)
  const fields = [
    { weight: 1 - part, field: fieldAt(view, level, density) },
    { weight: part, field: part > 0 ? fieldAt(view, level + BAND, density) : undefined },
  ].flatMap(({ weight, field }) => (field ? [{ weight, field }] : []))
  if (fields.length === 0) return nu
  const raised = lift(Math.max(...fields.map(({ field }) => field.farthest)), density * appearance.density)
  // plain loops, log and exp: closures, log2 and powers took twenty times as long
  const { width } = view
  const out = new Float64Array(nu.length)
  const gains = new Float64Array(width)
  for (let j = 0; j < view.height; j++) {
    const [counts, logs] = [nu.subarray(j * width, (j + 1) * width), out.subarray(j * width, (j + 1) * width)]
    for (let i = 0; i < width; i++) logs[i] = counts[i]! < 0 ? 0 : Math.log(counts[i]! + BIAS)
    gains.fill(0)
    for (const { weight, field } of fields) addGains(field, weight, j, logs, gains)
    for (let i = 0; i < width; i++)
      logs[i] = counts[i]! < 0 ? counts[i]! : Math.exp(logs[i]! + gains[i]! + raised) - BIAS
  }
  return out
}

/** Adds what the L of each sample of row j gains, times `weight`. */
function addGains(field: Field, weight: number, j: number, logs: Float64Array, gains: Float64Array): void {
  const { place, across, down, more, constant } = field
  const { column, row } = place
  for (let i = 0; i < logs.length; i++) {
    const x = place.x + i * column.x + j * row.x
    const y = place.y + i * column.y + j * row.y
    // a rounded place may lie slightly outside
    const left = Math.min(Math.max(Math.floor(x), 0), across - 2)
    const top = Math.min(Math.max(Math.floor(y), 0), down - 2)
    // bilinear: the corners above and below, left and right
    const a = top * across + left
    const b = a + across
    const log = logs[i]!
    const above = more[a]! * log - constant[a]!
    const below = more[b]! * log - constant[b]!
    const upper = above + (x - left) * (more[a + 1]! * log - constant[a + 1]! - above)
    const lower = below + (x - left) * (more[b + 1]! * log - constant[b + 1]! - below)
    gains[i]! += weight * (upper + (y - top) * (lower - upper))
  }
}

/** The corners around a view, in rows from the top, and where its samples lie among them. */
interface Field {
  across: number
  down: number
  /** of each corner `more`, and `more` times its `middle` */
  more: Float64Array
  constant: Float64Array
  farthest: number
  place: Place
}

/** The first sample, and the steps to the next column and row, in zones. */
interface Place {
  x: number
  y: number
  column: { x: number; y: number }
  row: { x: number; y: number }
}

/** Undefined if no corner is stretched. */
function fieldAt(view: View, level: number, density: number): Field | undefined {
  if (level < FIRST || level > LAST) return undefined
  const { place, left, top, across, down } = placeOf(view, level)
  const [more, constant] = [new Float64Array(across * down), new Float64Array(across * down)]
  let farthest = 0
  for (let at = 0; at < more.length; at++) {
    const around = corner(level, left + (at % across), top + Math.floor(at / across))
    if (!around) continue
    more[at] = moreAt(around, density)
    constant[at] = more[at]! * around.middle
    if (more[at]! > 0) farthest = Math.max(farthest, around.middle)
  }
  return farthest === 0 ? undefined : { across, down, more, constant, farthest, place }
}

function placeOf(view: View, level: number) {
  const { re, im, columnStep, rowStep, bits, width, height } = view
  const unit = 1n << BigInt(bits)
  // exact: at most 2^40 zones, and doubles hold their parts to 2^-52 of a step
  const zones = (length: bigint) => {
    const parts = (length << BigInt(level + PART_BITS)) / (BigInt(SPAN) * unit)
    return { whole: Number(parts >> BigInt(PART_BITS)), part: Number(parts & PART) / Number(PART + 1n) }
  }
  const first = { x: zones(re - BigInt(LEFT) * unit), y: zones((BigInt(2 * TOP) * unit) / 2n - im) }
  const step = (length: bigint) => {
    const { whole, part } = zones(length)
    return whole + part
  }
  const column = { x: step(columnStep.re), y: step(-columnStep.im) }
  const row = { x: step(rowStep.re), y: step(-rowStep.im) }
  const ends = (part: number, across: number, down: number) => {
    const all = [0, (width - 1) * across, (height - 1) * down, (width - 1) * across + (height - 1) * down]
    return [Math.floor(part + Math.min(...all)), Math.floor(part + Math.max(...all))] as const
  }
  const [west, east] = ends(first.x.part, column.x, row.x)
  const [north, south] = ends(first.y.part, column.y, row.y)
  return {
    place: { x: first.x.part - west, y: first.y.part - north, column, row },
    left: first.x.whole + west,
    top: first.y.whole + north,
    across: east - west + 2,
    down: south - north + 2,
  }
}

const PART_BITS = 64
const PART = (1n << BigInt(PART_BITS)) - 1n

// the most recent corners of this thread; a screen has about 12 of each level
const MOST_CORNERS = 1024
const corners = new Map<string, Around | undefined>()
const nuAround = new Float64Array(GRID * GRID)

function corner(level: number, x: number, y: number): Around | undefined {
  const key = `${level} ${x} ${y}`
  if (corners.has(key)) return corners.get(key)
  const side = SPAN / 2 ** level
  const offset = (k: number) => (k + 0.5) / GRID - 0.5
  const re = Float64Array.from({ length: GRID }, (_, i) => LEFT + side * (x + offset(i)))
  const im = Float64Array.from({ length: GRID }, (_, j) => TOP - side * (y + offset(j)))
  kernel.tile(re, im, LIMIT, ESCAPE_RADIUS, nuAround)
  const around = aroundOf(nuAround)
  if (corners.size >= MOST_CORNERS) corners.delete(corners.keys().next().value!)
  corners.set(key, around)
  return around
}
