// The island that dominates a view, as a JSON document: the nucleus of the lowest period in it, its size and its kind.
//
// The orbit of the view's centre is followed until a period shows that a nucleus within a disc may have (the ball
// method); Newton's method then goes there. The first one that lies in the view has the lowest period, and so is the
// largest island. A disc that leads out of the view is halved, because a nucleus beside the view hides those in it.
// Where the size of the island asks for more digits, the orbit is computed once more with as many.
import { kernel, type Orbit } from '../src/kernel/binding.ts'
import type { FeatureTask, TaskResult } from '../src/kernel/task.ts'
import { bitLength, fromFixed, magnitude, toDouble } from '../src/plane/decimal.ts'
import { document } from './document.ts'

// as for reference orbits: it escapes later than any sample beside it
const RADIUS = 1024
// the least digits that a place is given with, in bits of the view's and of the island's size: 2^-40 is 1e-12
const VIEW_BITS = 48
const SIZE_BITS = 48
// a nucleus beside the view is avoided by discs down to this part of it, 2^-HALVINGS
const HALVINGS = 6

interface Point {
  re: bigint
  im: bigint
  bits: number
}

export default function nucleus({ centre, half, maxPeriod, cancel }: FeatureTask): TaskResult | null {
  const started = performance.now()
  for (let halvings = 0; halvings <= HALVINGS; halvings++) {
    const disc = discOf(half, centre.bits + halvings)
    const bits = kernel.orbitBits(disc.exponent - VIEW_BITS, maxPeriod)
    const orbit = new kernel.Orbit(centre.re, centre.im, centre.bits, bits, RADIUS)
    try {
      const found = search(orbit, disc, disc.exponent - VIEW_BITS, maxPeriod, cancel)
      if (found === 'cancelled') return null
      if (found === 'none' || !within(orbit.centre(), centre, half)) continue
      const exact = refine(orbit, cancel)
      return exact && document(describe(exact), started)
    } finally {
      orbit.restart()
    }
  }
  return document(undefined, started)
}

/** half / 2^bits as a number from 1 to below 2 and a power of two. */
function discOf(half: bigint, bits: number): { mantissa: number; exponent: number } {
  const length = bitLength(half)
  return { mantissa: toDouble(half, length - 1), exponent: length - 1 - bits }
}

function search(
  orbit: Orbit,
  { mantissa, exponent }: { mantissa: number; exponent: number },
  tolerance: number,
  maxPeriod: number,
  cancel: Int32Array,
): 'found' | 'none' | 'cancelled' {
  for (;;) {
    const run = orbit.run(mantissa, exponent, maxPeriod, undefined, cancel)
    if (run !== 'candidate') return run === 'done' ? 'none' : run
    const newton = orbit.nucleus(mantissa, exponent, tolerance, undefined, cancel)
    if (newton === 'cancelled') return newton
    if (newton === 'nucleus') return 'found'
  }
}

function within(point: Point, centre: Point, half: bigint): boolean {
  const [mine, its] = [BigInt(point.bits), BigInt(centre.bits)]
  const far = (a: bigint, b: bigint) => magnitude((a << its) - (b << mine)) > half << mine
  return !far(point.re, centre.re) && !far(point.im, centre.im)
}

type Island = Point & { period: number; shape: ReturnType<Orbit['shape']>; exact: number }

/** The island with all the digits that its size asks for; undefined when cancelled. */
function refine(orbit: Orbit, cancel: Int32Array): Island | null {
  const { period } = orbit
  const rough = orbit.shape()
  // a quarter of the island: no other nucleus lies in it
  const { exponent } = rough
  const tolerance = exponent - SIZE_BITS
  const start = orbit.centre()
  const finer = new kernel.Orbit(start.re, start.im, start.bits, kernel.orbitBits(tolerance, period), RADIUS)
  try {
    const found = search(finer, { mantissa: 1, exponent: exponent - 2 }, tolerance, period, cancel)
    if (found === 'cancelled') return null
    if (found === 'none' || finer.period !== period) throw new Error(`the nucleus of period ${period} was lost`)
    return { ...finer.centre(), period, shape: finer.shape(), exact: -tolerance }
  } finally {
    finer.restart()
  }
}

const LOG10_2 = Math.log10(2)

function describe({ re, im, bits, period, shape, exact }: Island): object {
  const places = Math.ceil(exact * LOG10_2)
  const log2Size = shape.exponent + Math.log2(Math.hypot(shape.re, shape.im))
  return {
    period,
    re: fromFixed(re, bits, places),
    im: fromFixed(im, bits, places),
    size: power(log2Size),
    // the zoom of a tile that shows the island as tile 0/0/0 shows the whole set
    zoom: Math.round(-log2Size * 1e6) / 1e6,
    // how far the island is turned, counter-clockwise
    angle: Math.round((Math.atan2(shape.im, shape.re) * 180e6) / Math.PI) / 1e6 + 0,
    kind: shape.cardioid ? 'cardioid' : 'disc',
  }
}

/** 2^log2 as text with eight digits, beyond the range of a double too. */
function power(log2: number): string {
  const log10 = log2 * LOG10_2
  const exponent = Math.floor(log10)
  return `${(10 ** (log10 - exponent)).toPrecision(8)}e${exponent}`
}
