// Antialiasing where it shows: `aa=auto`.
//
// A picture is rendered with one sample a pixel. Neighbours whose colours visibly differ show
// detail finer than a pixel. So does a distance to the set of less than a pixel, where neighbours
// happen to have like colours. Only the blocks with such samples are rendered again with
// AUTO_SIDE · AUTO_SIDE samples a pixel. Both the samples and the choice of blocks follow from the
// view alone, so every machine gives the same bytes.
//
// Gaps in the set that lie between samples of the set are missed: in eight views they were up to 7
// pixels of 120,000. No other pixel was more than 3 levels off.
import { AUTO_SIDE } from '../src/colour/appearance.ts'
import { INTERIOR_INDEX } from '../src/colour/palette.ts'
import { PALETTE_STEPS } from '../src/colour/phase.ts'
import type { Counts } from '../src/kernel/binding.ts'
import type { ViewTask } from '../src/kernel/task.ts'
import { columns, rows, supersampled } from '../src/plane/view.ts'

/** Pixels of a view: `bytes` bytes each, rows from the top. */
export interface Pixels {
  pixels: Uint8Array<ArrayBuffer>
  counts: Counts
}

// Neighbours further apart than this, in steps of the palette, are refined. 4 of 255 steps are at
// most some 20 levels in the steepest palette.
const SMOOTH = 4

// a block's side in pixels: smaller ones leave the kernel's lanes empty
const BLOCK = 8

/** What the first samples show: a palette index each; 1 where the set is closer than a pixel. */
export interface CoarseSamples {
  index: Uint8Array
  near: Uint8Array
}

/**
 * Refines a view that was rendered with one sample a pixel. `render` renders a part of the view.
 * Null if that is cancelled.
 */
export function refine(
  task: ViewTask,
  coarse: Pixels,
  samples: CoarseSamples,
  bytes: number,
  render: (part: ViewTask) => Pixels | null,
): Pixels | null {
  const { view, appearance, perPixel } = task
  const { width, height } = view
  const { pixels, counts } = coarse
  for (const { left, top, across, down } of blocksToRefine(samples, width, height)) {
    const part = supersampled(columns(rows(view, top, down), left, across), AUTO_SIDE)
    const finer = { ...appearance, aa: AUTO_SIDE }
    const fine = render({ ...task, view: part, perPixel: perPixel * AUTO_SIDE, appearance: finer })
    if (!fine) return null
    for (let row = 0; row < down; row++) {
      const from = fine.pixels.subarray(bytes * row * across, bytes * (row + 1) * across)
      pixels.set(from, bytes * ((top + row) * width + left))
    }
    for (const name of Object.keys(counts) as (keyof Counts)[]) counts[name] += fine.counts[name]
  }
  return { pixels, counts }
}

interface Block {
  left: number
  top: number
  across: number
  down: number
}

/**
 * The blocks with detail; adjacent ones are merged, so that the kernel gets more samples at a time.
 */
function* blocksToRefine({ index, near }: CoarseSamples, width: number, height: number): Generator<Block> {
  for (let top = 0; top < height; top += BLOCK) {
    const down = Math.min(BLOCK, height - top)
    let open: Block | undefined
    for (let left = 0; left < width; left += BLOCK) {
      const across = Math.min(BLOCK, width - left)
      const block = { left, top, across, down }
      if (hasNear(near, width, block) || hasDetail(index, width, height, block)) {
        open ??= { left, top, across: 0, down }
        open.across += across
      } else if (open) {
        yield open
        open = undefined
      }
    }
    if (open) yield open
  }
}

function hasNear(near: Uint8Array, width: number, { left, top, across, down }: Block): boolean {
  for (let y = top; y < top + down; y++)
    if (near.subarray(y * width + left, y * width + left + across).includes(1)) return true
  return false
}

// compares every pixel of the block with those on the right and below, and the border also with
// those on the left and above
function hasDetail(index: Uint8Array, width: number, height: number, { left, top, across, down }: Block): boolean {
  const [right, bottom] = [Math.min(left + across, width - 1), Math.min(top + down, height - 1)]
  for (let y = Math.max(0, top - 1); y <= bottom; y++) {
    for (let x = Math.max(0, left - 1); x <= right; x++) {
      const here = index[y * width + x]!
      if (x < right && differ(here, index[y * width + x + 1]!)) return true
      if (y < bottom && differ(here, index[(y + 1) * width + x]!)) return true
    }
  }
  return false
}

// the steps form a cycle; the set itself is not one of them
function differ(a: number, b: number): boolean {
  if (a === b) return false
  if (a === INTERIOR_INDEX || b === INTERIOR_INDEX) return true
  const apart = Math.abs(a - b)
  return Math.min(apart, PALETTE_STEPS - apart) > SMOOTH
}
