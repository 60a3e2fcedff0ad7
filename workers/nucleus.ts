// The island that dominates a view, as a JSON document: the nucleus of the lowest period in it, its
// size and its kind.
//
// The orbit of a square's centre is followed to the first possible period of a nucleus within a
// disc about the square (the ball method); Newton's method then goes there. The first one that lies
// in the view has the lowest period, and so is the largest island. A square that leads out of the
// view, or nowhere, is cut into quarters, because a nucleus beside the view hides those in it.
import { kernel, type Orbit } from '../src/kernel/binding.ts'
import type { FeatureTask, TaskResult } from '../src/kernel/task.ts'
import { magnitude } from '../src/plane/decimal.ts'
import { document } from './document.ts'
import {
  between,
  type Disc,
  describe,
  discOf,
  type Island,
  type Point,
  RADIUS,
  refine,
  search,
  VIEW_BITS,
} from './island.ts'

// a nucleus beside the view is avoided by squares down to this part of it, 2^-DEPTH
const DEPTH = 4
// squares that lead to no nucleus are cut only this often
const EMPTY_DEPTH = 2
// an orbit is followed from one of these lengths to the next, four times as far
const SLICE = 256

interface Square extends Point {
  half: bigint
}

export default function nucleus({ centre, half, maxPeriod, cancel }: FeatureTask): TaskResult | null {
  const started = performance.now()
  const lift = (value: bigint) => value << BigInt(DEPTH)
  const view = { re: lift(centre.re), im: lift(centre.im), half: lift(half), bits: centre.bits + DEPTH }
  let squares: Square[] = [view]
  for (let depth = 0; depth <= DEPTH && squares.length > 0; depth++) {
    const further: Square[] = []
    let best: Island | undefined
    for (const square of squares) {
      const found = look(square, view, best?.period ?? maxPeriod, cancel)
      if (found === null) return null
      if (typeof found === 'object') best = found
      else if (found === 'outside' || (found === 'none' && depth < EMPTY_DEPTH)) further.push(...quarters(square))
    }
    if (best) return document(describe(best), started)
    squares = further
  }
  return document(undefined, started)
}

/** The island of the lowest period that a square leads to; null when cancelled. */
function look(square: Square, view: Square, maxPeriod: number, cancel: Int32Array) {
  const { re, im, half, bits } = square
  const disc = discOf(half, bits)
  const tolerance = disc.exponent - VIEW_BITS
  const orbit = new kernel.Orbit(re, im, bits, kernel.orbitBits(tolerance, maxPeriod), RADIUS)
  try {
    const found = followed(orbit, disc, tolerance, maxPeriod, cancel)
    if (found === 'cancelled') return null
    // inside the set a smaller square finds no more than this one
    if (found === 'none') return orbit.escaped ? found : 'inside'
    return within(orbit.centre(), view) ? refine(orbit, tolerance, cancel) : 'outside'
  } finally {
    orbit.restart()
  }
}

/**
 * Searches along an orbit until it lies in a component of the set, where its derivative by c stays
 * small: it has not grown while the orbit became sixteen times as long. It may shrink for a while
 * where the orbit passes a nucleus.
 */
function followed(orbit: Orbit, disc: Disc, tolerance: number, maxPeriod: number, cancel: Int32Array) {
  let largest = Number.NEGATIVE_INFINITY
  let still = 0
  for (let limit = Math.min(SLICE, maxPeriod); ; limit = Math.min(4 * limit, maxPeriod)) {
    const result = search(orbit, disc, tolerance, limit, cancel)
    if (result !== 'none' || orbit.escaped || limit === maxPeriod) return result
    still = orbit.log2Derivative <= largest ? still + 1 : 0
    if (still === 2) return 'none'
    largest = Math.max(largest, orbit.log2Derivative)
  }
}

function quarters({ re, im, half, bits }: Square): Square[] {
  const quarter = half / 2n
  return [-quarter, quarter].flatMap((x) =>
    [-quarter, quarter].map((y) => ({ re: re + x, im: im + y, half: quarter, bits })),
  )
}

function within(point: Point, view: Square): boolean {
  const { re, im } = between(point, view)
  const half = view.half << BigInt(point.bits)
  return magnitude(re) <= half && magnitude(im) <= half
}
