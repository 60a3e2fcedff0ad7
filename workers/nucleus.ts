// The island that dominates a view, as a JSON document: the nucleus of the lowest period in it, its
// size and its kind.
//
// The orbit of the view's centre is followed until a period shows that a nucleus within a disc may
// have (the ball method); Newton's method then goes there. The first one that lies in the view has
// the lowest period, and so is the largest island. A disc that leads out of the view is halved,
// because a nucleus beside the view hides those in it.
import { kernel } from '../src/kernel/binding.ts'
import type { FeatureTask, TaskResult } from '../src/kernel/task.ts'
import { magnitude } from '../src/plane/decimal.ts'
import { document } from './document.ts'
import { describe, discOf, type Point, RADIUS, refine, search, VIEW_BITS } from './island.ts'

// a nucleus beside the view is avoided by discs down to this part of it, 2^-HALVINGS
const HALVINGS = 6

export default function nucleus({ centre, half, maxPeriod, cancel }: FeatureTask): TaskResult | null {
  const started = performance.now()
  for (let halvings = 0; halvings <= HALVINGS; halvings++) {
    const disc = discOf(half, centre.bits + halvings)
    const tolerance = disc.exponent - VIEW_BITS
    const bits = kernel.orbitBits(tolerance, maxPeriod)
    const orbit = new kernel.Orbit(centre.re, centre.im, centre.bits, bits, RADIUS)
    try {
      const found = search(orbit, disc, tolerance, maxPeriod, cancel)
      if (found === 'cancelled') return null
      if (found === 'none' || !within(orbit.centre(), centre, half)) continue
      const island = refine(orbit, cancel)
      return island && document(describe(island), started)
    } finally {
      orbit.restart()
    }
  }
  return document(undefined, started)
}

function within(point: Point, centre: Point, half: bigint): boolean {
  const [mine, its] = [BigInt(point.bits), BigInt(centre.bits)]
  const far = (a: bigint, b: bigint) => magnitude((a << its) - (b << mine)) > half << mine
  return !far(point.re, centre.re) && !far(point.im, centre.im)
}
