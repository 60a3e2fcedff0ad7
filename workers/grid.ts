// The original's grid: mandelbrot() in single or double precision, or by perturbation.
import { kernel } from '../src/kernel/binding.ts'
import { reportExternalMemory } from '../src/kernel/externalmemory.ts'
import type { GridTask, TaskResult } from '../src/kernel/task.ts'
import { rows as rowsOf, type View } from '../src/plane/view.ts'
import { deepView } from './iterate.ts'
import { transferred } from './transfer.ts'
import { encodeGrid, encodeGridRows } from './values.ts'

export default function grid(task: GridTask): TaskResult | null {
  const started = performance.now()
  const { request, format, rows } = reportExternalMemory(task)
  const { grid, maxIter, precision } = request
  const { first, count } = rows === 'all' ? { first: 0, count: grid } : rows
  const values = precision === 'float32' ? new Float32Array(count * grid) : new Float64Array(count * grid)
  if (!fill(task, first, count, values)) return null
  const rendered = performance.now()
  const encoded = rows === 'all' ? { bytes: encodeGrid(request, format, values) } : encodeGridRows(grid, format, values)
  return transferred({
    ...encoded,
    counts: undefined,
    render: rendered - started,
    encode: performance.now() - rendered,
    limit: maxIter,
  })
}

function fill(task: GridTask, first: number, count: number, values: Float32Array | Float64Array): boolean {
  const { request, reference, cancel } = task
  const { grid, maxIter } = request
  // nothing escapes: all samples are 0, as they were allocated
  if ('interior' in task) return true
  if (values instanceof Float32Array || !reference) {
    const { x0, y0, x1, y1 } = (task as Extract<GridTask, { span: unknown }>).span
    return values instanceof Float32Array
      ? kernel.grid32(x0, y0, x1, y1, grid, maxIter, values, cancel, first, count)
      : kernel.grid64(x0, y0, x1, y1, grid, maxIter, values, cancel, first, count)
  }
  const view = rowsOf(task.view, first, count)
  const deep = { ...deepView(reference, view), maxIter, escapeRadius: 2, integerCounts: true }
  if (!kernel.deep(deep, values, cancel)) return false
  const outside = beyondTwo(view)
  // the kernel counts z_1 = c as iteration 1, the original as 0; a sample that did not escape is 0
  values.forEach((n, at) => {
    values[at] = outside(at) ? 1 : n < 0 ? 0 : 1 - (n - 1) / maxIter
  })
  return true
}

/**
 * Which samples have |c| > 2, so that they escape at once. Whole numbers decide it, because near -2
 * a double cannot. It matters only there: a bounded orbit touches the circle |z| = 2 only for c =
 * -2, so elsewhere an iterate that comes near the circle escapes anyway.
 */
function beyondTwo({
  re,
  im,
  columnStep: { re: stepRe },
  rowStep: { im: stepIm },
  bits,
  width,
  height,
}: View): (at: number) => boolean {
  const four = 4n << BigInt(2 * bits)
  const beyond = (i: number, j: number) => {
    const [x, y] = [re + BigInt(i) * stepRe, im + BigInt(j) * stepIm]
    return x * x + y * y > four
  }
  // a disc is convex: if the corners lie in it, every sample does
  const inside = [0, width - 1].every((i) => [0, height - 1].every((j) => !beyond(i, j)))
  return inside ? () => false : (at) => beyond(at % width, Math.floor(at / width))
}
