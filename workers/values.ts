// Numbers in their formats: JSON, NumPy's, or grey pixels. They are written in the worker threads,
// because a megabyte of digits would block the event loop.

import { npy } from '../src/formats/npy.ts'
import { greyPixels, greyPng } from '../src/formats/png/indexed.ts'
import { pngStrip } from '../src/formats/png/strips.ts'
import { type Counts, INTERIOR, LIMIT } from '../src/kernel/binding.ts'
import type { TileRequest } from '../src/kernel/request.ts'
import type { GridNumbers, TaskResult, TileNumbers } from '../src/kernel/task.ts'
import type { GridRequest } from '../src/plane/grid.ts'

/** A tile's smooth iteration counts, rows from the top, and the iteration limit that was used. */
export function encodeTile(
  { tile, julia, size }: TileRequest,
  format: TileNumbers,
  values: Float64Array,
  limit: number,
): Uint8Array<ArrayBuffer> {
  if (format === 'npy') return npy(values, size, size)
  const place = { ...(julia && { c: julia }), z: tile.z, x: String(tile.x), y: String(tile.y) }
  return json({ ...place, size, max_iter: limit, counts: tally(values), values: rows(values, size) })
}

/** The original's grid, rows from y0 on. */
export function encodeGrid(
  { grid, maxIter, precision, x0, y0, x1, y1 }: GridRequest,
  format: GridNumbers,
  values: Float32Array | Float64Array,
): Uint8Array<ArrayBuffer> {
  if (format === 'npy') return npy(values, grid, grid)
  if (format === 'png') return greyPng(values, grid, grid)
  return json({ x0, y0, x1, y1, grid, max_iter: maxIter, precision, values: rows(values, grid) })
}

/** Some rows of a grid, as a piece of an answer; render/grid.ts writes the text around it. */
export function encodeGridRows(
  grid: number,
  format: GridNumbers,
  values: Float32Array | Float64Array,
): Pick<TaskResult, 'bytes' | 'sum'> {
  if (format === 'npy') return { bytes: new Uint8Array(values.buffer as ArrayBuffer) }
  if (format === 'png') return pngStrip(greyPixels(values), grid, 'grey8')
  // without the brackets of the list that the rows belong to
  return { bytes: new TextEncoder().encode(JSON.stringify(rows(values, grid)).slice(1, -1)) }
}

function rows(values: Float32Array | Float64Array, size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, j) => Array.from(values.subarray(j * size, (j + 1) * size)))
}

// memory of its own, because it is transferred to another thread
function json(document: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(document))
}

/** How many of a tile's samples escaped, are proven interior, or reached the limit. */
function tally(values: Float64Array): Omit<Counts, 'iterations' | 'steps'> {
  const counts = { escaped: 0, interior: 0, limited: 0 }
  for (const nu of values) {
    if (nu === INTERIOR) counts.interior++
    else if (nu === LIMIT) counts.limited++
    else counts.escaped++
  }
  return counts
}
