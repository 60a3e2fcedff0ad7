// The original's grid: mandelbrot() in single precision, or its twin in double.
import { kernel } from '../src/kernel.ts'
import type { GridTask, TaskResult } from '../src/task.ts'
import { transferred } from './transfer.ts'

export default function grid({ x0, y0, x1, y1, grid, maxIter, precision, cancel }: GridTask): TaskResult | null {
  const started = performance.now()
  const values = precision === 'float32' ? new Float32Array(grid * grid) : new Float64Array(grid * grid)
  const finished =
    values instanceof Float32Array
      ? kernel.grid32(x0, y0, x1, y1, grid, maxIter, values, cancel)
      : kernel.grid64(x0, y0, x1, y1, grid, maxIter, values, cancel)
  if (!finished) return null
  const bytes = new Uint8Array(values.buffer)
  return transferred({ bytes, counts: undefined, render: performance.now() - started, encode: 0, limit: maxIter })
}
