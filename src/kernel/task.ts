// What crosses the thread boundary: plain data to the worker, one transferred buffer back.

import type { Appearance } from '../colour/appearance.ts'
import type { SampleAttributes } from '../colour/style.ts'
import type { GridRequest } from '../plane/grid.ts'
import type { OrbitPlan } from '../plane/neighbourhood.ts'
import type { JuliaPoint } from '../plane/tile.ts'
import type { View } from '../plane/view.ts'
import type { Counts } from './binding.ts'
import type { Budget, Taken } from './budget.ts'
import type { IteratesRequest, RenderSpec, TileRequest } from './request.ts'

/** Shared with the kernel, which polls it: 0 continue, 1 stop. */
export type Cancel = Int32Array<SharedArrayBuffer>

/**
 * A reference orbit in shared memory: written once, by the thread that computed it, then only read.
 */
export interface Reference {
  reference: Float64Array<SharedArrayBuffer>
  /** the reference point, (re + i im) / 2^bits */
  point: { re: bigint; im: bigint; bits: number }
  length: number
  /** the length when the orbit closes after it, else 0 */
  period: number
  escaped: boolean
  /** the limit from which on it is this orbit, because it closes or escapes there; otherwise 0 */
  settledAt: number
  /** from where the orbit can be continued, unless it escaped or closed */
  state: Float64Array<SharedArrayBuffer> | undefined
}

/** A neighbourhood's reference orbit, for iteration limits up to maxIter. */
export interface OrbitTask {
  plan: OrbitPlan
  /** the state of a shorter orbit, to continue from there */
  state: Float64Array<SharedArrayBuffer> | undefined
  /** fractional bits to compute in */
  bits: number
  /** the most iterations to compute, and the most bytes for the reference and its state */
  maxIter: number
  maxBytes: number
  /** the limit that the request names, if any, and the thread time that its orbit may take */
  final: number | undefined
  maxMilliseconds: number
  /** memory for all orbits, and the part that this one has taken */
  budget: Budget
  taken: Taken
  /** may it be computed beyond maxIter if it is about to close or escape? */
  far: boolean
  /** the length reached so far, for other threads to read */
  progress: BigInt64Array<SharedArrayBuffer>
  cancel: Cancel
}

/** The reference, or the reason why there is none. */
export interface OrbitResult extends Omit<Reference, 'reference'> {
  reference: Reference['reference'] | undefined
  /** it needs more bytes or time than it may take, or the other orbits leave too few bytes */
  refused: 'too_large' | 'too_long' | 'no_memory' | undefined
  /** what it takes in bytes and in milliseconds; estimates if it was refused for that */
  bytes: number
  milliseconds: number
}

/** A tile's samples in single precision, and the iteration limit that was used. */
export interface CachedSamples extends SampleAttributes {
  limit: number
}

/**
 * Cached samples in another appearance: as an indexed PNG, or as true colour (three bytes a pixel).
 */
export interface RecolourTask {
  samples: CachedSamples
  output: 'png' | 'rgb'
  zoom: number
  appearance: Appearance
  /** of the tile's samples, which are those of a Julia set if its point is given */
  view: View
  julia?: JuliaPoint | undefined
  cancel: Cancel
}

/** What an image's strips are: pieces of a PNG, or counts. */
export type StripKind = PixelKind | 'float32' | 'float64'

/** Samples to iterate. */
export interface Samples {
  view: View
  /** the point of a Julia set; without it the view is one of the Mandelbrot set */
  julia?: JuliaPoint | undefined
  /** is the whole view proven to belong to the set? Then nothing is iterated */
  interior: boolean
  /** the reference orbit of a deep view */
  reference: Reference | undefined
  cancel: Cancel
}

/**
 * A coarse grid of samples, to be iterated from one limit to another, four times as far each time.
 */
export interface ProbeTask extends Samples {
  from: number
  to: number
  /** the work for a sample up to the first limit at most, in iterations in double precision */
  work: number
}

/** What a zone's samples did up to an iteration limit. */
export interface ProbeStep {
  to: number
  /** the work for each sample, in iterations in double precision */
  work: number
  escaped: number
  limited: number
  /** the largest smooth iteration count of a sample that escaped; 0 if none did */
  last: number
}

/** The limits that were reached, lowest first. */
export interface ProbeResult {
  levels: ProbeStep[]
}

/** Smooth iteration counts of a view, and what to make of them. */
export interface ViewTask extends Omit<RenderSpec, 'maxIter'>, Samples {
  /** the iteration limit, chosen if the request left it open */
  limit: number
  /** the expected work for a sample, in iterations in double precision */
  work: number
  output: ViewOutput
  /** are the samples to be returned too, in single precision? */
  keepSamples: boolean
  /** the tile that `json` and `npy` describe */
  tile?: TileRequest | undefined
}

/**
 * What a view becomes: an indexed PNG, pixels of true colour (three bytes each), a tile's counts,
 * or a strip of an image.
 */
export type ViewOutput = 'png' | 'rgb' | TileNumbers | StripKind

/** A square of the plane that is searched for a feature. */
export interface FeatureTask {
  /** its centre, (re + i im) / 2^bits */
  centre: { re: bigint; im: bigint; bits: number }
  /** half of its side, in units of 2^-bits */
  half: bigint
  /** the longest period to look for; with a preperiod, both together */
  maxPeriod: number
  cancel: Cancel
}

/** The first `count` iterates of a point. */
export interface IteratesTask extends IteratesRequest {
  /** iterations after which the orbit's fate is reported as unknown */
  longest: number
  cancel: Cancel
}

/** Samples of a view that are computed again in fixed point. */
export interface VerifyTask extends Samples {
  limit: number
  escapeRadius: number
  /** how many samples, and the seed of their choice */
  count: number
  seed: number
  /**
   * iterations in fixed point, with those of searches: samples whose orbits are too long for the
   * rest of the budget are skipped
   */
  budget: number
}

/** A sample's smooth count by the kernel, and its error by fixed point. */
export interface VerifiedSample {
  column: number
  row: number
  /** a smooth count, INTERIOR or LIMIT */
  given: number
  truth: number
  /** the backward error, in samples; infinite if no point nearby has the count that was given */
  error: number
}

export interface VerifyResult {
  samples: VerifiedSample[]
  /** further samples, whose search for a point with their count ran out of iterations */
  undecided: number
  /** fractional bits of the truth */
  bits: number
  iterations: number
}

/** Rows of the original's grid: in double precision, in single precision, or with perturbation. */
export type GridTask = { request: GridRequest; format: GridNumbers; rows: GridRows; cancel: Cancel } & (
  | { reference: undefined; span: { x0: number; y0: number; x1: number; y1: number } }
  | { reference: Reference; view: View }
  | { reference: undefined; interior: true }
)

/**
 * Which rows of a grid: all of them, as a complete answer; or `count` of them as a piece of one.
 */
export type GridRows = 'all' | { first: number; count: number }

/** A frame of a film: `part` of the way from a key frame to the next. */
export interface FrameTask {
  key: Rgb
  next: Rgb | undefined
  part: number
  width: number
  height: number
  metadata: Record<string, string>
  cancel: Cancel
}

/**
 * A task's result: its bytes, its counts if any, and where the time went, in milliseconds.
 */
export interface TaskResult {
  bytes: Uint8Array<ArrayBuffer>
  counts: Counts | undefined
  render: number
  encode: number
  /** the iteration limit that was used */
  limit: number
  samples?: CachedSamples | undefined
  /** of a strip of a PNG */
  sum?: Checksum | undefined
}

export type TileNumbers = 'json' | 'npy'

export type GridNumbers = 'json' | 'npy' | 'png'

/**
 * An image's pixel: an index into a palette, three bytes of sRGB, or three big-endian 16-bit
 * numbers.
 */
export type PixelKind = 'index8' | 'rgb8' | 'rgb16'

export interface Checksum {
  adler: number
  length: number
}

/** Pixels of RGB, rows from the top. */
export interface Rgb {
  rgb: Uint8Array
  width: number
  height: number
}

/** Where the time went, in milliseconds. */
export interface Timing {
  queue: number
  render: number
  encode: number
}
