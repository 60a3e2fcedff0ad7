// A view's smooth iteration counts, coloured and encoded in this thread. One buffer leaves the
// thread, and none is copied.
//
// The kernel fills `nu`. Styles that need more than a count run an attribute pass over the samples
// that escaped, or that did not (distance, stripe average, cycle). The count, or the style's value
// in its place, becomes a palette index; a style with a shade, or several samples a pixel, becomes
// true colour. All appearances but the plain one are made from counts in single precision, fresh or
// cached, so that both give the same bytes.

import { type Appearance, gridSide, usesExactCounts, usesParts } from '../src/colour/appearance.ts'
import type { Phase } from '../src/colour/phase.ts'
import { ATTRIBUTE_PASS, type SampleAttributes, stylePhase } from '../src/colour/style.ts'
import { pngStrip } from '../src/formats/png/strips.ts'
import { type Counts, kernel, type PlaneSamples } from '../src/kernel/binding.ts'
import { reportExternalMemory } from '../src/kernel/externalmemory.ts'
import type { TaskResult, ViewOutput, ViewTask } from '../src/kernel/task.ts'
import { latticePlace } from '../src/plane/lattice.ts'
import { columnSpacing, ESCAPE_RADIUS } from '../src/plane/precision.ts'
import { sampleCoordinates } from '../src/plane/samples.ts'
import { type Pixels, refine } from './adaptive.ts'
import { contrasted } from './contrast.ts'
import { deepView, iterate } from './iterate.ts'
import { paletteIndices, shade, shade16 } from './shade.ts'
import { transferred } from './transfer.ts'
import { encodeTile } from './values.ts'

// reused from tile to tile, so that a tile allocates only what it sends. After a tile of more
// samples than this, whose memory the main thread reserves while it is rendered, they are
// discarded: collectors freed them so late that four threads held 1.4 GB of such tiles
const KEPT = 2 ** 18
let nu = new Float64Array(0)
let index = new Uint8Array(0)
let parts = new Int8Array(0)
let scratch = new Float64Array(0)
// large arrays made for the task, unless they are returned
const further: (Float32Array | Float64Array)[] = []

export default function view(task: ViewTask): TaskResult | null {
  try {
    return render(task)
  } finally {
    if (nu.buffer.byteLength > KEPT * nu.BYTES_PER_ELEMENT) discardAll()
  }
}

function discardAll(): void {
  for (const { buffer } of [nu, index, parts, scratch, ...further.splice(0)]) kernel.discard(new Uint8Array(buffer))
  nu = new Float64Array(0)
  index = new Uint8Array(0)
  parts = new Int8Array(0)
  scratch = new Float64Array(0)
}

function render(task: ViewTask): TaskResult | null {
  const started = performance.now()
  reportExternalMemory(task)
  if (task.appearance.aa === 'auto' && COLOURED.includes(task.output)) return adaptive(task, started)
  const { limit } = task
  const samples = sample(task)
  if (!samples) return null
  const rendered = performance.now()
  const { counts, field } = samples
  return transferred({
    counts,
    limit,
    samples: task.keepSamples ? { ...field, limit } : undefined,
    ...bytes(task, coloured(task, field), field),
    render: rendered - started,
    encode: performance.now() - rendered,
  })
}

const COLOURED: ViewOutput[] = ['png', 'rgb', 'index8', 'rgb8', 'rgb16']

/** Fills `nu`, and returns the attributes of these samples. Null if cancelled. */
function sample(task: ViewTask): { counts: Counts; field: SampleAttributes } | null {
  makeRoom(task.view.width * task.view.height)
  const counts = iterate(task, nu)(task.limit)
  const field = counts && attributesOf(task, task.limit)
  return field && { counts, field }
}

// makes the arrays as long as a view has samples; smaller ones lie in the same memory
function makeRoom(count: number): void {
  if (nu.length === count) return
  const room = nu.buffer.byteLength / Float64Array.BYTES_PER_ELEMENT >= count
  nu = room ? new Float64Array(nu.buffer, 0, count) : new Float64Array(count)
  index = room ? new Uint8Array(index.buffer, 0, count) : new Uint8Array(count)
  parts = room ? new Int8Array(parts.buffer, 0, count) : new Int8Array(count)
  scratch = room ? new Float64Array(scratch.buffer, 0, count) : new Float64Array(count)
}

/** What colours are made from: counts with the place's contrast, other attributes, the phase. */
interface Colours {
  phase: Phase
  shown: SampleAttributes
}

/** Fills `index` and `parts` from the samples, for outputs in colour. */
function coloured(task: ViewTask, field: SampleAttributes): Colours {
  const { appearance, zoom, output, view } = task
  const phase = stylePhase(appearance, zoom, appearance.density)
  if (!COLOURED.includes(output)) return { phase, shown: field }
  const { width, height } = view
  const place = latticePlace(view)
  const exact = usesExactCounts(appearance) ? { nu } : field
  const shown = { ...exact, nu: contrasted(task, exact.nu) }
  if (shown.nu !== exact.nu) made(shown.nu)
  paletteIndices(shown, phase, appearance, { width, height, place }, scratch, index, partsFor(output, appearance))
  return { phase, shown }
}

function partsFor(output: ViewOutput, appearance: Appearance): Int8Array | undefined {
  return output !== 'png' && output !== 'index8' && usesParts(appearance) ? parts : undefined
}

/** A view with further samples where they are visible. */
function adaptive(task: ViewTask, started: number): TaskResult | null {
  const { limit, output, view } = task
  const pixelBytes = output === 'rgb16' ? 6 : 3
  const render = (part: ViewTask): Pixels | null => {
    const samples = sample(part)
    if (!samples) return null
    const { counts, field } = samples
    return { counts, pixels: pixelsOf(part, coloured(part, field), field) }
  }
  const coarse = render({ ...task, appearance: { ...task.appearance, aa: 1 } })
  const near = coarse && nearSamples(task)
  const fine = near && refine(task, coarse, { index: index.slice(), near }, pixelBytes, render)
  if (!fine) return null
  const { pixels, counts } = fine
  const rendered = performance.now()
  const encoded = output === 'rgb8' || output === 'rgb16' ? pngStrip(pixels, view.width, output) : { bytes: pixels }
  return transferred({ counts, limit, ...encoded, render: rendered - started, encode: performance.now() - rendered })
}

/** Marks the samples in `nu` whose distance to the set is less than a pixel. Null if cancelled. */
function nearSamples(task: ViewTask): Uint8Array | null {
  const near = new Uint8Array(nu.length)
  if (task.interior) return near
  const distance = new Float32Array(2 * nu.length)
  if (!PASSES.distance(task, task.limit, distance)) return null
  // distances are in the map's pixels
  const pixel = 1 / task.perPixel
  for (let at = 0; at < near.length; at++) {
    const [right, up] = [distance[2 * at]!, distance[2 * at + 1]!]
    if (nu[at]! >= 0 && right * right + up * up < pixel * pixel) near[at] = 1
  }
  return near
}

/** Pixels of true colour: three numbers each, of 8 or 16 bits. */
function pixelsOf({ output, view, appearance }: ViewTask, { phase, shown }: Colours, field: SampleAttributes) {
  const side = gridSide(appearance)
  const [width, height] = [view.width / side, view.height / side]
  if (output !== 'rgb16') return shade(field, index, 'rgb', partsFor(output, appearance), appearance, width, height)
  return shade16(shown, index, phase, appearance, width, height, scratch)
}

/** The output, and the checksum of a strip of a PNG. */
function bytes(task: ViewTask, colours: Colours, field: SampleAttributes): Pick<TaskResult, 'bytes' | 'sum'> {
  const { output, view, appearance, tile, limit } = task
  const side = gridSide(appearance)
  const [width, height] = [view.width / side, view.height / side]
  switch (output) {
    case 'png':
    case 'rgb':
      return { bytes: shade(field, index, output, partsFor(output, appearance), appearance, width, height) }
    case 'json':
    case 'npy':
      return { bytes: encodeTile(tile!, output, nu, limit) }
    case 'index8':
      return pngStrip(index, width, output)
    case 'rgb8':
    case 'rgb16':
      return pngStrip(pixelsOf(task, colours, field), width, output)
    case 'float64':
      return { bytes: new Uint8Array(nu.slice().buffer) }
    case 'float32':
      return { bytes: new Uint8Array(new Float32Array(nu).buffer) }
  }
}

/**
 * The samples' attributes that the appearance needs: the counts, in single precision unless it is
 * the plain one, and those of its attribute pass. Null if cancelled.
 */
function attributesOf(task: ViewTask, limit: number): SampleAttributes | null {
  const { appearance, keepSamples: keep } = task
  if (!keep && usesExactCounts(appearance)) return { nu }
  const field = { nu: floats(nu.length, keep) } as SampleAttributes & { nu: Float32Array }
  kernel.toFloat(nu, field.nu)
  const pass = ATTRIBUTE_PASS[appearance.style]
  if (!pass) return field
  const out = floats(pass === 'stripe' ? nu.length : 2 * nu.length, keep)
  field[pass] = out
  // no sample escaped, so a pass has nothing to do
  if (task.interior && pass !== 'cycle') return field
  return PASSES[pass](task, limit, out) ? field : null
}

// samples that are cached will be read by other threads
function floats(count: number, shared: boolean): Float32Array {
  if (shared) return new Float32Array(new SharedArrayBuffer(4 * count))
  return made(new Float32Array(count))
}

function made<T extends Float32Array | Float64Array>(array: T): T {
  if (array.length > KEPT) further.push(array)
  return array
}

/**
 * The attribute passes. Each uses the arithmetic of the counts, which it reads; false if cancelled.
 */
const PASSES = {
  distance(task: ViewTask, maxIter: number, out: Float32Array): boolean {
    const { view, perPixel, reference, cancel } = task
    if (!reference) return kernel.distance(planeSamples(task, maxIter), perPixel * columnSpacing(view), nu, out, cancel)
    const deep = deepView(reference, view)
    const { re, im } = deep.columnStep
    const spacing = im === 0 ? re : Math.sqrt(re * re + im * im)
    return kernel.deepDistance({ ...deep, maxIter }, perPixel * spacing, nu, out, cancel)
  },
  stripe(task: ViewTask, maxIter: number, out: Float32Array): boolean {
    const { view, reference, cancel } = task
    if (!reference) return kernel.stripe(planeSamples(task, maxIter), nu, out, cancel)
    return kernel.deepStripe({ ...deepView(reference, view), maxIter }, nu, out, cancel)
  },
  cycle(task: ViewTask, maxIter: number, out: Float32Array): boolean {
    const { view, reference, cancel } = task
    if (!reference) return kernel.cycle(planeSamples(task, maxIter), nu, out, cancel)
    return kernel.deepCycle({ ...deepView(reference, view), maxIter }, nu, out, cancel)
  },
}

function planeSamples({ view, julia }: ViewTask, maxIter: number): PlaneSamples {
  const { re, im, points } = sampleCoordinates(view)
  return { re, im, width: points ? view.width : undefined, julia, maxIter, escapeRadius: ESCAPE_RADIUS }
}
