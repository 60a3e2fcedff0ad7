import { DECIMAL_FORM, parseDecimal, toFixed } from './decimal.ts'
import { Failure, mustBe } from './errors.ts'
import type { GridRequest } from './request.ts'
import { DOUBLE_SPACING } from './view.ts'

/** The corners as the doubles nearest to them: what the original's Python gets from its own literals. */
export function gridSpan({ x0, y0, x1, y1 }: GridRequest): { x0: number; y0: number; x1: number; y1: number } {
  return { x0: Number(x0), y0: Number(y0), x1: Number(x1), y1: Number(y1) }
}

/**
 * The arithmetic that `auto` means for a grid: float64 where doubles tell its samples apart.
 * @throws Failure `invalid` where they do not.
 */
export function autoPrecision({ x0, y0, x1, y1, grid }: Omit<GridRequest, 'precision'>): 'float64' {
  for (const [name, from, to] of [
    ['x1', x0, x1],
    ['y1', y0, y1],
  ] as const) {
    // the exact difference in units of 2^-BITS, and the step it leaves between samples
    const width = fixed(to) - fixed(from)
    const step = Number(width < 0n ? -width : width) / 2 ** BITS / grid
    if (width !== 0n && step < 2 ** DOUBLE_SPACING) {
      throw new Failure('invalid', mustBe(name, `at least grid x 2^${DOUBLE_SPACING} from ${name[0]}0`, to))
    }
  }
  return 'float64'
}

const BITS = 200

function fixed(text: string): bigint {
  const decimal = parseDecimal(text)
  if (!decimal) throw new Failure('invalid', mustBe('a coordinate', DECIMAL_FORM, text))
  return toFixed(decimal, BITS)
}
