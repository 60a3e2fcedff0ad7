// What crosses the thread boundary: plain data out to workers/, one transferred buffer back.

import type { Appearance } from '../colour/appearance.ts'
import type { Phase } from '../colour/phase.ts'
import type { SampleAttributes } from '../colour/style.ts'
import type { GridRequest } from '../plane/grid.ts'
import type { OrbitPlan } from '../plane/neighbourhood.ts'
import type { JuliaPoint } from '../plane/tile.ts'
import type { View } from '../plane/view.ts'
import type { Counts } from './binding.ts'
import type { TileRequest } from './request.ts'

/** Shared with the kernel, which polls it: 0 go on, 1 stop. */
export type Cancel = Int32Array<SharedArrayBuffer>

/** A reference orbit in shared memory, written once by the thread that made it, then only read. */
export interface Reference {
  reference: Float64Array<SharedArrayBuffer>
  /** the reference point, (re + i im) / 2^bits */
  point: { re: bigint; im: bigint; bits: number }
  length: number
  /** the length when the orbit closes after it, else 0 */
  period: number
  escaped: boolean
  /** where the orbit can be run on from, while it neither escaped nor closed */
  state: Float64Array<SharedArrayBuffer> | undefined
}

/** A neighbourhood's reference orbit, for iteration limits up to maxIter. */
export interface OrbitTask {
  plan: OrbitPlan
  /** a shorter orbit's state, to run on from there */
  state: Float64Array<SharedArrayBuffer> | undefined
  /** fractional bits to compute in */
  bits: number
  /** iterations to follow it for at most, and bytes that its reference may take */
  maxIter: number
  maxBytes: number
  /** the length reached, for other threads to read */
  progress: BigInt64Array<SharedArrayBuffer>
  cancel: Cancel
}

/** The reference, or none where it would take more than the bytes allowed. */
export interface OrbitResult extends Omit<Reference, 'reference'> {
  reference: Reference['reference'] | undefined
  bytes: number
  milliseconds: number
}

/** What is known of a tile's samples, in single precision, and the iteration limit that held for it. */
export interface CachedSamples extends SampleAttributes {
  limit: number
}

/** A kept field in another look: as an indexed PNG, or as pixels of true colour (three bytes each). */
export interface RecolourTask {
  kept: CachedSamples
  phase: Phase
  want: 'png' | 'rgb'
  appearance: Appearance
  width: number
  height: number
  cancel: Cancel
}

/** What a still's strips are: pieces of a PNG, or counts. */
export type StripKind = PixelKind | 'float32' | 'float64'

/** Samples to iterate. */
export interface Samples {
  view: View
  /** the c of a Julia set, else it is the Mandelbrot set's view */
  julia: JuliaPoint | undefined
  /** is all of it proven to belong to the set? Then nothing else is needed */
  interior: boolean
  /** what a view needs that doubles do not resolve */
  reference: Reference | undefined
  cancel: Cancel
}

/** A coarse grid of samples, to be followed from one limit to another, fourfold each time. */
export interface ProbeTask extends Samples {
  from: number
  to: number
}

/** What a zone's samples did up to an iteration limit. */
export interface ProbeStep {
  to: number
  /** the work that it took, in iterations in doubles for each sample */
  work: number
  escaped: number
  limited: number
  /** the largest smooth iteration count of a sample that escaped; 0 where none did */
  last: number
}

/** The levels that were reached, lowest first. */
export interface ProbeResult {
  levels: ProbeStep[]
}

/** Smooth iteration counts of a view, and what to make of them. */
export interface ViewTask extends Samples {
  limit: number
  phase: Phase
  /** samples along one of the map's pixels, 1/256 of a tile, which distances are measured in */
  perPixel: number
  /** an indexed PNG, pixels of true colour (three bytes each), the counts encoded, or a strip of a still */
  want: 'png' | 'rgb' | TileNumbers | StripKind
  /** the tile that encoded counts are of */
  tile: TileRequest | undefined
  /** what pictures show; the view has its aa · aa samples a pixel */
  appearance: Appearance
  /** is the field to be given too, in single precision? */
  keep: boolean
}

/** The original's grid: in doubles, in single precision throughout, or by perturbation. */
export type GridTask = { request: GridRequest; format: GridNumbers; cancel: Cancel } & (
  | { reference: undefined; span: { x0: number; y0: number; x1: number; y1: number } }
  | { reference: Reference; view: View }
  | { reference: undefined; interior: true }
)

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

/** A task's answer: its bytes and where the time went, in milliseconds; counts where there are any. */
export interface TaskResult {
  bytes: Uint8Array<ArrayBuffer>
  counts: Counts | undefined
  render: number
  encode: number
  /** the iteration limit that held, where there is one to choose */
  limit: number
  kept?: CachedSamples | undefined
  /** of a piece of a PNG */
  sum?: Checksum | undefined
}

export type TileNumbers = 'json' | 'npy'

export type GridNumbers = 'json' | 'npy' | 'png'

/** What a pixel of a large picture is: an index into a palette, three bytes of sRGB, or three numbers of 16 bits, the high byte first. */
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
