// Iteration limits in files.
import type { Options } from '../../core/options.ts'

/**
 * A file's iteration limit, or the highest allowed one, with a line on standard error: people write
 * 2147483646 for "many".
 */
export function withinLimit(maxIter: number, file: string, limits: Pick<Options, 'max-iterations'>): number {
  const highest = limits['max-iterations']
  if (maxIter <= highest) return maxIter
  console.error(`mandeltiles: ${file} requests ${maxIter} iterations; the limit is ${highest} (--max-iterations)`)
  return highest
}
