// A view's smooth iteration counts, coloured and encoded where they lie: one buffer leaves the thread, none is copied.
import { indexedPng } from '../src/encode.ts'
import { type Counts, kernel } from '../src/kernel.ts'
import { ESCAPE_RADIUS, GROWTH, type LimitRange, PERIODS } from '../src/limit.ts'
import { offsetFrom } from '../src/neighbourhood.ts'
import { encodeTile } from '../src/numbers.ts'
import { paint } from '../src/paint.ts'
import type { KeptCounts, TaskResult, ViewTask } from '../src/task.ts'
import { samples } from '../src/view.ts'
import { transferred } from './transfer.ts'

// kept from tile to tile, so that a tile allocates only what it sends away
let nu = new Float64Array(0)
let index = new Uint8Array(0)

export default function view(task: ViewTask): TaskResult | null {
  const started = performance.now()
  const { width, height } = task.view
  if (nu.length !== width * height) {
    nu = new Float64Array(width * height)
    index = new Uint8Array(width * height)
  }
  const done = count(task)
  if (!done) return null
  const rendered = performance.now()
  // a density of one's own colours counts in single precision, as those that are kept are
  const rounded = task.look.density !== 1
  const kept = task.keep || rounded ? singles(done.limit) : undefined
  if (kept && rounded) nu.set(kept.nu)
  const { density, bias, offset } = task.phase
  if (COLOURED.includes(task.want)) kernel.index(nu, density, bias, offset, index)
  return transferred({
    ...done,
    kept,
    bytes: BYTES[task.want](task, done.limit),
    render: rendered - started,
    encode: performance.now() - rendered,
  })
}

const COLOURED: ViewTask['want'][] = ['index', 'png', 'rgb']

const BYTES: Record<ViewTask['want'], (task: ViewTask, limit: number) => Uint8Array<ArrayBuffer>> = {
  nu: () => new Uint8Array(nu.buffer.slice(0)),
  index: () => index.slice(),
  png: ({ view }) => indexedPng(index, view.width, view.height),
  json: ({ tile }, limit) => encodeTile(tile!, 'json', nu, limit),
  npy: ({ tile }, limit) => encodeTile(tile!, 'npy', nu, limit),
  rgb: ({ view, look }) => paint(index, view.width / look.aa, view.height / look.aa, look),
}

function singles(limit: number): KeptCounts {
  const kept = { nu: new Float32Array(new SharedArrayBuffer(4 * nu.length)), limit }
  kept.nu.set(nu)
  return kept
}

/** Fills nu, with the limit raised as long as that shows more of the place. */
function count(task: ViewTask): { counts: Counts; limit: number } | null {
  const run = iterate(task)
  const { from, to } = limits(task)
  const seen = GROWTH.share * nu.length
  for (let limit = from, before = Number.NEGATIVE_INFINITY; ; limit = Math.min(GROWTH.factor * limit, to)) {
    const counts = run(limit)
    if (!counts) return null
    if (limit >= to || counts.limited < seen || counts.escaped - before < seen) return { counts, limit }
    before = counts.escaped
  }
}

/** The range of limits, as the view's reference has it: what it can serve, and what the place is sure to need. */
function limits({ limit: { from, to }, reference }: ViewTask): LimitRange {
  if (!reference || from === to) return { from, to }
  const longest = reference.period > 0 || reference.escaped ? to : Math.min(to, reference.length)
  return { from: Math.min(Math.max(from, PERIODS * reference.period), longest), to: longest }
}

/** The kernel for this view: directly in doubles, or by the reference where they do not resolve it. */
function iterate({ view, julia, reference, cancel }: ViewTask): (limit: number) => Counts | null {
  if (julia) {
    const { re, im } = samples(view)
    return (limit) => kernel.julia(julia.re, julia.im, re, im, limit, ESCAPE_RADIUS, nu, cancel)
  }
  if (!reference) {
    const { re, im } = samples(view)
    return (limit) => kernel.tile(re, im, limit, ESCAPE_RADIUS, nu, cancel)
  }
  const { re, im, stepRe, stepIm, exponent } = offsetFrom(reference.point, view)
  const deep = [reference.reference, re, im, stepRe, stepIm, exponent, view.width, view.height] as const
  return (limit) => kernel.deep(...deep, limit, ESCAPE_RADIUS, nu, false, cancel)
}
