// The islands of a tile, as GeoJSON: those whose nucleus lies in the tile and that are large enough
// to be seen there.
//
// The tile is cut into quarters again and again. If the ball method finds no nucleus in a square's
// disc, the square is done. Otherwise Newton's method finds the nucleus of the lowest period, and
// the square is cut further, down to half of the smallest island's size, because a nucleus hides
// those of higher periods beside it. Whether a tile lists an island depends only on the island's
// place and size. So adjacent tiles agree about their border, and an island that shows at one zoom
// shows at all deeper ones.
import { kernel, type Orbit } from '../src/kernel/binding.ts'
import type { FeatureTask, TaskResult } from '../src/kernel/task.ts'
import { bitLength, magnitude } from '../src/plane/decimal.ts'
import { document } from './document.ts'
import {
  between,
  type Disc,
  describe,
  discOf,
  type Island,
  log2Size,
  nucleusOf,
  type Point,
  RADIUS,
  refine,
  search,
  VIEW_BITS,
} from './island.ts'

// the smallest island that is listed, in parts of the tile that shows as much of the plane as tile
// 0/0/0 does of the set: 2^-5 is 8 of a tile's 256 pixels
const LOG2_SMALLEST = -5
// squares down to this part of a tile's side: half of the smallest island
const DEPTH = 6
// The first squares are always cut, and so are those wider than 2^-5, since the ball method is of
// first order.
const LEAST_DEPTH = 2
const LOG2_WIDE = -6
// bits of a square's centre beyond the tile's own
const CENTRE_BITS = DEPTH + 2
// sqrt(2) as a multiple of a quarter: the disc about a square is sqrt(2) times as wide as the one
// in it
const SQRT2_64 = BigInt(Math.ceil(Math.SQRT2 * 64))
// An orbit is followed from one of these lengths to the next, four times as far. If its derivative
// by c has not grown by this many bits on the way, it lies in a component, where derivatives stay
// small, and no further nucleus follows.
const SLICE = 256
// near a cusp of the set the derivative grows with the number of iterations: by two bits
const GROWTH = 1
// b grows up to the number of iterations where an orbit passes slowly, and is about 1 elsewhere
const LOG2_MARGIN = 3
// Where |Z_p| < 2 for the period p of a nucleus, all other islands are smaller than its own, but
// for those that share a slow passage with it, by a few bits. So a square there is done too, if
// that island is this many bits below the smallest one that is listed.
const HIDDEN = 4

export default function islands({ centre, half, maxPeriod, cancel }: FeatureTask): TaskResult | null {
  const started = performance.now()
  const lift = (value: bigint) => value << BigInt(CENTRE_BITS)
  const tile = { re: lift(centre.re), im: lift(centre.im), bits: centre.bits + CENTRE_BITS }
  const found: Island[] = []
  const smallest = discOf(half, centre.bits - 1).exponent + LOG2_SMALLEST - 1
  if (!explore(tile, lift(half), 0, { tile, half: lift(half), smallest, found, maxPeriod, cancel })) return null
  const features = found.map(describe).sort((a, b) => a.zoom - b.zoom || (a.re < b.re ? -1 : 1))
  return document(
    {
      type: 'FeatureCollection',
      features: features.map((properties) => ({
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [Number(properties.re), Number(properties.im)] },
        properties,
      })),
    },
    started,
  )
}

interface Search {
  tile: Point
  half: bigint
  /** log2 of the smallest size that is listed */
  smallest: number
  found: Island[]
  maxPeriod: number
  cancel: Int32Array
}

/** Searches a square and its quarters; false when cancelled. */
function explore(square: Point, half: bigint, depth: number, all: Search): boolean {
  const visit = look(square, half, all)
  if (visit === 'cancelled') return false
  if (depth === DEPTH || (visit === 'none' && depth >= LEAST_DEPTH && bitLength(half) - square.bits <= LOG2_WIDE))
    return true
  const quarter = half / 2n
  for (const re of [square.re - quarter, square.re + quarter]) {
    for (const im of [square.im - quarter, square.im + quarter]) {
      if (!explore({ re, im, bits: square.bits }, quarter, depth + 1, all)) return false
    }
  }
  return true
}

function look(square: Point, half: bigint, all: Search): 'found' | 'none' | 'cancelled' {
  const { found, smallest, cancel } = all
  const disc = discOf((half * SQRT2_64) / 64n + 1n, square.bits)
  const tolerance = disc.exponent - VIEW_BITS
  const bits = kernel.orbitBits(tolerance, all.maxPeriod)
  const orbit = new kernel.Orbit(square.re, square.im, square.bits, bits, RADIUS)
  try {
    const result = followed(orbit, disc, tolerance, all)
    if (result !== 'found') return result
    const point = { ...nucleusOf(orbit), period: orbit.period, exact: -tolerance }
    const size = log2Size(orbit.shape())
    if (size < smallest - HIDDEN && orbit.log2Derivative + reach(square, disc, point) < 1) return 'none'
    if (size < smallest || !inTile(point, all)) return 'found'
    if (found.some((other) => same(other, point))) return 'found'
    const island = refine(orbit, tolerance, cancel)
    if (!island) return 'cancelled'
    found.push(island)
    return 'found'
  } finally {
    orbit.restart()
  }
}

/** log2 of a bound for the distance of a square's points from a point. */
function reach(square: Point, { exponent }: Disc, point: Point): number {
  const { re, im, bits } = between(point, square)
  const apart = Math.max(bitLength(magnitude(re)), bitLength(magnitude(im))) - bits
  return Math.max(apart, exponent + 1) + 1
}

/** Searches along an orbit until no more large enough island can follow. */
function followed(orbit: Orbit, disc: Disc, tolerance: number, { smallest, maxPeriod, cancel }: Search) {
  let growth = Number.NEGATIVE_INFINITY
  for (let limit = Math.min(SLICE, maxPeriod); ; limit = Math.min(4 * limit, maxPeriod)) {
    const steepest = (Math.log2(limit) - smallest) / 2 + LOG2_MARGIN
    const result = search(orbit, disc, tolerance, limit, cancel, steepest)
    if (result !== 'none') return result
    const { escaped, log2Derivative } = orbit
    const over = escaped || limit === maxPeriod || log2Derivative > steepest || log2Derivative < growth + GROWTH
    if (over) return 'none'
    growth = log2Derivative
  }
}

type Found = Pick<Island, 're' | 'im' | 'bits' | 'period' | 'exact'>

/** Have two squares led to the same nucleus? Each time it is exact to 2^-exact. */
function same(a: Found, b: Found): boolean {
  if (a.period !== b.period) return false
  const bits = Math.min(a.bits, b.bits)
  const [u, v] = [a, b].map(({ re, im, bits: its }) => [re >> BigInt(its - bits), im >> BigInt(its - bits)] as const)
  const near = 1n << BigInt(Math.max(0, bits - Math.min(a.exact, b.exact) + 8))
  return magnitude(u![0] - v![0]) <= near && magnitude(u![1] - v![1]) <= near
}

/** The tile's left and lower border belong to it, the others to its neighbours. */
function inTile(point: Point, { tile, half }: Search): boolean {
  const { re, im } = between(point, tile)
  const edge = half << BigInt(point.bits)
  return re >= -edge && re < edge && im >= -edge && im < edge
}
