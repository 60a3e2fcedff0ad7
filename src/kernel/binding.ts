// The typed interface to the addon, and the only file that loads it.
import type { LatticePlace } from '../plane/lattice.ts'
import { loadAddon } from './addon.ts'

/**
 * How many samples escaped, are proven interior, or reached the limit; and the iterations that they
 * account for.
 */
export interface Counts {
  escaped: number
  interior: number
  limited: number
  iterations: number
  /** with perturbation, the steps that were taken for these iterations; otherwise 0 */
  steps: number
}

/** What replaces the smooth iteration count of a sample that did not escape. */
export const INTERIOR = -1
export const LIMIT = -2

/** What fixed point says about a point. */
export interface Exact {
  /**
   * the first iteration past the escape radius, 0 if there is none up to the limit; and the smooth
   * count, or LIMIT
   */
  n: number
  nu: number
  /**
   * the backward error in samples: 0 if nu is right, infinite if it is right for no point nearby
   */
  error: number
  /** by how much the smooth count changes within a sample */
  slope: number
  iterations: number
}

/** A complex number. */
interface Complex {
  re: number
  im: number
}

/**
 * Samples in double precision, and how far they are iterated: a grid of columns and rows, or
 * points.
 */
export interface PlaneSamples {
  re: Float64Array
  im: Float64Array
  /**
   * of the view, if re and im have both coordinates of every sample, row by row; a grid has none
   */
  width?: number | undefined
  /** c of a Julia set, each part at most 4 in size; samples of the Mandelbrot set have none */
  julia?: Complex | undefined
  maxIter: number
  escapeRadius: number
}

/**
 * Samples at any depth, and how far they are iterated. Positions are relative to the reference's
 * point, in units of 2^exponent: column i, row j is at (re, im) + i columnStep + j rowStep.
 */
export interface DeepView {
  /** what `Orbit.reference` filled */
  reference: Float64Array
  re: number
  im: number
  columnStep: Complex
  rowStep: Complex
  exponent: number
  width: number
  height: number
  maxIter: number
  escapeRadius: number
  /** is nu to be filled with the iteration count n itself, instead of the smooth count? */
  integerCounts?: boolean
}

/**
 * The native library fmandel; arrays are filled in place, `cancel` is polled and stops the work
 * when it is not 0.
 */
interface Addon {
  f(x: number, y: number, maxIter: number): number
  /** Fills `out` with `rows` rows of a grid from row `first` on, or with all of it. */
  grid32(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    grid: number,
    maxIter: number,
    out: Float32Array,
    cancel?: Int32Array,
    first?: number,
    rows?: number,
  ): boolean
  grid64(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    grid: number,
    maxIter: number,
    out: Float64Array,
    cancel?: Int32Array,
    first?: number,
    rows?: number,
  ): boolean
  tile(
    re: Float64Array,
    im: Float64Array,
    maxIter: number,
    escapeRadius: number,
    nu: Float64Array,
    cancel?: Int32Array,
  ): Counts | null
  tileScalar: Addon['tile']
  /**
   * Like `tile`, with both coordinates of every sample, in rows of `width`: those of a rotated
   * view, or any points in one row.
   */
  points(
    re: Float64Array,
    im: Float64Array,
    width: number,
    maxIter: number,
    escapeRadius: number,
    nu: Float64Array,
    cancel?: Int32Array,
  ): Counts | null
  /**
   * Like `tile`, of the filled Julia set of c = cr + i ci, each at most 4 in size: samples are
   * where orbits start.
   */
  julia(
    cr: number,
    ci: number,
    re: Float64Array,
    im: Float64Array,
    maxIter: number,
    escapeRadius: number,
    nu: Float64Array,
    cancel?: Int32Array,
  ): Counts | null
  /**
   * The radius of a disc about re + i im, each at most 4 in size, that is proven to belong to the
   * set; 0 if there is none.
   */
  interiorRadius(re: number, im: number): number
  /** Like `tile`, at any depth. */
  deep(view: DeepView, nu: Float64Array, cancel?: Int32Array): Counts | null
  /**
   * The distance estimate of samples whose counts are in `nu`, as two numbers each, in pixels
   * `pixel` wide: to the right and up, away from the set; 0 for a sample that did not escape. False
   * when cancelled.
   */
  distance(samples: PlaneSamples, pixel: number, nu: Float64Array, out: Float32Array, cancel?: Int32Array): boolean
  /** Likewise the stripe average, 0 to 1. */
  stripe(samples: PlaneSamples, nu: Float64Array, out: Float32Array, cancel?: Int32Array): boolean
  /**
   * For samples that did not escape, two numbers each: the period of the cycle that attracts their
   * orbits, and how strongly it does, from 0 to 1. 0 for all others.
   */
  cycle(samples: PlaneSamples, nu: Float64Array, out: Float32Array, cancel?: Int32Array): boolean
  /** `distance` for the samples of `deep`; `pixel` is in units of 2^exponent. */
  deepDistance(view: DeepView, pixel: number, nu: Float64Array, out: Float32Array, cancel?: Int32Array): boolean
  deepStripe(view: DeepView, nu: Float64Array, out: Float32Array, cancel?: Int32Array): boolean
  deepCycle(view: DeepView, nu: Float64Array, out: Float32Array, cancel?: Int32Array): boolean
  /**
   * The exact count of the point (re + i im) / 2^fractionBits in fixed point of `bits` bits, and
   * the backward error of the smooth count nu: the distance, in samples mantissa · 2^exponent
   * apart, to a point for which nu is right. Looks as far as `most` samples and for `budget`
   * iterations. Null when cancelled.
   */
  exact(
    re: bigint,
    im: bigint,
    fractionBits: number,
    bits: number,
    maxIter: number,
    escapeRadius: number,
    nu: number,
    mantissa: number,
    exponent: number,
    tolerance: number,
    most: number,
    budget: number,
    cancel?: Int32Array,
  ): Exact | null
  Orbit: {
    new (re: bigint, im: bigint, fractionBits: number, bits: number, radius: number): Orbit
    new (state: Float64Array): Orbit
  }
  /**
   * The header of a buffer of unknown origin, after a check of every length, index and exponent in
   * it; null if it is not a reference. It cannot check whether the numbers are right.
   */
  checkReference(reference: Float64Array): ReferenceHead | null
  /**
   * The fractional bits of the orbit saved in a buffer of unknown origin; null if there is none.
   */
  savedBits(state: Float64Array): number | null
  /** Fractional bits that an orbit needs for samples 2^log2Spacing apart and a limit of maxIter. */
  orbitBits(log2Spacing: number, maxIter: number): number
  /** The palette index of each smooth count, and 255 for samples that did not escape. */
  paletteIndices(nu: Float64Array, density: number, bias: number, offset: number, out: Uint8Array): void
  /**
   * Dithers the indices of width · height smooth counts where bands would show; `place` is that of
   * the samples in the lattice of thresholds.
   */
  ditherIndices(
    nu: Float64Array,
    width: number,
    height: number,
    place: LatticePlace,
    density: number,
    bias: number,
    offset: number,
    index: Uint8Array,
  ): void
  /**
   * What each phase is beyond its nearest step, in 1/254 of a step; 0 where indices would not be
   * dithered.
   */
  stepParts(
    nu: Float64Array,
    width: number,
    height: number,
    density: number,
    bias: number,
    offset: number,
    part: Int8Array,
  ): void
  /**
   * Counts an array's bytes as memory that garbage of this thread holds, until the array is
   * collected: V8 does not for shared ones.
   */
  reportExternalMemory(array: ArrayBufferView): void
  /**
   * Gives an array's whole pages back to the system, before the array is collected. Its contents
   * are lost; it can be used again.
   */
  discard(array: ArrayBufferView): void
  /** Rounds to single precision. */
  toFloat(from: Float64Array, to: Float32Array): void
  /** Fills `rows`, of height · (width + 1) bytes, with a PNG's rows by its filter Sub. */
  pngSubFilter(index: Uint8Array, width: number, height: number, rows: Uint8Array): void
  /**
   * Fills `out`, of deflatedBytes(data.length) bytes, with a zlib stream of the data; returns the
   * stream's length.
   */
  deflate(data: Uint8Array, out: Uint8Array): number
  /**
   * Fills `rows`, of height · (stride + 1) bytes, with a PNG's rows of `pixel` bytes a pixel, each
   * by its filter Sub or Up, whichever leaves smaller differences.
   */
  pngFilter(pixels: Uint8Array, stride: number, height: number, pixel: number, rows: Uint8Array): void
  /**
   * Fills `out`, as deflate does, with deflate blocks up to a whole byte, none of them the last;
   * returns their length and the Adler-32 of the data.
   */
  deflatePart(data: Uint8Array, out: Uint8Array): { length: number; adler: number }
  /**
   * Fills `out`, width x height pixels of RGB, with a frame of a film: the middle of `key`, 2^-part
   * as wide, into which `next` fades from the middle outwards. Both key frames have keyWidth x
   * keyHeight pixels, at most 8 times as many a side as the frame; `next` may be left out where
   * part is 0. False when cancelled.
   */
  frame(
    key: Uint8Array,
    keyWidth: number,
    keyHeight: number,
    next: Uint8Array | undefined,
    part: number,
    width: number,
    height: number,
    out: Uint8Array,
    cancel?: Int32Array,
  ): boolean
  isa(): string
}

/** The numbers of a reference; it serves samples within 2^exponent of its point. */
export interface ReferenceHead {
  length: number
  period: number
  escaped: boolean
  radius: number
  exponent: number
}

/** (re + i im) 2^exponent; 0 has an exponent far below all others. */
export interface Floatexp {
  re: number
  im: number
  exponent: number
}

/**
 * A reference orbit while it is made: Z <- Z^2 + C for C = (re + i im) / 2^fractionBits, in fixed
 * point of `bits` bits. Belongs to one thread; it writes the length reached to `progress`.
 */
export interface Orbit {
  /**
   * Runs to maxIter or past the radius ("done"), or to where a nucleus may lie in the disc of
   * radius mantissa · 2^exponent.
   */
  run(
    mantissa: number,
    exponent: number,
    maxIter: number,
    progress?: BigInt64Array,
    cancel?: Int32Array,
  ): 'done' | 'candidate' | 'cancelled'
  /**
   * Moves the orbit to the nucleus that it ran to, exact within 2^tolerance; or finds none there,
   * and may run on.
   */
  nucleus(
    mantissa: number,
    exponent: number,
    tolerance: number,
    progress?: BigInt64Array,
    cancel?: Int32Array,
  ): 'nucleus' | 'not converged' | 'cancelled'
  /** Bytes of the reference for samples within 2^exponent of the orbit's point. */
  referenceBytes(exponent: number): number
  /** Fills `out` with the reference; false when cancelled. */
  reference(exponent: number, out: Float64Array, progress?: BigInt64Array, cancel?: Int32Array): boolean
  /** The orbit's point, (re + i im) / 2^bits. */
  centre(): { re: bigint; im: bigint; bits: number }
  /**
   * Of a periodic orbit, the island around its nucleus: its size and direction, (re + i im) ·
   * 2^exponent where the whole set has 1, and whether its body is a cardioid.
   */
  shape(): Floatexp & { cardioid: boolean }
  /** the last iterate, and its derivative by c */
  readonly last: Floatexp
  readonly derivative: Floatexp
  readonly length: number
  /** the length when the orbit closes after it, else 0 */
  readonly period: number
  readonly escaped: boolean
  /**
   * floor of log2 |dZ/dC| where it stands: grows with zoom after zoom at the set's boundary, and
   * not at all inside
   */
  readonly log2Derivative: number
  /** Fills `out`, of stateLength numbers, with all that another Orbit needs to run on from here. */
  save(out: Float64Array): void
  readonly stateLength: number
  /**
   * Back to its start, with the memory of all iterations given back at once: a garbage collector
   * does not see it.
   */
  restart(): void
}

/** The most bytes of the stream of this many: see fmandel.h. */
export function deflatedBytes(count: number): number {
  return 2 * count + 600 * (Math.floor(count / 16384) + 1) + 16
}

export const kernel = loadAddon() as Addon
