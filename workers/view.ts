// A view's smooth iteration counts, coloured and encoded where they lie: one buffer leaves the thread, none is copied.
import { BIAS, DENSITY, OFFSET } from '../src/colour.ts'
import { indexedPng } from '../src/encode.ts'
import { kernel } from '../src/kernel.ts'
import { ESCAPE_RADIUS } from '../src/limit.ts'
import type { TaskResult, ViewTask } from '../src/task.ts'
import { samples } from '../src/view.ts'
import { transferred } from './transfer.ts'

// kept from tile to tile, so that a tile allocates only what it sends away
let nu = new Float64Array(0)
let index = new Uint8Array(0)

export default function view({ view, maxIter, want, cancel }: ViewTask): TaskResult | null {
  const started = performance.now()
  const size = view.width * view.height
  if (nu.length !== size) {
    nu = new Float64Array(size)
    index = new Uint8Array(size)
  }
  const { re, im } = samples(view)
  const counts = kernel.tile(re, im, maxIter, ESCAPE_RADIUS, nu, cancel)
  if (!counts) return null
  const rendered = performance.now()
  if (want !== 'nu') kernel.index(nu, DENSITY, BIAS, OFFSET, index)
  const bytes =
    want === 'nu'
      ? new Uint8Array(nu.buffer.slice(0))
      : want === 'index'
        ? index.slice()
        : indexedPng(index, view.width, view.height)
  return transferred({ bytes, counts, render: rendered - started, encode: performance.now() - rendered })
}
