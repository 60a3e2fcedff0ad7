// What crosses the thread boundary: plain data out to workers/, one transferred buffer back.
import type { Counts } from './kernel.ts'
import type { View } from './view.ts'

/** Shared with the kernel, which polls it: 0 go on, 1 stop. */
export type Cancel = Int32Array<SharedArrayBuffer>

/** Smooth iteration counts of a view, and what to make of them. */
export interface ViewTask {
  view: View
  maxIter: number
  /** palette indices, these as an indexed PNG, or the counts themselves (Float64Array) */
  want: 'index' | 'png' | 'nu'
  cancel: Cancel
}

/** The original's grid, in doubles or in single precision throughout. */
export interface GridTask {
  x0: number
  y0: number
  x1: number
  y1: number
  grid: number
  maxIter: number
  precision: 'float32' | 'float64'
  cancel: Cancel
}

/** A task's answer: its bytes and where the time went, in milliseconds; counts where there are any. */
export interface TaskResult {
  bytes: Uint8Array<ArrayBuffer>
  counts: Counts | undefined
  render: number
  encode: number
}
